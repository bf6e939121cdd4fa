#pragma once
// From a mapping with perfect factors to better ones whose tiles do not divide their chunks.
// docs/exact_mapper.md, section 6.

#include "tileloom/cost/objective.hpp"
#include "tileloom/mapper/mapspace.hpp"
#include "tileloom/support/budget.hpp"

namespace tileloom::mapper {

struct Polished {
  cost::Score score;
  std::vector<PathNode> path;
  std::int64_t evaluations = 0;
};

/// Descends from a mapping by giving loops other numbers of trips: a rank whose trips multiply to
/// less than its extent gets more at another place, one with more gets fewer. A rank's tile below
/// loops of n trips together is ⌈extent / n⌉. Stores stay where they are.
Polished polish_ragged(const MapSpace& space, const cost::Objective& objective, Polished start,
                       const Budget& budget);

}  // namespace tileloom::mapper
