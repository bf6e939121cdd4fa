#pragma once
// The ways to run a block as a stage of a pipeline.

#include <cstdint>
#include <vector>

#include "tileloom/scheduler/dlfusion/plans.hpp"

namespace tileloom::scheduler {

/// A block on a group of cores.
struct StageOption {
  std::int64_t cores = 1;
  cost::BlockPlan plan;
  cost::StageCost cost;
};

/// Every plan on so many cores that no other one is as good as in all of loading, first image,
/// image to image and traffic. Over the layouts of a block by itself, weights that stay or stream
/// in, tiles per core (doubled from one until it fits, and on while images follow one another
/// faster) and, where the machine can, halos exchanged. `plans` counts those priced.
std::vector<StageOption> stage_options(cost::BlockEvaluator& evaluator,
                                       const cost::MulticoreMachine& machine,
                                       const cost::NetworkWork& network, std::int64_t cores,
                                       std::int64_t& plans);

}  // namespace tileloom::scheduler
