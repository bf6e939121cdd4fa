#pragma once
// What the Stores of two tensors cost each other whatever the loops are, with factors that need not
// divide: a point is done while both of its elements are there. docs/exact_mapper.md (I5)

#include <span>

#include "tileloom/mapper/exact/product/ledger.hpp"

namespace tileloom::mapper::product {

/// The least energy and port times under a complete spatial choice, perfect or not.
Bounds phase_bound(const Terrain& terrain, const Placement& placement,
                   std::span<const SpatialChoice* const> choices, double reductions);

}  // namespace tileloom::mapper::product
