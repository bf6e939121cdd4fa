#include "tileloom/mapper/blackbox/blackbox.hpp"

#include "tileloom/mapper/blackbox/optimise.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {

MapResult BlackboxMapper::map(const Problem& problem, const Budget& budget,
                              const OnProgress& on_progress) const {
  const GenomeSpace space =
      make_genome_space(problem.workload, problem.op, problem.arch, problem.constraints);
  if (std::optional<MapResult> impossible = infeasible_result(space.map)) return *impossible;
  GenomeJudge judge(space, problem, budget, on_progress);
  optimise(options_, space, budget.seed, judge);
  return judge.result();
}

std::vector<FrontPoint> blackbox_front(const BlackboxOptions& options, const Problem& problem,
                                       const Budget& budget) {
  const GenomeSpace space =
      make_genome_space(problem.workload, problem.op, problem.arch, problem.constraints);
  if (infeasible_result(space.map)) return {};
  const OnProgress quiet;
  GenomeJudge judge(space, problem, budget, quiet);
  optimise(options, space, budget.seed, judge);
  return judge.front();
}

}  // namespace tileloom::mapper
