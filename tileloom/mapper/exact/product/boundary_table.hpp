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

/// A row has what one choice of a group multiplies every column by. Columns: the least accesses of
/// every boundary, united [2 · boundary] and each [2 · boundary + 1]; then those below.
struct BoundaryTable {
  std::vector<Boundary> boundaries;
  std::vector<std::vector<double>> rows;   ///< by group: [choice · width + column]
  std::vector<std::vector<double>> least;  ///< by group and column: of any choice

  /// Temporal trips of the ranks that the output lacks.
  std::size_t reductions() const { return 2 * boundaries.size(); }
  /// Temporal trips of all ranks.
  std::size_t steps() const { return reductions() + 1; }
  std::size_t width() const { return steps() + 1; }
  std::span<const double> row(std::size_t group, std::size_t choice) const {
    return std::span(rows[group]).subspan(choice * width(), width());
  }
};

BoundaryTable make_boundary_table(const Terrain& terrain, const Choices& choices,
                                  std::span<const Placement> placements);

/// Temporal trips of a group's ranks that the output lacks: with imperfect factors those that a
/// position makes in the mean.
double reduction_trips(const Terrain& terrain, const Group& group, const SpatialChoice& choice);

/// Bits that one update by the lanes reads and writes at least, drains of the Store included, if
/// ranks that the output lacks have `trips` temporal trips. docs/exact_mapper.md (R11)
struct UpdateBits {
  double read = 0;
  double written = 0;
};
UpdateBits update_bits(const OperandFacts& output, bool home, double trips);

/// The accesses that `m` stands for at boundary `k`, as calls of
///     accesses(memory, bits read, bits written, each)    delivered(energy of the network)
/// where `each` says that every position is counted (else united). Outputs travel outwards; what
/// partial sums read again on the way is left out, so these are the least. `trips` as above.
template <class Accesses, class Delivered>
void least_accesses(const Terrain& terrain, const Placement& placement, std::size_t k,
                    const Multipliers& m, double trips, const Accesses& accesses,
                    const Delivered& delivered) {
  const Boundary& boundary = placement.boundaries[k];
  const OperandFacts& operand = terrain.operands[boundary.operand];
  const bool output = operand.role == Role::output;
  if (output && !boundary.child) {
    const UpdateBits bits = update_bits(operand, k == placement.first.rbegin()[1], trips);
    accesses(boundary.parent, m.united * bits.read, m.united * bits.written, false);
    delivered(m.each * bits.written * boundary.hop);
    return;
  }
  const double width = std::min(operand.bits, operand.partial_bits);
  const double up = m.united * width;
  const double down = m.each * width;
  accesses(boundary.parent, output ? 0 : up, output ? up : 0, false);
  delivered(down * boundary.hop);
  if (!boundary.child) return;
  const bool innermost = !placement.boundaries[k + 1].child;  // its drains count as updates' reads
  accesses(*boundary.child, output && !innermost ? down : 0, output ? 0 : down, true);
}

/// A placement's energy and port times as forms over the least accesses of its boundaries (R5).
class PlacementBound {
 public:
  PlacementBound(const Terrain& terrain, const BoundaryTable& table, const Placement& placement);

  const std::vector<std::size_t>& ids() const { return ids_; }  ///< of its boundaries in the table

  /// Accesses of all boundaries: Π over groups, [2 · boundary + (each)]; then the bits that updates
  /// read, write and deliver.
  using Accesses = std::vector<double>;
  Accesses none() const { return start_; }
  /// Multiplies `from` by a choice's row of the table and another row into `to`.
  void multiply(const Accesses& from, std::span<const double> row, std::span<const double> other,
                Accesses& to) const;

  /// The larger of `cycles` and every port's time, and the energy; `reductions`: temporal trips of
  /// the ranks that the output lacks. Works the last three accesses out.
  Bounds operator()(Accesses& accesses, double cycles, double reductions) const;

 private:
  struct Charge {
    std::size_t access = 0;
    double factor = 0;
  };
  struct Row {
    double constant = 0;
    std::vector<Charge> charges;
  };
  void charge_accesses(const Terrain& terrain, const Placement& placement);

  std::vector<std::size_t> ids_;
  Accesses start_;
  Row energy_;
  std::vector<Row> ports_;
  OperandFacts output_;
  bool home_updates_ = false;  ///< lanes update the output's home
};

}  // namespace tileloom::mapper::product
