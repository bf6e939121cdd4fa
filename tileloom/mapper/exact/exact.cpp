#include "tileloom/mapper/exact/exact.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/front_search.hpp"
#include "tileloom/mapper/exact/imperfect.hpp"
#include "tileloom/mapper/exact/level_search.hpp"
#include "tileloom/mapper/exact/product/search.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {
namespace {

/// Evaluations of the descents that a long product search asks for.
constexpr std::int64_t kDescentEvaluations = 30'000;

MapResult map_by_products(const Problem& problem, const product::Terrain& terrain,
                          const Budget& budget, const OnProgress& on_progress) {
  const product::Improve improve = [&]() -> product::Start {
    Budget small = budget;
    small.evaluations = std::min(budget.evaluations / 4, kDescentEvaluations);
    Descents found = descend_levels(problem, *terrain.space, small);
    return {found.score, std::move(found.path), found.evaluations};
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
