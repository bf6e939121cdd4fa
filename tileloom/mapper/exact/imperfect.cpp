#include "tileloom/mapper/exact/imperfect.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/exact.hpp"
#include "tileloom/mapper/exact/level_search.hpp"
#include "tileloom/mapper/exact/product/ragged_floor.hpp"
#include "tileloom/mapper/exact/ragged_anneal.hpp"
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

/// The same, but no more than is left of the budget when so much is kept for others.
Budget part_of(const Budget& budget, std::int64_t divisor, std::int64_t spent, std::int64_t kept) {
  Budget part = part_of(budget, divisor);
  part.evaluations =
      std::clamp<std::int64_t>(budget.evaluations - spent - kept, 1, part.evaluations);
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

Polished start_of(const Problem& problem, const MapResult& result) {
  return {score_of(problem, result), result.tree->path, 0};
}

MapResult answer_of(const Problem& problem, Polished found) {
  MapResult result = answer(problem, LoopTree{std::move(found.path), ComputeLeaf{problem.op}});
  result.evaluations = found.evaluations;
  return result;
}

MapResult polished(const Problem& problem, const MapSpace& space, const MapResult& start,
                   const Budget& budget) {
  return answer_of(problem,
                   polish_ragged(space, problem.objective, start_of(problem, start), budget));
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

/// So close to the floor little can be won, and less is spent on it.
constexpr double kNear = 1.01;
/// Starts of annealing where the floor tells none.
constexpr std::size_t kPromising = 8;

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

/// The steps of map_imperfect and what they know.
class ImperfectSearch {
 public:
  ImperfectSearch(const Problem& problem, const MapSpace& space,
                  const std::optional<product::Terrain>& terrain, const Budget& budget,
                  const OnProgress& on_progress)
      : problem_(problem),
        space_(space),
        terrain_(terrain),
        budget_(budget),
        on_progress_(on_progress) {}

  MapResult run() {
    Budget most = budget_;
    most.evaluations = std::max<std::int64_t>(1, budget_.evaluations * 3 / 8);
    perfect_ = ExactMapper().map(problem_, most, on_progress_);
    if (perfect_.proof == Proof::infeasible && space_.constraints->empty()) return perfect_;
    best_ = perfect_;
    if (perfect_.tree) take(polished(problem_, space_, perfect_, part_of(budget_, 16)));
    // A quarter is kept for annealing, an eighth for the two searches before it.
    floor_ = floor_of(problem_, terrain_, part(4, budget_.evaluations * 3 / 8), known());
    best_.evaluations += floor_.evaluations;
    if (floor_reached()) return proved();
    if (floor_.promising.empty()) floor_.promising = promising_levels(problem_, space_, kPromising);
    search_levels();
    anneal();
    if (floor_reached()) return proved();
    return without_floor();
  }

 private:
  Budget part(std::int64_t divisor, std::int64_t kept) const {
    return part_of(budget_, divisor, best_.evaluations, kept);
  }
  std::optional<cost::Score> known() const {
    if (!best_.tree) return std::nullopt;
    return score_of(problem_, best_);
  }
  void take(MapResult found) { best_ = better_of(problem_, std::move(best_), std::move(found)); }

  bool floor_reached() const {
    return best_.tree && product::reaches(*known(), floor_, problem_.objective);
  }

  /// The level-structured mappings, and those that are best for another objective: what is no
  /// better than the best is a start for annealing.
  void search_levels() {
    const std::int64_t kept = budget_.evaluations / 4;  // for annealing
    const Budget eighth = part(8, kept + budget_.evaluations / 16);
    levels_ = search_imperfect_levels(problem_, space_, eighth, on_progress_, known());
    add_start(levels_);
    take(levels_);
    if (problem_.objective.first == cost::Metric::edp) return;
    if (levels_.proof != Proof::budget_spent) return;
    MapResult other = by_way_of_edp(problem_, space_, part(4, kept));
    add_start(other);
    take(std::move(other));
  }

  void add_start(const MapResult& result) {
    if (result.tree) floor_.promising.push_back(result.tree->path);
  }

  void anneal() {
    if (!best_.tree) return;
    const bool near = known()->first <= floor_.lower_bound.first * kNear;
    Polished found = anneal_ragged(space_, problem_.objective, start_of(problem_, best_),
                                   floor_.promising, part(near ? 10 : 3, 0));
    take(answer_of(problem_, std::move(found)));
  }

  MapResult proved() {
    best_.space = kWholeSpace;
    best_.lower_bound = *known();
    best_.proof = Proof::optimal;
    best_.reason.clear();
    return std::move(best_);
  }

  /// Both spaces were searched completely, or there is a bound.
  MapResult without_floor() {
    best_.space = perfect_.space + "; and " + levels_.space;
    best_.lower_bound = levels_.lower_bound;
    if (perfect_.tree) best_.lower_bound = std::min(best_.lower_bound, perfect_.lower_bound);
    best_.lower_bound = std::max(best_.lower_bound, floor_.lower_bound);
    const bool nothing_better =
        levels_.proof == Proof::optimal || levels_.proof == Proof::infeasible;
    const bool complete = nothing_better && perfect_.proof != Proof::budget_spent;
    if (best_.tree) {
      best_.lower_bound = std::min(best_.lower_bound, *known());
      best_.proof = complete ? Proof::optimal : Proof::budget_spent;
      best_.reason.clear();
    } else {
      best_.proof = complete ? Proof::infeasible : Proof::budget_spent;
      best_.reason = levels_.reason;
    }
    return std::move(best_);
  }

  const Problem& problem_;
  const MapSpace& space_;
  const std::optional<product::Terrain>& terrain_;
  const Budget& budget_;
  const OnProgress& on_progress_;
  MapResult perfect_;  ///< perfect factors
  MapResult levels_;   ///< the level-structured mappings
  MapResult best_;     ///< of all, and what was spent
  product::RaggedFloor floor_;
};

}  // namespace

MapResult map_imperfect(const Problem& problem, const MapSpace& space,
                        const std::optional<product::Terrain>& terrain, const Budget& budget,
                        const OnProgress& on_progress) {
  return ImperfectSearch(problem, space, terrain, budget, on_progress).run();
}

}  // namespace tileloom::mapper
