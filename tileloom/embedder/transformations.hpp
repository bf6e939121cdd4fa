#pragma once
// What an embedding does to program and data, as data: the list a code generator or a reader
// follows.

#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "tileloom/embedding/packing.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::embedder {

/// Input 0 of the operator is the instruction's weights, input 1 its data.
struct SwapRoles {
  bool operator==(const SwapRoles&) const = default;
};
/// A loop over the rank is split: `lanes` values run in the lanes of `dim`, trips outside.
struct Tile {
  RankId rank{};
  std::int64_t lanes = 1;
  LaneDimId dim{};
  bool operator==(const Tile&) const = default;
};
/// The loop's values are padded from `from` to `to`: zeros in the inputs, cropped results.
struct Pad {
  std::vector<RankId> ranks;
  std::int64_t from = 1;
  std::int64_t to = 1;
  bool operator==(const Pad&) const = default;
};
/// The ranks become one loop, the last one innermost.
struct Fuse {
  std::vector<RankId> ranks;
  LaneDimId dim{};
  bool operator==(const Fuse&) const = default;
};
/// Lanes of `dim` beyond `used` compute nothing.
struct Idle {
  LaneDimId dim{};
  std::int64_t used = 1;
  bool operator==(const Idle&) const = default;
};
/// The operand is laid out in blocks of lanes. `copies`: elements stand in several places (im2col).
struct Pack {
  Part part = Part::data;
  std::vector<std::int64_t> blocks;  ///< extents of the array of blocks
  std::vector<std::int64_t> lanes;   ///< of a block
  bool copies = false;
  bool operator==(const Pack&) const = default;
};
/// An axis of the tensor is kept as it is though several loops move along it: a window is
/// addressed, not copied.
struct KeepAxis {
  Part part = Part::data;
  std::size_t axis = 0;
  std::int64_t unit = 1;
  bool operator==(const KeepAxis&) const = default;
};

using Transformation = std::variant<SwapRoles, Tile, Pad, Fuse, Idle, Pack, KeepAxis>;

/// In the order in which they are applied.
std::vector<Transformation> transformations(const Operator& op, const Instruction& instruction,
                                            const Embedding& embedding);

/// One sentence per transformation.
std::string to_text(const Operator& op, const Instruction& instruction, const Embedding& embedding,
                    const Transformation& transformation);

/// The loops around the instruction and those in its lanes (spatial where `axes` names an axis of
/// the machine for the lane dimension), ending in the point. A fused product has no loop in the
/// tree's language, which iterates single ranks: then the reason.
tl::expected<LoopTree, std::string> loop_tree(const Operator& op, OperatorId id,
                                              const Instruction& instruction,
                                              const Embedding& embedding,
                                              const std::vector<std::optional<AxisId>>& axes);

}  // namespace tileloom::embedder
