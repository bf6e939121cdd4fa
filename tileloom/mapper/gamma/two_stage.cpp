#include "tileloom/mapper/gamma/two_stage.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <optional>

#include "tileloom/mapper/gamma/search.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {
namespace {

MapResult answer_of(const Problem& problem, const GenomeSpace& space,
                    const gamma::Outcome& outcome) {
  MapResult result;
  if (outcome.best) {
    result = answer(problem, tree_of(space, outcome.best->genome));
    result.proof = Proof::feasible;
  } else {
    result.reason = why_infeasible(space.map);
    if (!result.reason.empty()) result.proof = Proof::infeasible;
  }
  result.space = "genomes of two stages";
  result.evaluations = outcome.samples;
  return result;
}

double value(const MapResult& result, cost::Metric metric) {
  return cost::score({metric, {}}, result.evaluation->latency.total, result.evaluation->energy)
      .first;
}

gamma::Goal within(cost::Metric second, cost::Metric first, double limit) {
  gamma::Goal goal{{second, {}}, std::nullopt, std::nullopt, nullptr};
  (first == cost::Metric::latency ? goal.most_cycles : goal.most_picojoules) = limit;
  return goal;
}

std::optional<MapResult> find_in(const ResultStore* store, const Problem& problem) {
  return store == nullptr ? std::nullopt : store->find(problem);
}

/// Keeps what a whole search found.
void keep_in(const ResultStore* store, const Problem& problem, const MapResult& result,
             const Budget& budget) {
  if (store != nullptr && result.tree && !budget.stopped()) store->keep(problem, result);
}

}  // namespace

TwoStage map_two_stage(std::span<const Problem> problems, cost::Metric first, cost::Metric second,
                       const GammaOptions& options, const Budget& budget,
                       const std::function<void(std::size_t)>& on_solved,
                       const StageStores& stores) {
  TwoStage result;
  result.known.assign(problems.size(), 0);
  result.first.resize(problems.size());
  result.second.resize(problems.size());
  std::vector<GenomeSpace> spaces;
  for (const Problem& problem : problems) {
    spaces.push_back(make_genome_space(problem.workload, problem.op, problem.arch,
                                       problem.constraints, options.levels, options.ranks));
  }
  std::vector<std::optional<Genome>> fastest(problems.size());
  tbb::task_arena arena(budget.threads > 0 ? budget.threads : tbb::task_arena::automatic);
  const auto in_parallel = [&](const std::function<void(std::size_t)>& solve) {
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, problems.size(), [&](std::size_t i) {
        solve(i);
        if (on_solved) on_solved(i);
      });
    });
  };
  const auto search_first = [&](std::size_t i) {
    // Deviation: of equally good mappings the one with less of the second metric.
    cost::Objective objective{first, std::nullopt};
    if (options.guided) objective.second = second;
    const gamma::Goal goal{objective, std::nullopt, std::nullopt, nullptr};
    gamma::Outcome outcome = gamma::search(spaces[i], options, goal, budget, {}, nullptr);
    if (outcome.best) fastest[i] = outcome.best->genome;
    return outcome;
  };
  in_parallel([&](std::size_t i) {
    if (std::optional<MapResult> known = find_in(stores.first, problems[i])) {
      result.first[i] = std::move(*known);
      return;
    }
    result.first[i] = answer_of(problems[i], spaces[i], search_first(i));
    keep_in(stores.first, problems[i], result.first[i], budget);
  });
  for (const MapResult& layer : result.first) {
    if (layer.evaluation) result.limit = std::max(result.limit, value(layer, first));
  }
  std::unique_ptr<ResultStore> store;
  if (stores.second) store = stores.second(result.limit);
  in_parallel([&](std::size_t i) {
    if (std::optional<MapResult> known = find_in(store.get(), problems[i])) {
      result.second[i] = std::move(*known);
      result.known[i] = 1;
      return;
    }
    // The answer of stage 1 may be remembered, its genome is not.
    if (result.first[i].tree && !fastest[i]) search_first(i);
    if (!fastest[i]) {
      result.second[i] = result.first[i];
      return;
    }
    const gamma::Goal goal = within(second, first, result.limit);
    const gamma::Outcome outcome =
        gamma::search(spaces[i], options, goal, budget, {&*fastest[i], 1}, nullptr);
    result.second[i] = answer_of(problems[i], spaces[i], outcome);
    result.second[i].evaluations += result.first[i].evaluations;
    keep_in(store.get(), problems[i], result.second[i], budget);
  });
  return result;
}

}  // namespace tileloom::mapper
