#include "tileloom/mapper/gamma/gamma.hpp"

#include <fmt/format.h>

#include "tileloom/mapper/gamma/flexibility.hpp"
#include "tileloom/mapper/gamma/search.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {

namespace {

/// The user's constraints and those of the dataflow, if one is chosen.
struct Ruled {
  Constraints constraints;
  GammaOptions options;
};

Ruled with_dataflow(const Problem& problem, const GammaOptions& options) {
  Ruled ruled{problem.constraints, options};
  const Result<gamma::Machine> machine = gamma::parse_machine(options.dataflow);
  if (!machine) return ruled;  // the command line has refused it
  ruled.options.levels = machine->dataflow.parallel.size();
  ruled.options.ranks = 1;
  const gamma::Restriction rules = gamma::restriction(
      machine->dataflow, machine->free, problem.arch, problem.workload.operators[problem.op]);
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(ruled.constraints.only, rules.constraints.only);
  append(ruled.constraints.orders, rules.constraints.orders);
  append(ruled.constraints.tiles, rules.constraints.tiles);
  append(ruled.options.rules, rules.parts);
  return ruled;
}

}  // namespace

MapResult GammaMapper::map(const Problem& problem, const Budget& budget,
                           const OnProgress& on_progress) const {
  const Ruled ruled = with_dataflow(problem, options_);
  const GenomeSpace space =
      make_genome_space(problem.workload, problem.op, problem.arch, ruled.constraints,
                        ruled.options.levels, ruled.options.ranks);
  MapResult result;
  result.space = fmt::format("genomes of {} levels of parallelism per axis", ruled.options.levels);
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
  const gamma::Outcome outcome = gamma::search(space, ruled.options, goal, budget, {}, report);
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
