#pragma once
// The order of Stores and spatial axes along a path, before any loop is placed.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/mapper/exact/product/terrain.hpp"

namespace tileloom::mapper::product {

/// A Store below the homes. Block b of a skeleton, where temporal loops may stand, lies directly
/// above its store b; a last block lies above the lanes.
struct PlacedStore {
  std::size_t operand = 0;
  MemoryId memory{};
  std::optional<std::size_t> parent;  ///< its index in Skeleton::stores; absent: the home
};

struct Skeleton {
  std::vector<PlacedStore> stores;          ///< in path order, without the homes
  std::vector<std::size_t> block_of_axis;   ///< by open axis: its loops end this block
  /// By rank: bit b: the rank may have a loop in block b, if no spatial loop over a rank of a
  /// general axis ends the block, or if one does.
  std::vector<std::uint32_t> may_hold, may_hold_crossed;

  std::size_t blocks() const { return stores.size() + 1; }
  std::uint32_t holds(std::size_t rank, std::uint32_t crossed) const {
    return (may_hold[rank] & ~crossed) | (may_hold_crossed[rank] & crossed);
  }
};

/// Every order of the Stores of a placement that the axes and the memories of each tensor allow.
std::vector<Skeleton> skeletons(const Terrain& terrain, const std::vector<std::uint32_t>& keeps);

}  // namespace tileloom::mapper::product
