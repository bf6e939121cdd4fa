#pragma once
// Schedules with stacks that users bring along: what `schedule --fusion` wrote, or their own.

#include "tileloom/loop_tree/loop_tree.hpp"
#include "tileloom/scheduler/fused_schedule.hpp"

namespace tileloom::driver {

/// A tree as its homes and, in order, its parts below them: single paths and fused stacks.
struct TreeParts {
  std::vector<PathNode> homes;
  std::vector<LoopTree> parts;
};
TreeParts tree_parts(const LoopTree& tree);

/// True if every operator runs by itself or in a stack on one core, one part after the other: what
/// `evaluate_stacks` is told.
bool runs_in_parts(const Workload& workload, const LoopTree& tree);

/// What a legal tree costs, part by part: operators as section 2 to 5 of docs/cost_model.md, stacks
/// as section 9. Nothing is searched, so there is nothing layer by layer beside it.
scheduler::FusedSchedule evaluate_stacks(const Workload& workload, const Architecture& arch,
                                         const LoopTree& tree);

}  // namespace tileloom::driver
