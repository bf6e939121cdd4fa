#pragma once
// The inner search tree: the temporal loops of one node, from the outermost memory in.
// docs/mapping_search.md, section 5.

#include "tileloom/mapper/exact/bound.hpp"
#include "tileloom/mapper/exact/ruler.hpp"

namespace tileloom::mapper {

/// True if no mapping under `bound` can be better than `score` (up to rounding, 4e-12).
bool hopeless(const cost::Score& bound, const cost::Score& score);

/// True if the order of two neighbouring temporal loops over these ranks never matters: every
/// operand either has neither rank, or has both, each on an axis on which no other rank moves.
bool commute(const Operator& op, std::size_t a, std::size_t b);

/// Looks at every mapping with this placement and these spatial factors that could be better than
/// the incumbent, and offers it.
class InnerSearch {
 public:
  InnerSearch(Ruler& ruler, const NodeBound& bound, const SpatialChoice& choice, Point start,
              Incumbent& incumbent);
  /// True if the node was searched completely, false if the ruler's allowance ended first.
  bool run();

 private:
  void choose_factor(std::size_t level, std::size_t rank);
  /// Imperfect factors: every number of trips that a tile makes of the chunk.
  void choose_ragged_factor(std::size_t level, std::size_t rank);
  /// The largest chunk of the rank above the loops of a slot.
  std::int64_t tile_above(std::size_t slot, std::size_t rank) const;
  /// Positions of the rank on all axes inside a slot.
  std::int64_t spread_inside(std::size_t slot, std::size_t rank) const;
  /// All positions of the rank on the axes outside a slot are used. If not, the mapping belongs to
  /// another node, whose bound counts only those used.
  bool spread_fully(std::size_t slot, std::size_t rank) const;
  void choose_order(std::size_t level);
  void finish();
  bool promising(std::size_t level);
  bool tile_allowed(std::size_t level, std::size_t rank) const;

  Ruler& ruler_;
  const MapSpace& space_;
  const NodeBound& bound_;
  const SpatialChoice& choice_;
  Point point_;
  Incumbent& incumbent_;
  std::vector<std::size_t> levels_;  ///< open temporal slots, outermost first
  bool complete_ = true;
};

}  // namespace tileloom::mapper
