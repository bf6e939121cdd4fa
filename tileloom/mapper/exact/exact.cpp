#include "tileloom/mapper/exact/exact.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/front_search.hpp"
#include "tileloom/mapper/exact/imperfect.hpp"
#include "tileloom/mapper/exact/level_search.hpp"
#include "tileloom/mapper/exact/product/anneal.hpp"
#include "tileloom/mapper/exact/product/axis_table.hpp"
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

/// Elements of an operand that its home holds.
double whole_box(const product::Terrain& terrain, const product::OperandFacts& operand) {
  double elements = operand.constant;
  for (std::size_t r = 0; r < terrain.extents.size(); ++r) {
    if (operand.relevance[r] != product::Relevance::simple) continue;
    elements *= static_cast<double>(terrain.extents[r]);
  }
  for (const std::size_t a : operand.axes) {
    std::vector<std::int64_t> extents;
    for (const std::size_t rank : terrain.axes[a].ranks) extents.push_back(terrain.extents[rank]);
    elements *= product::AxisTable(terrain, terrain.axes[a]).boxes(extents).largest;
  }
  return elements;
}

/// Memories too small for whatever is at home there beside one element of every other tensor that
/// the rules want, at the least width; empty if there are none.
std::string too_small_memories(const product::Terrain& terrain) {
  const MapSpace& space = *terrain.space;
  std::string reason;
  for (std::size_t m = 0; m < terrain.memories.size(); ++m) {
    double bits = 0;
    for (std::size_t o = 0; o < terrain.operands.size(); ++o) {
      const product::OperandFacts& operand = terrain.operands[o];
      const Resident& resident = space.residents[o];
      if ((resident.must_keep >> m & 1) == 0) continue;
      const bool home = index(resident.home) == m;
      bits += operand.least_width(false) *
              (home ? whole_box(terrain, operand) : operand.constant);
    }
    const Memory& memory = space.arch->memories[static_cast<MemoryId>(m)];
    if (bits <= terrain.memories[m].capacity) continue;
    if (!reason.empty()) reason += "; ";
    reason += too_small(memory, bits * (memory.double_buffered ? 2 : 1));
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
  result.reason = terrain ? too_small_memories(*terrain) : why_infeasible(space);
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
