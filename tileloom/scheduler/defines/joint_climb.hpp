#pragma once
// From a point of a stack to better ones with tiles that nobody listed.

#include <vector>

#include "tileloom/cost/objective.hpp"
#include "tileloom/scheduler/defines/joint_space.hpp"

namespace tileloom::scheduler::defines {

/// Sizes next to `tile` on an axis of `full` outputs: one less, one more, half, double, and those
/// with one tile more or one less, ⌈full / (⌈full/tile⌉ ± 1)⌉, where the number of tiles changes.
std::vector<std::int64_t> sizes_near(std::int64_t tile, std::int64_t full);

/// A point with its cost.
struct JointChoice {
  Point point;
  Totals totals;
  Cycles latency;  ///< totals.latency1
  Picojoules energy;
};

/// Steepest descent in `objective`: to the best of the points whose width, height, both or mode is
/// next to the present one's, until none is better. Adds every point evaluated to `seen`.
void climb(const JointSpace& space, const Graph& stack, const JointChoice& start,
           const cost::Objective& objective, std::vector<JointChoice>& seen);

}  // namespace tileloom::scheduler::defines
