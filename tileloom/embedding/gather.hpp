#pragma once
// Which element of the tensor a lane of a packed block holds: what a host packs and unpacks by.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/embedding/packing.hpp"

namespace tileloom {

///     packed[b · block_elements + i] = tensor[element(b, i)], or 0 where it is absent
///     result: tensor[element(b, i)] += packed[b · block_elements + i]; absent ones are cropped
class Gather {
 public:
  Gather(const Operator& op, const Embedding& embedding, std::span<const OuterLoop> loops,
         PackedOperand packed);

  /// Index of the element in the operand's row-major view.
  /// @param block 0 ≤ block < blocks(packed)   @param lane 0 ≤ lane < block_elements(packed)
  std::optional<std::int64_t> element(std::int64_t block, std::int64_t lane) const;

  /// Axes of a tensor, and of what it is packed to.
  static constexpr std::size_t kMost = 16;
  /// What all lanes of a block have in common.
  struct Block {
    std::array<std::int64_t, kMost> coordinate{};  ///< per packed axis
    std::array<std::int64_t, kMost> first{};  ///< per axis of the tensor, without the lane's part
  };
  Block block_at(std::int64_t block) const;
  /// @param coordinate  of the block, per packed axis
  Block block_at(std::span<const std::int64_t> coordinate) const;
  std::optional<std::int64_t> element(const Block& block, std::int64_t lane) const;

  /// Of a block with an element in every lane that is not idle, the same elements as in every other
  /// such block but for a constant: element = regular_start + lane_offsets()[lane]. Nothing if a lane
  /// is absent, or of an operand whose indices are fused.
  std::optional<std::int64_t> regular_start(const Block& block) const;
  /// By lane; nothing in idle ones.
  const std::vector<std::optional<std::int64_t>>& lane_offsets() const { return lane_offsets_; }

  const PackedOperand& packed() const { return packed_; }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  /// A rank of the operand: value = tile · (coordinate of its packed axis) + the lane's digit, or a
  /// digit of the fused index.
  struct RankPart {
    std::size_t axis = 0;  ///< of the tensor
    std::int64_t coefficient = 1;
    std::int64_t extent = 1;
    std::size_t packed_axis = kNone;  ///< kNone: the tensor's axis is shared
    std::int64_t tile = 1;
    std::size_t fused = kNone;  ///< index into fused_
    std::int64_t place = 1;     ///< P_d of a fused digit
  };
  struct FusedPart {
    std::size_t packed_axis = 0;
    std::int64_t tile = 1;    ///< E
    std::int64_t extent = 1;  ///< of the product
    std::size_t dim = 0;      ///< position in packed_.dims
  };

  void add_rank(const Term& term, std::size_t axis, std::span<const OuterLoop> loops,
                const Embedding& embedding);
  void tabulate_lanes(const Embedding& embedding, const std::vector<RankId>& ranks);
  void tabulate_reach();

  PackedOperand packed_;
  std::vector<Axis> axes_;
  std::vector<RankPart> ranks_;
  std::vector<FusedPart> fused_;
  std::vector<std::int64_t> digit_;       ///< [lane][rank part]
  std::vector<std::int64_t> fused_lane_;  ///< [lane][fused part]
  std::vector<bool> idle_;                ///< [lane]
  std::vector<std::int64_t> last_digit_;  ///< [rank part], of all busy lanes
  /// What busy lanes add to the index of an axis, at least and at most, by axis of the tensor.
  std::vector<std::int64_t> least_;
  std::vector<std::int64_t> most_;
  std::vector<std::optional<std::int64_t>> lane_offsets_;
};

/// The operand packed; `values` is the tensor, row-major in the operand's view.
template <class Packed, class Value>
std::vector<Packed> pack(const Gather& gather, std::span<const Value> values) {
  const std::int64_t count = blocks(gather.packed());
  const std::int64_t size = block_elements(gather.packed());
  std::vector<Packed> packed(static_cast<std::size_t>(count * size), Packed{});
  for (std::int64_t block = 0; block < count; ++block) {
    const Gather::Block place = gather.block_at(block);
    for (std::int64_t lane = 0; lane < size; ++lane) {
      if (const auto element = gather.element(place, lane)) {
        packed[static_cast<std::size_t>(block * size + lane)] =
            static_cast<Packed>(values[static_cast<std::size_t>(*element)]);
      }
    }
  }
  return packed;
}

/// Adds the packed result into `values`; start from zeros (or from what is to be accumulated).
template <class Packed, class Value>
void unpack(const Gather& gather, std::span<const Packed> packed, std::span<Value> values) {
  const std::int64_t count = blocks(gather.packed());
  const std::int64_t size = block_elements(gather.packed());
  for (std::int64_t block = 0; block < count; ++block) {
    const Gather::Block place = gather.block_at(block);
    for (std::int64_t lane = 0; lane < size; ++lane) {
      if (const auto element = gather.element(place, lane)) {
        values[static_cast<std::size_t>(*element)] +=
            static_cast<Value>(packed[static_cast<std::size_t>(block * size + lane)]);
      }
    }
  }
}

}  // namespace tileloom
