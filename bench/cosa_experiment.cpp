// CoSA's experiment (ISCA 2021): the layers of four suites on the Simba-like machine and its larger
// variant, mapped by CoSA, by the best of 5 valid random mappings, by a Timeloop-like hybrid search
// (best of 16,000 valid) and by `exact`, all scored by cost::evaluate. Prints one CSV line per
// machine, objective, layer and mapper; bench/plot_cosa.py sums them up.
//
//     cosa_experiment LAYERS.csv MACHINES OBJECTIVES MAPPERS [HYBRID_SAMPLES [EVERY_NTH_LAYER]]
//     cosa_experiment bench/cosa/layers.csv simba,simba_large edp cosa,random,hybrid,exact > cosa.csv

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "bench/words.hpp"
#include "tileloom/driver/network.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/io/csv/read_layers.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/mapper/registry.hpp"
#include "tileloom/workload/make.hpp"

namespace {

using namespace tileloom;

template <class T>
T required(Result<T> result) {
  if (result) return std::move(*result);
  std::cerr << to_string(result.error());
  std::exit(2);
}

/// A mapper as it takes part.
struct Entrant {
  std::string label;
  std::unique_ptr<mapper::Mapper> mapper;
  Budget budget;
  bool all_stored = false;  ///< every memory keeps what it may hold, as CoSA has it
};

/// `random` and `hybrid` are those of the experiment, with CoSA's Stores (`random_free` and
/// `hybrid_free`: with any); any other name is a mapper's, with its default budget
/// (`exact@4000000`: that many evaluations). Valid mappings are counted, so the draws are all but
/// unlimited.
Entrant entrant(const std::string& label, std::int64_t hybrid_samples) {
  constexpr std::int64_t kDraws = 2'000'000'000;
  const bool all_stored = !label.ends_with("_free");
  if (label.starts_with("random")) {
    return {label, required(mapper::make_mapper("random", {.valid_samples = 5})),
            {.evaluations = kDraws, .threads = 1}, all_stored};
  }
  if (label.starts_with("hybrid")) {
    return {label,
            required(mapper::make_mapper("timeloop_hybrid", {.valid_samples = hybrid_samples})),
            {.evaluations = kDraws, .threads = 1}, all_stored};
  }
  if (label == "cosa_published") {
    mapper::MapperOptions options;
    options.cosa.published_stride = options.cosa.published_capacity = true;
    options.cosa.published_ties = true;
    return {label, required(mapper::make_mapper("cosa", options)),
            {.evaluations = driver::default_evaluations("cosa"), .threads = 1}};
  }
  const std::size_t at = label.find('@');
  const std::string name = label.substr(0, at);
  const std::int64_t evaluations = at == std::string::npos ? driver::default_evaluations(name)
                                                           : std::atoll(&label[at + 1]);
  return {name, required(mapper::make_mapper(name, {})),
          {.evaluations = evaluations, .threads = 1}};
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void run(const Architecture& arch, const TableLayer& layer, const cost::Objective& objective,
         const Entrant& entrant) {
  const Workload workload =
      driver::apply_precision(one_conv(layer.name, layer.shape, ElementBits{}), arch);
  const mapper::Constraints rules =
      entrant.all_stored ? mapper::stores_everywhere(arch) : mapper::Constraints{};
  const double start = cpu_seconds();
  const mapper::MapResult result =
      entrant.mapper->map({workload, OperatorId{0}, arch, objective, rules}, entrant.budget, nullptr);
  const double seconds = cpu_seconds() - start;
  const bool found = result.evaluation.has_value();
  fmt::print("{},{},{},{},{},{},{},{},{:.8g},{:.8g},{},{},{:.4f}\n", arch.name,
             to_string(objective), layer.name, layer.multiplicity, macs(workload), entrant.label,
             to_string(result.proof), found ? result.evaluation->latency.total.value : 0,
             found ? result.evaluation->energy.value : 0.0, result.lower_bound.first,
             result.evaluations, result.draws, seconds);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr,
               "usage: cosa_experiment LAYERS.csv MACHINES OBJECTIVES MAPPERS [HYBRID_SAMPLES "
               "[EVERY_NTH_LAYER]]\n");
    return 2;
  }
  const auto layers = required(read_layers(argv[1]));
  std::vector<Entrant> entrants;
  for (const std::string& label : split(argv[4])) {
    entrants.push_back(entrant(label, argc > 5 ? std::atoll(argv[5]) : 16'000));
  }
  const std::size_t step = argc > 6 ? static_cast<std::size_t>(std::atoll(argv[6])) : 1;
  fmt::print(
      "machine,objective,layer,multiplicity,macs,mapper,proof,cycles,picojoules,lower_bound,"
      "evaluations,draws,cpu_s\n");
  for (const std::string& machine : split(argv[2])) {
    const auto arch = required(load_architecture(machine));
    for (const std::string& word : split(argv[3])) {
      const auto objective = required(cost::parse_objective(word));
      for (std::size_t i = 0; i < layers.size(); i += step) {
        for (const Entrant& each : entrants) run(arch, layers[i], objective, each);
      }
    }
  }
  return 0;
}
