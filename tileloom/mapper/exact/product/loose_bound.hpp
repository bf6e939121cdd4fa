#pragma once
// Bounds that hold whatever all groups but one choose: forms over that group's own quantities.

#include <algorithm>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/boundary_table.hpp"

namespace tileloom::mapper::product {

struct LooseBound {
  double cycles = 0;
  std::vector<double> floor;  ///< by quantity: the least it can be
  Form energy;
  std::vector<Form> ports;

  Bounds operator()(std::span<const double> quantities) const {
    double most = cycles;
    for (const Form& port : ports) most = std::max(most, port(quantities));
    return {most, energy(quantities)};
  }
};

/// With any of the spatial choices `own` of `group`, which leave the same temporal trips, and the
/// least of all other groups. `ids`: of the placement's boundaries in the table.
LooseBound loose_bound(const Terrain& terrain, const Placement& placement,
                       std::span<const std::size_t> ids, const BoundaryTable& table,
                       const Layout& layout, std::size_t group,
                       std::span<const SpatialChoice* const> own);

}  // namespace tileloom::mapper::product
