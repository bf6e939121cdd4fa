// The closed form of blocks on several cores against the event simulator.

#include "tileloom/cost/block_cost.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "random_block.hpp"
#include "tileloom/reference/block_replay.hpp"

namespace tileloom {
namespace {

TEST(BlockCost, within_five_per_cent_of_the_event_simulator_on_600_random_blocks) {
  Draft draft(3);
  int compared = 0, close = 0;
  std::vector<double> errors;
  while (compared < 600) {
    const cost::MulticoreMachine machine = draft.machine();
    const Workload net = draft.network();
    std::vector<OperatorId> all;
    for (const OperatorId id : ids<OperatorId>(net.operators.size())) all.push_back(id);
    const Block block = make_block(net, all);
    const std::int64_t size = net.tensors[block.outputs[0]].shape[2];
    const cost::BlockPlan plan = draft.plan(machine, size, all.size() > 1);
    const cost::NetworkWork work = cost::network_work(net);
    cost::BlockEvaluator evaluator(machine, work, block);
    const cost::BlockCost cost = evaluator.cost(plan);
    if (!cost.fits) continue;
    const double replayed = reference::replay_block(net, machine, block, plan);
    const double error = cost.cycles / replayed - 1;
    errors.push_back(error);
    close += std::abs(error) <= 0.05;
    ++compared;
  }
  std::ranges::sort(errors);
  // docs/cost_model.md, section 10, says where the others come from.
  EXPECT_GE(close, 555);
  EXPECT_GE(errors[30], -0.05);
  EXPECT_LE(errors[570], 0.03);
  EXPECT_GE(errors.front(), -0.30);
  EXPECT_LE(errors.back(), 0.20);
}

}  // namespace
}  // namespace tileloom
