#pragma once
// Rules 4 and 5 of docs/cost_model.md 1.6 for a complete spatial choice.

#include <cstdint>
#include <span>

#include "tileloom/mapper/exact/product/placement.hpp"
#include "tileloom/mapper/exact/product/skeleton.hpp"

namespace tileloom::mapper::product {

/// True if the memory lies inside open axis `a` and is shared along it.
bool shares(const Terrain& terrain, MemoryId memory, std::size_t a);

/// What the rules ask of the spatial loops alone. `choices`: by group.
bool legal_spread(const Terrain& terrain, const Placement& placement,
                  std::span<const SpatialChoice* const> choices);

/// Bit b: block b must have no temporal loop, for it would stand between a spatial loop and a Store
/// in a memory shared along its axis.
std::uint32_t empty_blocks(const Terrain& terrain, const Skeleton& skeleton,
                           std::span<const SpatialChoice* const> choices);

/// Bit b: a loop cannot always sink from block b below the Store that follows (R2): spatial loops
/// over a rank of a general axis, or shared by a Store, end the block, or the next one is empty.
std::uint32_t crossed_blocks(const Terrain& terrain, const Skeleton& skeleton,
                             std::span<const SpatialChoice* const> choices, std::uint32_t empty);

}  // namespace tileloom::mapper::product
