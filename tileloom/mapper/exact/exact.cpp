#include "tileloom/mapper/exact/exact.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/descent.hpp"
#include "tileloom/mapper/exact/frontier.hpp"

namespace tileloom::mapper {
namespace {

/// So many of the most promising nodes are descended from.
constexpr std::size_t kStarts = 16;

}  // namespace

MapResult ExactMapper::map(const Problem& problem, const Budget& budget,
                           const OnProgress& on_progress) const {
  const MapSpace space =
      make_map_space(problem.op, problem.workload.operators[problem.op], problem.arch);
  MapResult result;
  result.space = "level-structured mappings, perfect factors";
  result.reason = why_infeasible(space);
  if (!result.reason.empty()) {
    result.proof = Proof::infeasible;
    return result;
  }
  Ruler ruler(space, problem, budget);
  Frontier frontier(space, problem.objective);
  std::vector<Frontier::Node> nodes;
  while (!frontier.empty() && nodes.size() < kStarts) {
    if (std::optional<Frontier::Node> node = frontier.advance()) nodes.push_back(*node);
  }
  const cost::Score bound = nodes.front().bound;
  Incumbent incumbent;
  std::int64_t number = 0;
  const Point trivial = trivial_point(space);
  incumbent.offer(*Scorer(space, problem.objective)(trivial), number++, trivial);
  for (const Frontier::Node& node : nodes) {
    const Point start = start_point(space, frontier.keeps(node.placement), node.choice);
    const std::optional<cost::Score> score = ruler.measure(start);
    if (!score) continue;
    const Descended found = descend(ruler, start, *score);
    incumbent.offer(found.score, number++, found.point);
    if (on_progress) on_progress({incumbent.best()->score, bound, ruler.used()});
  }
  const std::string space_name = result.space;
  result = answer(problem, space, incumbent.best()->point);
  result.space = space_name;
  result.proof = incumbent.best()->score <= bound ? Proof::optimal : Proof::budget_spent;
  result.lower_bound = bound;
  result.evaluations = ruler.used();
  return result;
}

}  // namespace tileloom::mapper
