#pragma once
// What two tensors cost each other: the buffer of one is too small to spare the other its visits.
// docs/exact_mapper.md (R7)

#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/ledger.hpp"

namespace tileloom::mapper::product {

/// The least energy and port times under a complete spatial choice, whatever the temporal loops.
/// `least`: by quantity of the ledger, the least it can be; `unfinished` as for the ledger.
Bounds joint_bound(const Terrain& terrain, const Placement& placement, const Layout& layout,
                   const Ledger& ledger, std::span<const SpatialChoice* const> choices,
                   std::span<const double> least, std::size_t unfinished);

}  // namespace tileloom::mapper::product
