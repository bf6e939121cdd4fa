#pragma once
// Where an embedding's operands lie in memory: blocks of one instruction operand each, addressed by
// the outer loops.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/embedding/embedding.hpp"

namespace tileloom {

/// One trip of loop `loop` moves `step` blocks along a packed axis.
struct PackedTerm {
  std::size_t loop = 0;  ///< index into the outer loops
  std::int64_t step = 1;
  bool operator==(const PackedTerm&) const = default;
};

/// One axis of the array of blocks: coordinate = Σ step · trip, 0 ≤ coordinate < extent.
/// Either the trips of one loop, or an axis of the tensor that several loops share (the row
/// stride·p + r of a window, which is stored once for all of them): then coordinate c stands for
/// the index offset + unit · c of that axis.
struct PackedAxis {
  std::vector<PackedTerm> terms;
  std::int64_t extent = 1;
  /// Blocks at coordinates < zero_before or ≥ extent − zero_after hold padding only: they need not
  /// be stored where loading can write zeros.
  std::int64_t zero_before = 0;
  std::int64_t zero_after = 0;
  std::optional<std::size_t> shared_axis;  ///< the operand's axis, if several loops share it
  std::int64_t unit = 1;                   ///< of a shared axis
  bool operator==(const PackedAxis&) const = default;
};

/// An operand of the instruction.
enum class Part : std::uint8_t { data, weights, result };
inline constexpr std::size_t kParts = 3;
std::string to_string(Part part);

const InstructionOperand& instruction_operand(const Instruction& instruction, Part part);
/// The operator's operand that plays it.
const Operand& tensor_operand(const Operator& op, const Embedding& embedding, Part part);

/// The array of blocks of one operand: axes row-major, in the order of the tensor's axes, then the
/// lanes of a block, row-major.
struct PackedOperand {
  Part part = Part::data;
  std::vector<PackedAxis> axes;
  std::vector<LaneDimId> dims;      ///< of a block
  std::vector<std::int64_t> lanes;  ///< extents of `dims`
  bool operator==(const PackedOperand&) const = default;
};

/// All three operands, by Part. An axis of the result is shared if its elements overlap, so that
/// each is accumulated in one place. An axis of an input is shared if that takes fewer blocks than
/// one per combination of trips, unless a padded rank in it would then meet no zero: some other
/// operand must hold that rank in an axis of its own.
std::vector<PackedOperand> packed_operands(const Operator& op, const Instruction& instruction,
                                           const Embedding& embedding,
                                           std::span<const OuterLoop> loops);

std::int64_t blocks(const PackedOperand& packed);
/// Blocks that hold an element at all: Π (extent − zero_before − zero_after).
std::int64_t stored_blocks(const PackedOperand& packed);
std::int64_t block_elements(const PackedOperand& packed);

/// Blocks that one trip of each outer loop moves on; the step with trips t uses the block
/// Σ_l loop_strides[l] · t[l].
std::vector<std::int64_t> loop_strides(const PackedOperand& packed, std::size_t loops);

/// True if some rank's last trip covers values beyond its extent.
bool is_padded(const OuterLoop& loop);

}  // namespace tileloom
