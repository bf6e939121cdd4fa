#pragma once
// The least accesses of every spatial choice at every boundary that some placement has, worked out
// once: placements are many, boundaries few.

#include <array>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/ledger.hpp"

namespace tileloom::mapper::product {

/// All choices of every group.
using Choices = std::vector<std::vector<SpatialChoice>>;

struct BoundaryTable {
  std::vector<Boundary> boundaries;
  std::vector<std::vector<Multipliers>> least;  ///< by group: [choice · boundaries + boundary]
  std::vector<std::vector<Multipliers>> rest;   ///< by group: least over its choices, by boundary
};

BoundaryTable make_boundary_table(const Terrain& terrain, const Choices& choices,
                                  std::span<const Placement> placements);

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

/// A placement's energy and port times as forms over the least accesses of its boundaries (R5).
class PlacementBound {
 public:
  PlacementBound(const Terrain& terrain, const BoundaryTable& table, const Placement& placement);

  const std::vector<std::size_t>& ids() const { return ids_; }  ///< of its boundaries in the table

  /// Accesses of all boundaries: Π over groups, [2 · boundary + (each)].
  using Accesses = std::vector<double>;
  Accesses none() const { return start_; }
  /// Multiplies `from` by one group's `of` (its choice's row of the table, or the rest) into `to`.
  void multiply(const Accesses& from, std::span<const Multipliers> of, Accesses& to) const;

  /// The larger of `cycles` and every port's time, and the energy.
  Bounds operator()(const Accesses& accesses, double cycles) const;

 private:
  struct Charge {
    std::size_t access = 0;
    double factor = 0;
  };
  struct Row {
    double constant = 0;
    std::vector<Charge> charges;
  };
  std::vector<std::size_t> ids_;
  Accesses start_;
  Row energy_;
  std::vector<Row> ports_;
};

}  // namespace tileloom::mapper::product
