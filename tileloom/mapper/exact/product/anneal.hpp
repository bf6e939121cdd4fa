#pragma once
// Simulated annealing over sketches: better incumbents, no proof. docs/exact_mapper.md, section 4.

#include "tileloom/mapper/exact/product/search.hpp"

namespace tileloom::mapper::product {

/// Walks from `start`, a mapping of the space, for the budget's evaluations; the best mapping seen,
/// `start` included. The same whatever the budget's seed.
Start anneal(const Terrain& terrain, const cost::Objective& objective, const Start& start,
             const Budget& budget);

}  // namespace tileloom::mapper::product
