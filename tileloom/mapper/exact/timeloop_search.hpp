#pragma once
// The best mapping by Timeloop's own conventions. docs/exact_mapper.md, section 9.

#include "tileloom/mapper/mapper.hpp"
#include "tileloom/mapper/timeloop_scorer.hpp"

namespace tileloom::mapper {

/// A mapping and what Timeloop's model says of it.
struct TimeloopAnswer {
  Proof proof = Proof::budget_spent;
  std::optional<LoopTree> tree;  ///< absent if nothing valid was found
  cost::timeloop::Mapping mapping;
  cost::timeloop::Stats stats;
  cost::Score score;
  cost::Score lower_bound;  ///< no mapping of the space scores less
  std::int64_t evaluations = 0;
  std::string reason;  ///< infeasible: what does not fit; else empty
};

/// The space, in words.
extern const char* const kTimeloopSpace;

/// The least score found in the level-structured space (docs/mapping_search.md, section 1; perfect
/// factors) under the problem's constraints, with a lower bound of (T2) to (T5). `optimal` if the
/// two meet. Same answer on every machine.
TimeloopAnswer map_under_timeloop(const Problem& problem, const TimeloopNouns& nouns,
                                  const Budget& budget);

/// Relative distance of score and bound; 0 = proved optimal.
double gap(const TimeloopAnswer& answer);

}  // namespace tileloom::mapper
