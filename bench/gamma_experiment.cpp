// GAMMA's experiment: the 27 layers of tests/papers/gamma/layers.csv on the edge and the cloud
// platform for latency, energy and EDP. Writes one CSV line per layer, objective, mapper and seed.
//
//     gamma_experiment ARCHS MAPPERS SAMPLES SEEDS [OBJECTIVES [LAYERS.csv]] > gamma.csv
//
// SEEDS: how many, from 1 on, or their list ("2,3,4"; one seed: "7,").
// ARCHS: edge, cloud; with a trailing `-l2` only accesses of L2 cost energy and nothing bypasses L2
// or L1, which is what GAMMA's program minimised.

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/words.hpp"
#include "tileloom/io/csv/read_layers.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/mapper/gamma/gamma.hpp"
#include "tileloom/mapper/incumbent.hpp"
#include "tileloom/mapper/registry.hpp"

namespace {

using namespace tileloom;

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(to_string(result.error()));
  return std::move(*result);
}

std::vector<std::uint64_t> seeds_of(const std::string& text) {
  std::vector<std::uint64_t> seeds;
  if (text.find(',') == std::string::npos) {
    for (std::uint64_t seed = 1; seed <= std::stoull(text); ++seed) seeds.push_back(seed);
    return seeds;
  }
  for (const std::string& seed : split(text)) {
    if (!seed.empty()) seeds.push_back(std::stoull(seed));
  }
  return seeds;
}

struct Platform {
  std::string name;
  Architecture arch;
  mapper::Constraints constraints;
};

Platform platform(const std::string& name) {
  Platform made{name, {}, {}};
  const bool l2_only = name.ends_with("-l2");
  made.arch = value_of(load_architecture("gamma_" + name.substr(0, name.find('-'))));
  if (!l2_only) return made;
  for (const MemoryId memory : ids<MemoryId>(made.arch.memories.size())) {
    if (memory == MemoryId{1}) continue;
    made.arch.memories[memory].read.value.value = 0;
    made.arch.memories[memory].write.value.value = 0;
  }
  made.arch.compute.mac.value.value = 0;
  for (const Role role : {Role::input, Role::weight, Role::output}) {
    made.constraints.stores.push_back({MemoryId{1}, role, true});
    made.constraints.stores.push_back({MemoryId{2}, role, true});
  }
  return made;
}

std::unique_ptr<mapper::Mapper> make(const std::string& name) {
  if (name == "gamma") return std::make_unique<mapper::GammaMapper>(mapper::GammaOptions{});
  if (name == "gamma2") {
    return std::make_unique<mapper::GammaMapper>(mapper::GammaOptions{.levels = 2, .ranks = 1});
  }
  if (name == "published") return std::make_unique<mapper::GammaMapper>(mapper::as_published());
  return value_of(mapper::make_mapper(name, {.imperfect = true}));
}

void run(const Platform& on, const TableLayer& layer, const std::string& objective,
         const std::string& name, std::int64_t samples, std::uint64_t seed) {
  const Workload workload = one_conv(layer.name, layer.shape, {8, 8, 8, 8});
  const mapper::Problem problem{workload, OperatorId{0}, on.arch,
                                value_of(cost::parse_objective(objective)), on.constraints};
  const auto chosen = make(name);
  const std::clock_t before = std::clock();
  const mapper::MapResult result =
      chosen->map(problem, {.evaluations = samples, .seed = seed, .threads = 1}, nullptr);
  const double seconds = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  const double value = result.evaluation
                           ? cost::score(problem.objective, result.evaluation->latency.total,
                                         result.evaluation->energy)
                                 .first
                           : 0.0;
  fmt::print("{},{},{},{},{},{},{},{:.10g},{:.10g},{:.6f}\n", on.name, layer.name, objective, name,
             samples, seed, result.evaluations, value, result.lower_bound.first, seconds);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("gamma_experiment ARCHS MAPPERS SAMPLES SEEDS [OBJECTIVES [LAYERS.csv]]\n", stderr);
    return 2;
  }
  const auto layers = value_of(
      read_layers(argc > 6 ? argv[6] : TILELOOM_SOURCE_DIR "/tests/papers/gamma/layers.csv"));
  fmt::print("platform,layer,objective,mapper,samples,seed,used,value,bound,seconds\n");
  for (const std::string& name : split(argv[1])) {
    const Platform on = platform(name);
    for (const std::string& objective : split(argc > 5 ? argv[5] : "latency,energy,edp")) {
      for (const TableLayer& layer : layers) {
        for (const std::string& mapper : split(argv[2])) {
          for (const std::uint64_t seed : seeds_of(argv[4])) {
            run(on, layer, objective, mapper, std::stoll(argv[3]), seed);
          }
        }
      }
    }
  }
}
