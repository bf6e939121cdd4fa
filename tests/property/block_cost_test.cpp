// The closed form of blocks on several cores against the event simulator.

#include "tileloom/cost/block_cost.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "random_block.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/reference/block_replay.hpp"
#include "tileloom/scheduler/dlfusion/block_times.hpp"

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
  EXPECT_GE(close, 573);
  EXPECT_GE(errors[30], -0.02);
  EXPECT_LE(errors[570], 0.03);
  EXPECT_GE(errors.front(), -0.30);
  EXPECT_LE(errors.back(), 0.20);
}

/// Random runs of units of a shipped network on a shipped machine, each with the plan that the
/// model likes best on a random number of cores.
std::vector<double> errors_of_best_plans(const Architecture& arch, const std::string& model,
                                         std::size_t blocks) {
  const cost::MulticoreMachine machine = cost::multicore_machine(arch);
  const Workload workload = driver::apply_precision(
      *import_onnx(std::string(TILELOOM_SOURCE_DIR) + "/models/" + model + ".onnx", {}), arch);
  const cost::NetworkWork network = cost::network_work(workload);
  const scheduler::UnitGraph units = scheduler::make_units(workload);
  const scheduler::FusionProblem problem{workload, machine, network, units};
  std::int64_t plans = 0;
  const scheduler::TimeBlock time = model_back_end(problem, plans);
  const std::vector<std::int64_t> counts = scheduler::core_counts(machine.cores);
  Random random(7);
  std::vector<double> errors;
  while (errors.size() < blocks) {
    const std::size_t first = random.below(units.size());
    const std::size_t most = random.below(2) == 0 ? 1 : 6;
    std::vector<scheduler::UnitId> chosen;
    for (std::size_t u = first; u < std::min(first + 1 + random.below(most), units.size()); ++u) {
      chosen.push_back(static_cast<scheduler::UnitId>(u));
    }
    const Block block = block_of(workload, units, chosen);
    const std::int64_t cores = counts[random.below(counts.size())];
    const auto choice = time(block, cores, std::numeric_limits<double>::infinity());
    if (!choice) continue;
    errors.push_back(
        choice->cycles / reference::replay_block(workload, machine, block, choice->plan) - 1);
  }
  return errors;
}

TEST(BlockCost, close_to_the_event_simulator_on_blocks_of_shipped_networks_and_machines) {
  struct Expected {
    const char* arch;
    int close;  ///< of 75 within 5 %
    double low, high;
  };
  for (const Expected& expected : {Expected{"mlu100", 60, -0.28, 0.13},
                                   {"simba_36", 65, -0.14, 0.08},
                                   {"ascend_like_multicore", 67, -0.11, 0.09},
                                   {"tpu_like_quad", 75, -0.02, 0.03}}) {
    const Result<Architecture> arch = load_architecture(expected.arch);
    std::vector<double> errors;
    for (const char* model : {"resnet18", "googlenet", "mobilenet_v2"}) {
      const std::vector<double> more = errors_of_best_plans(*arch, model, 25);
      errors.insert(errors.end(), more.begin(), more.end());
    }
    const auto close =
        std::ranges::count_if(errors, [](double error) { return std::abs(error) <= 0.05; });
    const auto [least, most] = std::ranges::minmax(errors);
    EXPECT_GE(close, expected.close) << expected.arch;
    EXPECT_GE(least, expected.low) << expected.arch;
    EXPECT_LE(most, expected.high) << expected.arch;
  }
}

}  // namespace
}  // namespace tileloom
