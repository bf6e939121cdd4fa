#include "tileloom/mapper/annealing/annealing.hpp"

#include <cmath>

#include "tileloom/mapper/annealing/neighbour.hpp"
#include "tileloom/mapper/genome_draw.hpp"
#include "tileloom/mapper/genome_judge.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {
namespace {

/// T_i = T_0 · (T_n / T_0)^(i / n) for step i of n.
double temperature(const AnnealingOptions& options, std::int64_t step, std::int64_t steps) {
  const double progress = static_cast<double>(step) / static_cast<double>(steps);
  return options.first_temperature *
         std::pow(options.last_temperature / options.first_temperature, progress);
}

void anneal(const AnnealingOptions& options, const GenomeSpace& space, const Budget& budget,
            GenomeJudge& judge) {
  Random random(budget.seed);
  Genome here = random_genome(space, random);
  if (judge.spent()) return;
  double value = judge(here).value;
  while (!judge.spent()) {
    Genome next = here;
    change_one_gene(space, next, random);
    const double next_value = judge(next).value;
    const double worse = next_value - value;
    const double hot = temperature(options, judge.evaluations(), budget.evaluations);
    if (worse > 0 && random.unit() >= std::exp(-worse / hot)) continue;
    here = std::move(next);
    value = next_value;
  }
}

}  // namespace

MapResult AnnealingMapper::map(const Problem& problem, const Budget& budget,
                               const OnProgress& on_progress) const {
  const GenomeSpace space =
      make_genome_space(problem.workload, problem.op, problem.arch, problem.constraints);
  if (std::optional<MapResult> impossible = infeasible_result(space.map)) return *impossible;
  GenomeJudge judge(space, problem, budget, on_progress);
  anneal(options_, space, budget, judge);
  return judge.result();
}

}  // namespace tileloom::mapper
