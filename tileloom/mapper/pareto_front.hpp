#pragma once
// The best compromises of energy and latency of one operator: a Pareto front with what is proved of
// it.

#include <cstdint>
#include <vector>

#include "tileloom/cost/evaluate.hpp"

namespace tileloom::mapper {

/// A mapping that no other known one beats in both energy and latency.
struct ParetoPoint {
  LoopTree tree;
  cost::Evaluation evaluation;  ///< cost::evaluate's of `tree`
};

/// A pair that bounds mappings from below.
struct ParetoCorner {
  Cycles latency{};
  Picojoules energy{};
};

/// Every mapping of the space is no better than one of the points in both latency and energy, or
/// has at least the latency and the energy of one of the corners.
struct ParetoFront {
  std::vector<ParetoPoint> points;    ///< by latency, ascending; energies descend
  std::vector<ParetoCorner> corners;  ///< likewise; none: the points are the whole front
  bool complete() const { return corners.empty(); }
};

/// The least g such that no mapping of the space is better than some point by more than the factor
/// 1 + g in one of latency and energy without being worse in the other: max over the corners of the
/// least over the points of max(latency ratio, energy ratio) − 1; 0 for a complete front.
double gap(const ParetoFront& front);

}  // namespace tileloom::mapper
