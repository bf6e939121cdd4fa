// What DLFusion's abstract says of strategies must come out on the machine it was written for.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tileloom/driver/precision.hpp"
#include "tileloom/driver/tune_fusion.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom {
namespace {

const report::TunedFusion& tuned(const std::string& model) {
  static std::map<std::string, report::TunedFusion> known;
  const auto found = known.find(model);
  if (found != known.end()) return found->second;
  const Result<Architecture> arch = load_architecture("mlu100");
  const Result<Workload> read =
      import_onnx(std::string(TILELOOM_SOURCE_DIR) + "/models/" + model + ".onnx", {});
  const Workload workload = driver::apply_precision(*read, *arch);
  return known.emplace(model, *driver::tune_fusion(workload, *arch, {})).first->second;
}

double cycles(const std::string& model, const std::string& strategy) {
  return report::strategy(tuned(model), strategy).fusion.cycles;
}

std::vector<std::string> tuned_models() {
  std::vector<std::string> all{"resnet18", "vgg19", "alexnet"};
  all.resize(effort(all.size()));
  return all;
}

// Published: 3.6x to 7.9x over no optimisation, "close to the oracle".
void gains_3_to_8_times_and_is_within_5_per_cent_of_the_optimum() {
  for (const std::string& model : tuned_models()) {
    const double speedup = cycles(model, "none") / cycles(model, "dlfusion");
    EXPECT_GE(speedup, 3.0) << model;
    EXPECT_LE(speedup, 8.0) << model;
    EXPECT_LE(cycles(model, "dlfusion"), 1.05 * cycles(model, "optimal")) << model;
    EXPECT_LE(cycles(model, "dlfusion"), 1.05 * cycles(model, "brute_force")) << model;
  }
}

void no_strategy_beats_the_optimum() {
  for (const std::string& model : tuned_models()) {
    for (const report::TunedStrategy& entry : tuned(model).strategies) {
      EXPECT_GE(entry.fusion.cycles, cycles(model, "optimal") * (1 - 1e-9))
          << model << " " << entry.fusion.strategy;
    }
  }
}

void everything_fused_loses_and_cores_without_fusion_fall_short() {
  for (const std::string& model : tuned_models()) {
    EXPECT_GT(cycles(model, "all_fused"), 2 * cycles(model, "dlfusion")) << model;
    EXPECT_GT(cycles(model, "dynamic_cores"), cycles(model, "dlfusion")) << model;
    EXPECT_GE(cycles(model, "fixed_cores"), cycles(model, "dynamic_cores")) << model;
  }
}

// The fit's slope over operations, and, over the same map sizes, more channels (so more
// operations).
void more_operations_call_for_more_cores() {
  const scheduler::Calibration& c = tuned("resnet18").calibration;
  EXPECT_GT(c.per_operations, 0.1);
  EXPECT_GT(c.cores_fit.r2, 0.5);
  std::map<std::int64_t, double> sum, count;
  for (const scheduler::LayerSample& s : c.layers) {
    sum[s.channels] += std::log2(static_cast<double>(s.best_cores));
    ++count[s.channels];
  }
  EXPECT_GT(sum[128] / count[128], sum[8] / count[8]);
}

// The simulator agrees with the totals that the strategies were compared by.
void the_simulator_confirms_the_optimum() {
  for (const std::string& model : tuned_models()) {
    const report::TunedStrategy& best = report::strategy(tuned(model), "optimal");
    double simulated = 0;
    for (const double cycles : best.simulated) simulated += cycles;
    EXPECT_NEAR(simulated / best.fusion.cycles, 1, 0.05) << model;
  }
}

// One test, so that the three networks are tuned once.
TEST(DlfusionShape, comes_out_on_the_machine_it_was_written_for) {
  gains_3_to_8_times_and_is_within_5_per_cent_of_the_optimum();
  no_strategy_beats_the_optimum();
  everything_fused_loses_and_cores_without_fusion_fall_short();
  more_operations_call_for_more_cores();
  the_simulator_confirms_the_optimum();
}

// With an exchange between cores blocks of 24 units pay (ResNet-50): more than the optimum's limit.
TEST(DlfusionShape, no_strategy_beats_the_optimum_on_seven_networks_with_an_exchange) {
  const Result<Architecture> arch = load_architecture("mlu100");
  cost::MulticoreMachine machine = cost::multicore_machine(*arch);
  machine.exchange = 128;
  std::vector<std::string> models{"resnet18",
                                  "resnet50",
                                  "vgg19",
                                  "alexnet",
                                  "googlenet",
                                  "mobilenet_v2",
                                  "llama3_block_prefill"};
  models.resize(effort(models.size()));
  for (const std::string& model : models) {
    const Result<Workload> read =
        import_onnx(std::string(TILELOOM_SOURCE_DIR) + "/models/" + model + ".onnx", {});
    const Workload workload = driver::apply_precision(*read, *arch);
    const cost::NetworkWork network = cost::network_work(workload);
    const scheduler::UnitGraph units = scheduler::make_units(workload);
    const scheduler::FusionProblem problem{workload, machine, network, units};
    const std::vector<scheduler::Fusion> all =
        scheduler::compare_strategies(problem, {.critical_operations = 4e6}, {}, {});
    for (const scheduler::Fusion& fusion : all) {
      EXPECT_GE(fusion.cycles, all.back().cycles * (1 - 1e-9)) << model << " " << fusion.strategy;
    }
  }
}

}  // namespace
}  // namespace tileloom
