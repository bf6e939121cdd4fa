#include "tileloom/mapper/exact/exact.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/front_search.hpp"
#include "tileloom/mapper/exact/imperfect.hpp"
#include "tileloom/mapper/exact/level_search.hpp"
#include "tileloom/mapper/exact/product/anneal.hpp"
#include "tileloom/mapper/exact/product/search.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {
namespace {

/// What a long product search asks for: evaluations of the descents and of the annealing, and the
/// share of the budget that each of the two may take.
constexpr std::int64_t kEvaluationsOfDescents = 20'000;
constexpr std::int64_t kEvaluationsOfAnnealing = 30'000;
constexpr std::int64_t kShareOfHelp = 8;

/// A mapping better than the known one, if descents or annealing from the best find any.
product::Start improve_on(const product::Start& known, const Problem& problem,
                          const product::Terrain& terrain, const Budget& budget) {
  Budget small = budget;
  small.evaluations = std::min(budget.evaluations / kShareOfHelp, kEvaluationsOfDescents);
  Descents descents = descend_levels(problem, *terrain.space, small);
  product::Start best = known;
  if (descents.score && (!known.score || *descents.score < *known.score)) {
    best = {descents.score, std::move(descents.path), 0};
  }
  small.evaluations = std::min(budget.evaluations / kShareOfHelp, kEvaluationsOfAnnealing);
  best = product::anneal(terrain, problem.objective, best, small);
  best.evaluations += descents.evaluations;
  return best;
}

MapResult map_by_products(const Problem& problem, const product::Terrain& terrain,
                          const Budget& budget, const OnProgress& on_progress) {
  const product::Improve improve = [&](const product::Start& known) {
    return improve_on(known, problem, terrain, budget);
  };
  product::Found found = product::search(terrain, problem.objective, budget, improve, on_progress);
  MapResult result;
  if (found.score) {
    result = answer(problem, LoopTree{std::move(found.path), ComputeLeaf{problem.op}});
    result.proof = found.proved ? Proof::optimal : Proof::budget_spent;
  }
  result.space = product::kSpace;
  result.lower_bound = found.lower_bound;
  result.evaluations = found.evaluations;
  return result;
}

}  // namespace

MapResult ExactMapper::map(const Problem& problem, const Budget& budget,
                           const OnProgress& on_progress) const {
  const MapSpace space =
      make_map_space(problem.workload, problem.op, problem.arch, problem.constraints);
  MapResult result;
  result.reason = why_infeasible(space);
  if (!result.reason.empty()) {
    result.space = product::kSpace;
    result.proof = Proof::infeasible;
    return result;
  }
  if (options_.imperfect) return map_imperfect(problem, space, budget, on_progress);
  if (problem.objective.front) return map_front(problem, space, *this, budget, on_progress);
  if (const std::optional<product::Terrain> terrain = product::survey(space)) {
    return map_by_products(problem, *terrain, budget, on_progress);
  }
  return search_levels(problem, space, budget, on_progress);
}

}  // namespace tileloom::mapper
