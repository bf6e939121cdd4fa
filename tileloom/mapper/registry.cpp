#include "tileloom/mapper/registry.hpp"

#include <fmt/format.h>

#include <optional>

#include "tileloom/mapper/annealing/annealing.hpp"
#include "tileloom/mapper/blackbox/blackbox.hpp"
#include "tileloom/mapper/exact/exact.hpp"
#include "tileloom/mapper/gamma/flexibility.hpp"
#include "tileloom/mapper/gamma/gamma.hpp"
#include "tileloom/mapper/random/random.hpp"
#include "tileloom/mapper/timeloop_like/timeloop_like.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::mapper {

GammaOptions gamma_options(const MapperOptions& options) {
  GammaOptions gamma = options.as_published ? as_published() : GammaOptions{};
  if (options.levels > 0) gamma.levels = options.levels;
  gamma.dataflow = options.dataflow;
  return gamma;
}

namespace {

std::optional<Optimiser> optimiser_of(std::string_view name) {
  if (name == "pso") return Optimiser::pso;
  if (name == "de") return Optimiser::de;
  if (name == "es") return Optimiser::es;
  if (name == "cmaes") return Optimiser::cmaes;
  if (name == "ga") return Optimiser::ga;
  if (name == "nsga2") return Optimiser::nsga2;
  return std::nullopt;
}

}  // namespace

std::vector<MapperEntry> mappers() {
  return {{"exact", "branch and bound: proves its mapping best, or says how far it may be from it",
           {"imperfect"}},
          {"gamma", "genetic algorithm over tiles, orders and levels of parallelism",
           {"as-published", "dataflow", "levels"}},
          {"cosa", "CoSA: one mixed-integer program, its ties broken by exact cost",
           {"as-published", "published", "solver"}},
          {"random", "the best of many mappings drawn without bias: the baseline",
           {"imperfect", "valid-samples"}},
          {"timeloop_random", "as Timeloop's random-pruned search", {"valid-samples"}},
          {"timeloop_hybrid", "as Timeloop's hybrid search: random factors, all orders",
           {"valid-samples"}},
          {"annealing", "simulated annealing over the genomes of gamma", {}},
          {"pso", "particle swarm over the genomes of gamma", {}},
          {"de", "differential evolution over the genomes of gamma", {}},
          {"es", "(1+1)-ES over the genomes of gamma", {}},
          {"cmaes", "CMA-ES over the genomes of gamma", {}},
          {"ga", "the standard genetic algorithm over the genomes of gamma", {}},
          {"nsga2", "NSGA-II for energy and latency over the genomes of gamma", {}}};
}

Result<std::unique_ptr<Mapper>> make_mapper(std::string_view name, const MapperOptions& options) {
  if (name == "exact") return std::make_unique<ExactMapper>(ExactOptions{.imperfect = options.imperfect});
  if (name == "gamma") {
    const Result<gamma::Machine> machine = gamma::parse_machine(options.dataflow);
    if (!options.dataflow.empty() && !machine) return tl::unexpected(machine.error());
    if (!options.dataflow.empty() && options.levels > 0) {
      return mistake({}, "--dataflow says how many levels of parallelism there are",
                     "leave out --levels or --dataflow");
    }
    return std::make_unique<GammaMapper>(gamma_options(options));
  }
  if (name == "cosa") return std::make_unique<CosaMapper>(options.cosa);
  if (name == "random") {
    return std::make_unique<RandomMapper>(
        RandomOptions{.imperfect = options.imperfect, .valid_samples = options.valid_samples});
  }
  if (name == "timeloop_random" || name == "timeloop_hybrid") {
    const TimeloopWalk walk =
        name == "timeloop_random" ? TimeloopWalk::random_pruned : TimeloopWalk::hybrid;
    return std::make_unique<TimeloopLikeMapper>(
        TimeloopOptions{.walk = walk, .valid_samples = options.valid_samples});
  }
  if (name == "annealing") return std::make_unique<AnnealingMapper>(AnnealingOptions{});
  if (const std::optional<Optimiser> optimiser = optimiser_of(name)) {
    return std::make_unique<BlackboxMapper>(BlackboxOptions{.optimiser = *optimiser});
  }
  std::vector<std::string> names;
  for (const MapperEntry& entry : mappers()) names.push_back(entry.name);
  return mistake({}, fmt::format("unknown mapper '{}'", name), suggestion(name, names));
}

std::string identity(std::string_view name, const MapperOptions& options) {
  if (name == "gamma") return "gamma " + identity(gamma_options(options));
  if (name == "cosa") return "cosa " + to_string(options.cosa);
  return fmt::format("{} imperfect={} valid_samples={}", name, options.imperfect,
                     options.valid_samples);
}

}  // namespace tileloom::mapper
