// GAMMA's two-stage mode reproduces its purpose on ResNet-18 and VGG-16: a pipeline as fast as its
// slowest layer can be, and less energy everywhere else. In reduced form (1,000 samples per stage
// and layer); in full: docs/results/mappers.md.

#include <gtest/gtest.h>

#include <algorithm>

#include "tileloom/driver/network.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/loop_tree/check.hpp"

namespace tileloom::driver {
namespace {

std::int64_t slowest(const scheduler::Schedule& schedule) {
  std::int64_t most = 0;
  for (const scheduler::Layer& layer : schedule.layers) {
    most = std::max(most, layer.result.evaluation->latency.total.value);
  }
  return most;
}

void expect_frugal_pipeline(const std::string& model) {
  const Result<Architecture> arch = load_architecture("gamma_edge");
  ASSERT_TRUE(arch);
  const Result<Workload> read = import_onnx(TILELOOM_SOURCE_DIR "/models/" + model + ".onnx");
  ASSERT_TRUE(read) << to_string(read.error());
  const Workload workload = apply_precision(*read, *arch);
  SearchRequest request;
  request.mapper = "gamma";
  request.budget = {.evaluations = 1000, .seed = 1, .threads = 2};
  request.objective = {cost::Metric::latency, cost::Metric::energy};
  const Result<scheduler::Schedule> fast = schedule_network(workload, *arch, request, nullptr);
  ASSERT_TRUE(fast) << to_string(fast.error());
  request.pipeline = true;
  const Result<scheduler::Schedule> pipeline = schedule_network(workload, *arch, request, nullptr);
  ASSERT_TRUE(pipeline) << to_string(pipeline.error());

  ASSERT_TRUE(pipeline->pipeline);
  EXPECT_EQ(pipeline->pipeline->interval.value, slowest(*fast));
  EXPECT_EQ(slowest(*pipeline), slowest(*fast));
  EXPECT_EQ(pipeline->pipeline->first_stage, fast->energy);
  // Although stage 1 already took the most frugal of each layer's fastest mappings.
  EXPECT_LT(pipeline->energy.value, 0.99 * fast->energy.value);
  for (std::size_t i = 0; i < pipeline->layers.size(); ++i) {
    EXPECT_LE(pipeline->layers[i].result.evaluation->energy.value,
              fast->layers[i].result.evaluation->energy.value)
        << workload.operators[pipeline->layers[i].op].name;
  }
}

TEST(GammaTwoStage, ResNet18KeepsItsIntervalAndSavesEnergy) { expect_frugal_pipeline("resnet18"); }

TEST(GammaTwoStage, Vgg16KeepsItsIntervalAndSavesEnergy) { expect_frugal_pipeline("vgg16"); }

}  // namespace
}  // namespace tileloom::driver
