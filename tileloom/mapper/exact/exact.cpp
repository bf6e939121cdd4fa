#include "tileloom/mapper/exact/exact.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/compulsory.hpp"
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

/// Memories too small for whatever is at home there beside one element of every other tensor that
/// the rules want, at the least width; empty if there are none.
std::string too_small_memories(const MapSpace& space) {
  std::string reason;
  for (const MemoryId m : ids<MemoryId>(space.arch->memories.size())) {
    double bits = 0;
    for (const Resident& resident : space.residents) {
      if ((resident.must_keep >> index(m) & 1) == 0) continue;
      const std::vector<const Operand*> all = operands(*space.op);
      const Operand& operand = **std::ranges::find(all, resident.tensor, &Operand::tensor);
      const double whole = hull_elements(*space.op, operand);
      bits += static_cast<double>(std::min(operand.bits, operand.partial_bits)) *
              (resident.home == m ? whole : std::min(1.0, used_elements(*space.op, operand)));
    }
    const Memory& memory = space.arch->memories[m];
    bits *= memory.double_buffered ? 2 : 1;
    if (!memory.capacity || bits <= static_cast<double>(memory.capacity->value)) continue;
    if (!reason.empty()) reason += "; ";
    reason += too_small(memory, bits);
  }
  return reason;
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
  } else if (found.proved) {
    result.proof = Proof::infeasible;
    result.reason = why_infeasible(*terrain.space);
    if (result.reason.empty()) {
      result.reason = "no Stores and tiles fit all memories at once, although the smallest fit each";
    }
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
  const std::optional<product::Terrain> terrain = product::survey(space);
  MapResult result;
  result.reason = too_small_memories(space);
  if (!result.reason.empty()) {
    result.space = product::kSpace;
    result.proof = Proof::infeasible;
    return result;
  }
  if (options_.imperfect) return map_imperfect(problem, space, terrain, budget, on_progress);
  if (problem.objective.front) return map_front(problem, terrain, *this, budget, on_progress);
  if (terrain) {
    return map_by_products(problem, *terrain, budget, on_progress);
  }
  return search_levels(problem, space, budget, on_progress);
}

}  // namespace tileloom::mapper
