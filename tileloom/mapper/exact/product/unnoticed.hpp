#pragma once
// Stores that latency alone does not notice. docs/exact_mapper.md (R15)

#include "tileloom/mapper/exact/product/placement.hpp"

namespace tileloom::mapper::product {

/// True if for every mapping of the placement there is one with a Store less and no more cycles.
bool latency_needs_less(const Terrain& terrain, const Placement& placement);

}  // namespace tileloom::mapper::product
