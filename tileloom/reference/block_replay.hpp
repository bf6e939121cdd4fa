#pragma once
// A block on several cores, event by event: docs/cost_model.md, section 10. It plays the hardware's
// part for the tuner and knows none of the closed forms of cost/block_cost: every core runs its
// tiles one by one, every transfer shares the channels with whatever else is under way.

#include <optional>
#include <span>

#include "tileloom/cost/block_plan.hpp"
#include "tileloom/cost/multicore_machine.hpp"
#include "tileloom/cost/pipeline_stage.hpp"

namespace tileloom::reference {

/// Cycles from the launch to the end of the synchronisation. The plan must fit the cores' memories.
double replay_block(const Workload& workload, const cost::MulticoreMachine& machine,
                    const Block& block, const cost::BlockPlan& plan);

/// Cycles from the launch until the last of `images` inputs has passed all stages. Each stage has the
/// next cores of the machine, in order; it reads an image when the stages before it have written it
/// to memory, and its cores meet after each image. All start once every weight that stays is there.
double replay_pipeline(const Workload& workload, const cost::MulticoreMachine& machine,
                       std::span<const cost::PipelineStage> stages, std::int64_t images);

}  // namespace tileloom::reference
