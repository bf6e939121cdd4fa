#pragma once
// All best compromises of energy and latency. docs/exact_mapper.md, section 5.

#include <optional>

#include "tileloom/mapper/exact/product/terrain.hpp"
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// The Pareto front of the problem, whose objective asks for it; `terrain` is the `survey` of
/// the space, `single` finds the best mapping for one objective. Where the product search does not cover the problem, the front is made of the
/// best for latency, energy and EDP.
MapResult map_front(const Problem& problem, const std::optional<product::Terrain>& terrain,
                    const Mapper& single, const Budget& budget, const OnProgress& on_progress);

}  // namespace tileloom::mapper
