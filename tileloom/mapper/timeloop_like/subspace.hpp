#pragma once
// What is left to choose once the factors are: loop orders, axes and bypass.

#include <vector>

#include "tileloom/mapper/timeloop_like/factorisation.hpp"

namespace tileloom::mapper {

/// Loops of factor 1 have no place in an order and no axis: the pruning of Timeloop's pruned
/// searches. The walks below go through what is left of the three subspaces of one factorisation.
class Subspace {
 public:
  Subspace(const MapSpace& space, const std::vector<TilingLevel>& levels);

  /// Begins with the first order and the first split of this factorisation.
  void enter(Factorisation factors);

  /// Orders of the loops of every temporal level: the number of combinations, at most `limit`.
  std::int64_t orders(std::int64_t limit) const;
  /// The next combination, the innermost level turning fastest; false after the last one.
  bool next_order();
  void shuffle_orders(Random& random);

  /// Splits of every spatial level's factors over its axes: as `next_order`.
  void first_split();
  bool next_split();
  /// True if no axis has more positions in use than it has.
  bool split_fits() const;

  /// Combinations of memories that keep each tensor.
  std::size_t placements() const { return placements_.size(); }
  /// The mapping under placement `number`. Loops at a memory that keeps nothing stand at the next
  /// one outside that does (docs/mapping_search.md, section 1), below the loops there.
  const Point& point(std::size_t number);

 private:
  using Order = std::vector<std::uint16_t>;
  void place_loops(std::size_t level, std::size_t slot);

  const MapSpace& space_;
  const std::vector<TilingLevel>& levels_;
  std::vector<std::vector<std::uint32_t>> placements_;
  /// [placement][level]: the slot at which a temporal level's loops stand.
  std::vector<std::vector<std::size_t>> targets_;
  Factorisation factors_;
  std::vector<Order> orders_;  ///< by level: ranks with a factor, outermost first
  /// [level · ranks + rank]: which of the level's axes the rank stands on.
  std::vector<std::size_t> axis_of_;
  Point blank_;
  Point point_;
  std::vector<std::size_t> placed_;  ///< by slot: ranks that have their place in the order
};

}  // namespace tileloom::mapper
