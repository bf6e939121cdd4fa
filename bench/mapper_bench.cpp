// How fast the searches are: one evaluation of a neighbour, one draw, one layer of ResNet-50.

#include <benchmark/benchmark.h>

#include <stdexcept>

#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/mapper/incumbent.hpp"
#include "tileloom/mapper/random/sampler.hpp"
#include "tileloom/mapper/registry.hpp"
#include "tileloom/workload/make.hpp"

namespace {

using namespace tileloom;

Architecture simba() {
  Result<Architecture> arch = load_architecture("simba");
  if (!arch) throw std::runtime_error(to_string(arch.error()));
  return *arch;
}

/// ResNet-50's 3x3 convolution of 64 channels on 56 x 56.
Workload layer() {
  const ConvAxis axis{.output = 56, .filter = 3, .pad_before = 1, .pad_after = 1};
  return one_conv("3x3_56_64_64",
                  {.batch = 1, .in_channels = 64, .out_channels = 64, .axes = {axis, axis}},
                  {8, 8, 8, 24});
}

void draw_and_score(benchmark::State& state) {
  const Workload workload = layer();
  const Architecture arch = simba();
  const mapper::Constraints none;
  const mapper::MapSpace space = mapper::make_map_space(workload, OperatorId{0}, arch, none);
  const mapper::PerfectSampler sampler(space);
  mapper::Scorer scorer(space, {});
  Random random(1);
  for (auto _ : state) benchmark::DoNotOptimize(scorer(sampler.draw(random)));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(draw_and_score);

void map_layer(benchmark::State& state, const std::string& name) {
  const Workload workload = layer();
  const Architecture arch = simba();
  const mapper::Constraints none;
  const mapper::Problem problem{workload, OperatorId{0}, arch, {}, none};
  const auto chosen = mapper::make_mapper(name, {});
  std::int64_t evaluations = 0;
  double edp = 0;
  for (auto _ : state) {
    const mapper::MapResult result =
        (*chosen)->map(problem, {.evaluations = state.range(0), .threads = 1}, nullptr);
    evaluations += result.evaluations;
    edp = result.evaluation->energy.value *
          static_cast<double>(result.evaluation->latency.total.value);
  }
  state.SetItemsProcessed(evaluations);
  state.counters["EDP"] = edp;
}
BENCHMARK_CAPTURE(map_layer, exact, std::string("exact"))
    ->Arg(10'000)
    ->Arg(40'000)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(map_layer, random, std::string("random"))
    ->Arg(40'000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
