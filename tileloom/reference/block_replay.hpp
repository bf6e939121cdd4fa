#pragma once
// A block on several cores, event by event: docs/cost_model.md, section 10. It plays the hardware's
// part for the tuner and knows none of the closed forms of cost/block_cost: every core runs its
// tiles one by one, every transfer shares the channels with whatever else is under way.

#include <optional>

#include "tileloom/cost/block_plan.hpp"
#include "tileloom/cost/multicore_machine.hpp"

namespace tileloom::reference {

/// Cycles from the launch to the end of the synchronisation. The plan must fit the cores' memories.
double replay_block(const Workload& workload, const cost::MulticoreMachine& machine,
                    const Block& block, const cost::BlockPlan& plan);

}  // namespace tileloom::reference
