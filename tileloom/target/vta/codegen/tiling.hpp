#pragma once
// How a nest is cut into tiles that fit the scratchpads.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/target/vta/codegen/layout.hpp"
#include "tileloom/target/vta/codegen/nest.hpp"

namespace tileloom::target::vta {

struct Tiling {
  std::vector<std::int64_t> tile;  ///< trips per tile and loop; the last tile may be smaller
  /// Loops over tiles, outermost first: a permutation of all loops, reductions innermost.
  std::vector<std::size_t> order;
  /// Tiles of each operand, by Part, that are in the scratchpad at once: 1 = no overlap of moving
  /// and computing, 2 = double buffering, more = tiles are kept for later.
  std::array<std::int64_t, kParts> slots{1, 1, 1};
  /// The same of a tensor that is added to the result, in layers of networks.
  std::int64_t other_slots = 0;
  /// Load inputs and weights anew for every tile, even if they are still there. The fixed strategy
  /// does; there is no other reason to.
  bool reload = false;
  /// A loop over tiles whose end is reached is walked in the other direction the next time, so that
  /// what it ended with is still there.
  bool back_and_forth = false;
  /// All zeros around the image lie in DRAM, so that one load takes several planes of it; otherwise
  /// loads make those that they can.
  bool store_padding = false;
  /// Steps that multiply padding are left out (useful_steps.hpp). The fixed strategy has them.
  bool skip_padding = true;
  /// The first and the last step of the program are cut into so many pieces (split_ends.hpp).
  std::int64_t pieces = 1;
  /// Trips of the first tile of each loop, at most `tile`: a small one, so that computing begins
  /// early. Empty: as the others.
  std::vector<std::int64_t> first;
  bool operator==(const Tiling&) const = default;
};

/// Trips of the first tile along a loop.
std::int64_t first_size(const Nest& nest, const Tiling& tiling, std::size_t loop);

/// Tiles along a loop.
std::int64_t tiles(const Nest& nest, const Tiling& tiling, std::size_t loop);

/// The box sizes of a whole tile of one operand, per packed axis.
std::vector<std::int64_t> box_size(const PackedOperand& operand, const Nest& nest,
                                   const Tiling& tiling);

/// Entries that one tile of the operand takes.
std::int64_t tile_blocks(const PackedOperand& operand, const Tiling& tiling);

/// The axes of the operand whose zeros loads make for every tile, if they are to.
std::vector<std::size_t> paddable_axes(const PackedOperand& operand, const Nest& nest,
                                       const Tiling& tiling);

/// Where the operand lies in DRAM for this tiling.
StoredOperand stored_for(const PackedOperand& operand, const Nest& nest, const Tiling& tiling);

/// Steps between two additions to one accumulator from which on every published core is right.
inline constexpr std::int64_t kFarEnough = 4;

/// Which loops of a tile are the two hardware loops; the others become micro-ops in the order of
/// `unrolled`, outermost first. Loops of one trip per tile are in neither.
struct LoopSplit {
  std::optional<std::size_t> outer;
  std::optional<std::size_t> inner;
  std::vector<std::size_t> unrolled;
  std::int64_t micro_ops = 1;
  /// Fewest steps after which the same accumulator is added to again, at most kFarEnough.
  std::int64_t reuse_distance = kFarEnough;
};

/// The split of a tile with `size` trips per loop that takes the fewest micro-ops; of those with at
/// most twice as many, and no more than `most`, the one with the largest reuse distance.
LoopSplit split_loops(const Nest& nest, const std::vector<std::int64_t>& size, std::int64_t most);

}  // namespace tileloom::target::vta
