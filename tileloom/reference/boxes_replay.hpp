#pragma once
// The operators of a block one after the other in boxes of their own ranks, event by event.

#include "tileloom/cost/block_plan.hpp"
#include "tileloom/cost/multicore_machine.hpp"

namespace tileloom::reference {

/// Cycles of a plan with `boxes`: per operator a launch, then every core runs its share of the
/// output's boxes in order, each in the steps of its sum, then all meet.
double replay_boxes(const Workload& workload, const cost::MulticoreMachine& machine,
                    const Block& block, const cost::BlockPlan& plan);

}  // namespace tileloom::reference
