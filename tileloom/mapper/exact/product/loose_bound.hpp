#pragma once
// Bounds that hold whatever all groups but one choose: forms over that group's own quantities.

#include <algorithm>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/ledger.hpp"

namespace tileloom::mapper::product {

/// A placement with what bounds need of every spatial choice.
struct PlacementFacts {
  Placement placement;
  std::vector<std::vector<Multipliers>> least;  ///< by group: [choice · boundaries + boundary]
  std::vector<std::vector<Multipliers>> rest;   ///< by group: least over its choices, by boundary
};

PlacementFacts make_facts(const Terrain& terrain,
                          const std::vector<std::vector<SpatialChoice>>& choices,
                          std::vector<std::uint32_t> keeps);

/// The accesses that `m` stands for at a boundary, as calls of
///     accesses(memory, bits read, bits written, each)    delivered(energy of the network)
/// where `each` says that every position is counted (else united). Outputs travel outwards; what
/// partial sums read again is left out, so these are the least.
template <class Accesses, class Delivered>
void least_accesses(const Terrain& terrain, const Boundary& boundary, const Multipliers& m,
                    const Accesses& accesses, const Delivered& delivered) {
  const OperandFacts& operand = terrain.operands[boundary.operand];
  const double width = std::min(operand.bits, operand.partial_bits);
  const double up = m.united * width;
  const double down = m.each * width;
  const bool output = operand.role == Role::output;
  accesses(boundary.parent, output ? 0 : up, output ? up : 0, false);
  if (boundary.child) accesses(*boundary.child, output ? down : 0, output ? 0 : down, true);
  delivered(down * boundary.hop);
}

struct LooseBound {
  double cycles = 0;
  Form energy;
  std::vector<Form> ports;

  Bounds operator()(std::span<const double> quantities) const {
    double most = cycles;
    for (const Form& port : ports) most = std::max(most, port(quantities));
    return {most, energy(quantities)};
  }
};

/// With `own`, the spatial choice of `group`, and the least of all other groups.
LooseBound loose_bound(const Terrain& terrain, const PlacementFacts& facts, const Layout& layout,
                       std::size_t group, const SpatialChoice& own);

}  // namespace tileloom::mapper::product
