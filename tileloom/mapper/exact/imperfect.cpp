#include "tileloom/mapper/exact/imperfect.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/exact.hpp"
#include "tileloom/mapper/exact/level_search.hpp"
#include "tileloom/mapper/exact/product/ragged_floor.hpp"
#include "tileloom/mapper/exact/ragged_polish.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {
namespace {

cost::Score score_of(const Problem& problem, const MapResult& result) {
  return cost::score(problem.objective, result.evaluation->latency.total,
                     result.evaluation->energy);
}

/// Part of the budget, at least one evaluation.
Budget part_of(const Budget& budget, std::int64_t divisor) {
  Budget part = budget;
  part.evaluations = std::max<std::int64_t>(1, budget.evaluations / divisor);
  return part;
}

/// A quarter of the budget, if so much is left, else half of what is.
Budget quarter_left(const Budget& budget, std::int64_t spent) {
  Budget part = part_of(budget, 4);
  part.evaluations =
      std::clamp<std::int64_t>((budget.evaluations - spent) / 2, 1, part.evaluations);
  return part;
}

/// The better of two answers; what they spent together.
MapResult better_of(const Problem& problem, MapResult a, MapResult b) {
  const std::int64_t evaluations = a.evaluations + b.evaluations;
  const bool second = b.tree && (!a.tree || score_of(problem, b) < score_of(problem, a));
  MapResult best = std::move(second ? b : a);
  best.evaluations = evaluations;
  return best;
}

MapResult polished(const Problem& problem, const MapSpace& space, const MapResult& start,
                   const Budget& budget) {
  Polished found = polish_ragged(
      space, problem.objective, {score_of(problem, start), start.tree->path, 0}, budget);
  MapResult result = answer(problem, LoopTree{std::move(found.path), ComputeLeaf{problem.op}});
  result.evaluations = found.evaluations;
  return result;
}

/// A descent from what is best for energy times latency: where sizes have few divisors, mappings
/// that leave lanes idle are far from those that energy wants.
MapResult by_way_of_edp(const Problem& problem, const MapSpace& space, const Budget& budget) {
  const Problem edp{problem.workload, problem.op, problem.arch, {.first = cost::Metric::edp},
                    problem.constraints};
  const OnProgress nobody;
  const MapResult found =
      search_imperfect_levels(edp, space, part_of(budget, 2), nobody, std::nullopt);
  if (!found.tree) return found;
  const MapResult there = polished(edp, space, found, part_of(budget, 4));
  MapResult result = polished(problem, space, there, part_of(budget, 4));
  result.evaluations += found.evaluations + there.evaluations;
  return result;
}

constexpr const char* kWholeSpace =
    "every placement and order of the Stores, one loop per rank between neighbouring Stores, all "
    "loop orders, a tile t cut n times into tiles of ceil(t / n)";

/// What no mapping of the union of both spaces beats; zero where the floor does not cover them.
product::RaggedFloor floor_of(const Problem& problem,
                              const std::optional<product::Terrain>& terrain, const Budget& budget,
                              const std::optional<cost::Score>& known) {
  if (!known || !terrain) return {};
  return product::ragged_floor(*terrain, problem.objective, budget, *known);
}

}  // namespace

MapResult map_imperfect(const Problem& problem, const MapSpace& space,
                        const std::optional<product::Terrain>& terrain, const Budget& budget,
                        const OnProgress& on_progress) {
  const MapResult perfect = ExactMapper().map(problem, part_of(budget, 2), on_progress);
  if (perfect.proof == Proof::infeasible && space.constraints->empty()) return perfect;
  MapResult best = perfect;
  if (perfect.tree) {
    best = better_of(problem, perfect, polished(problem, space, perfect, part_of(budget, 8)));
  }
  std::optional<cost::Score> known;
  if (best.tree) known = score_of(problem, best);
  const product::RaggedFloor floor =
      floor_of(problem, terrain, quarter_left(budget, best.evaluations), known);
  best.evaluations += floor.evaluations;
  if (floor.reached) {
    best.space = kWholeSpace;
    best.lower_bound = *known;
    best.proof = Proof::optimal;
    best.reason.clear();
    return best;
  }
  const MapResult searched =
      search_imperfect_levels(problem, space, part_of(budget, 8), on_progress, known);
  best = better_of(problem, std::move(best), searched);
  if (problem.objective.first != cost::Metric::edp && searched.proof == Proof::budget_spent) {
    const Budget left = quarter_left(budget, best.evaluations);
    best = better_of(problem, std::move(best), by_way_of_edp(problem, space, left));
  }
  best.space = perfect.space + "; and " + searched.space;
  best.lower_bound = searched.lower_bound;
  if (perfect.tree) best.lower_bound = std::min(best.lower_bound, perfect.lower_bound);
  best.lower_bound = std::max(best.lower_bound, floor.lower_bound);
  const bool nothing_better =
      searched.proof == Proof::optimal || searched.proof == Proof::infeasible;
  const bool proved = nothing_better && perfect.proof != Proof::budget_spent;
  if (best.tree) {
    best.lower_bound = std::min(best.lower_bound, score_of(problem, best));
    best.proof = proved ? Proof::optimal : Proof::budget_spent;
    best.reason.clear();
  } else {
    best.proof = proved ? Proof::infeasible : Proof::budget_spent;
    best.reason = searched.reason;
  }
  return best;
}

}  // namespace tileloom::mapper
