// The closed form of pipelines on disjoint groups of cores against the event simulator.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "random_block.hpp"
#include "tileloom/cost/block_cost.hpp"
#include "tileloom/reference/block_replay.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom {
namespace {

struct RandomPipeline {
  std::vector<cost::PipelineStage> stages;
  std::vector<cost::StageCost> costs;
  bool fits = true;
};

/// The layers of the network cut into two to four stages, each on a few cores of its own.
RandomPipeline random_pipeline(Draft& draft, Random& random, const cost::MulticoreMachine& machine,
                               const Workload& net) {
  RandomPipeline made;
  const cost::NetworkWork work = cost::network_work(net);
  const auto layers = static_cast<std::int64_t>(net.operators.size());
  const std::int64_t stages = std::min(layers, random.between(2, 4));
  cost::MulticoreMachine group = machine;
  group.cores = machine.cores / stages;
  for (std::int64_t s = 0; s < stages && made.fits; ++s) {
    std::vector<OperatorId> part;
    for (std::int64_t i = s * layers / stages; i < (s + 1) * layers / stages; ++i) {
      part.push_back(static_cast<OperatorId>(i));
    }
    const Block block = make_block(net, part);
    const std::int64_t size = net.tensors[block.outputs[0]].shape[2];
    const cost::BlockPlan plan = draft.plan(group, size, part.size() > 1);
    made.costs.push_back(cost::BlockEvaluator(machine, work, block).stage(plan));
    made.stages.push_back({block, plan});
    made.fits = made.costs.back().fits;
  }
  return made;
}

TEST(PipelineCost, within_five_per_cent_of_the_event_simulator_on_500_random_pipelines) {
  Draft draft(5);
  Random random(6);
  std::vector<double> errors;
  int close = 0;
  while (errors.size() < effort(500U)) {
    cost::MulticoreMachine machine = draft.machine();
    const Workload net = draft.network();
    if (machine.cores < 4 || net.operators.size() < 2) continue;
    const RandomPipeline pipeline = random_pipeline(draft, random, machine, net);
    if (!pipeline.fits) continue;
    const std::int64_t images = random.between(1, 8);
    std::vector<std::vector<std::size_t>> before;
    for (std::size_t s = 0; s < pipeline.stages.size(); ++s) {
      before.push_back(cost::stages_before(pipeline.stages, s));
    }
    const cost::PipelineCost cost =
        cost::pipeline_cost(machine.launch, pipeline.costs, before, images);
    const double replayed = reference::replay_pipeline(net, machine, pipeline.stages, images);
    errors.push_back(cost.cycles / replayed - 1);
    close += std::abs(errors.back()) <= 0.05;
  }
  std::ranges::sort(errors);
  // docs/cost_model.md, section 10, says where the others come from.
  const std::size_t cases = errors.size();
  EXPECT_GE(100 * close, 92 * static_cast<int>(cases));
  EXPECT_GE(errors[cases / 20], -0.06);
  EXPECT_LE(errors[cases - cases / 20], 0.03);
  EXPECT_GE(errors.front(), -0.20);
  EXPECT_LE(errors.back(), 0.35);
}

}  // namespace
}  // namespace tileloom
