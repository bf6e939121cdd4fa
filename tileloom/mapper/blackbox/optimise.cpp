#include "tileloom/mapper/blackbox/optimise.hpp"

#include <cmath>
#include <limits>
#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/cmaes.hpp>
#include <pagmo/algorithms/de.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/algorithms/pso.hpp>
#include <pagmo/algorithms/sea.hpp>
#include <pagmo/algorithms/sga.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

#include "tileloom/mapper/genome_draw.hpp"

namespace tileloom::mapper {
namespace {

/// Thrown out of pagmo when the budget is used up: its algorithms only count generations.
struct Spent {};

/// The search as pagmo sees it: a function on the unit cube.
struct UnitCube {
  const GenomeSpace* space = nullptr;
  GenomeJudge* judge = nullptr;
  bool two_objectives = false;

  pagmo::vector_double fitness(const pagmo::vector_double& x) const {
    if (judge->spent()) throw Spent{};
    Genome genome = genome_of(*space, x);
    const Fitness fitness = (*judge)(genome);
    if (!two_objectives) return {fitness.value};
    if (!fitness.cost) return {fitness.penalty, fitness.penalty};
    return {std::log(std::max(fitness.cost->picojoules, 1e-300)),
            std::log(std::max(fitness.cost->cycles, 1.0))};
  }
  std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const {
    const std::size_t n = dimension(*space);
    return {pagmo::vector_double(n, 0.0), pagmo::vector_double(n, 1.0)};
  }
  pagmo::vector_double::size_type get_nobj() const { return two_objectives ? 2 : 1; }
};

constexpr unsigned kForever = std::numeric_limits<int>::max();

/// pagmo's defaults but for those that would end a run early.
pagmo::algorithm algorithm_of(Optimiser optimiser, unsigned seed) {
  constexpr double kNever = 0;  // tolerances at which de and cmaes stop
  switch (optimiser) {
    case Optimiser::pso:
      return pagmo::algorithm(
          pagmo::pso(kForever, 0.7298, 2.05, 2.05, 0.5, 5U, 2U, 4U, false, seed));
    case Optimiser::de:
      return pagmo::algorithm(pagmo::de(kForever, 0.8, 0.9, 2U, kNever, kNever, seed));
    case Optimiser::es:
      return pagmo::algorithm(pagmo::sea(kForever, seed));
    case Optimiser::cmaes:
      return pagmo::algorithm(pagmo::cmaes(kForever, -1, -1, -1, -1, 0.5, 1e-6, 1e-6, false,
                                           /*force_bounds=*/true, seed));
    case Optimiser::ga:
      return pagmo::algorithm(pagmo::sga(kForever, 0.9, 1.0, 0.02, 1.0, 2U, "exponential",
                                         "polynomial", "tournament", seed));
    case Optimiser::nsga2:
      return pagmo::algorithm(pagmo::nsga2(kForever, 0.95, 10.0, 0.01, 50.0, seed));
  }
  return {};
}

std::size_t population_of(const BlackboxOptions& options, std::size_t n) {
  switch (options.optimiser) {
    case Optimiser::es:
      return 1;
    case Optimiser::cmaes:
      return 4 + static_cast<std::size_t>(3 * std::log(static_cast<double>(n)));
    case Optimiser::pso:
    case Optimiser::de:
    case Optimiser::ga:
    case Optimiser::nsga2:
      return options.population;
  }
  return options.population;
}

}  // namespace

void optimise(const BlackboxOptions& options, const GenomeSpace& space, std::uint64_t seed,
              GenomeJudge& judge) {
  const std::size_t n = dimension(space);
  if (n == 0) {  // nothing to choose
    Genome genome = plain_genome(space);
    if (!judge.spent()) judge(genome);
    return;
  }
  const UnitCube cube{&space, &judge, options.optimiser == Optimiser::nsga2};
  Random seeds(seed);
  const auto next_seed = [&] { return static_cast<unsigned>(seeds.next() >> 32); };
  try {
    while (!judge.spent()) {
      const unsigned population_seed = next_seed();
      pagmo::population population(cube, population_of(options, n), population_seed);
      population = algorithm_of(options.optimiser, next_seed()).evolve(population);
    }
  } catch (const Spent&) {
    // The judge has what was found.
  }
}

}  // namespace tileloom::mapper
