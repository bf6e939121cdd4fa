#pragma once
// Factors that do not divide the extents. docs/exact_mapper.md, section 6.

#include <optional>

#include "tileloom/mapper/exact/product/terrain.hpp"
#include "tileloom/mapper/mapper.hpp"
#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper {

/// `terrain`: `survey` of the space.
/// The best mapping with perfect factors (half of the budget), a descent from it to imperfect ones,
/// the floor of all imperfect ones, and branch and bound over the level-structured ones: the best,
/// proved, or with a bound that holds in both spaces.
MapResult map_imperfect(const Problem& problem, const MapSpace& space,
                        const std::optional<product::Terrain>& terrain, const Budget& budget,
                        const OnProgress& on_progress);

}  // namespace tileloom::mapper
