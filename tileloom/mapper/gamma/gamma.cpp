#include "tileloom/mapper/gamma/gamma.hpp"

#include <fmt/format.h>

#include "tileloom/mapper/gamma/search.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {

MapResult GammaMapper::map(const Problem& problem, const Budget& budget,
                           const OnProgress& on_progress) const {
  const GenomeSpace space = make_genome_space(problem.workload, problem.op, problem.arch,
                                              problem.constraints, options_.levels);
  MapResult result;
  result.space = fmt::format("genomes of {} levels of parallelism per axis", options_.levels);
  result.reason = why_infeasible(space.map);
  if (!result.reason.empty()) {
    result.proof = Proof::infeasible;
    return result;
  }
  const cost::Score bound = bound_score(space.map, problem.objective);
  const auto report = [&](const gamma::Outcome& outcome) {
    if (!on_progress) return;
    Progress progress{std::nullopt, bound, outcome.samples};
    if (outcome.best) progress.incumbent = outcome.best->score;
    on_progress(progress);
  };
  const gamma::Goal goal{problem.objective, std::nullopt, std::nullopt, nullptr};
  const gamma::Outcome outcome = gamma::search(space, options_, goal, budget, {}, report);
  if (outcome.best) {
    const std::string words = result.space;
    result = answer(problem, tree_of(space, outcome.best->genome));
    result.space = words;
    result.proof = outcome.best->score <= bound ? Proof::optimal : Proof::feasible;
  }
  result.lower_bound = bound;
  result.evaluations = outcome.samples;
  return result;
}

}  // namespace tileloom::mapper
