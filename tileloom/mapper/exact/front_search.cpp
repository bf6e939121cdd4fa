#include "tileloom/mapper/exact/front_search.hpp"

#include <algorithm>
#include <array>

#include "tileloom/mapper/exact/product/search.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {
namespace {

/// One search for each end of the front and one for its middle, this share of the budget for each.
constexpr std::int64_t kShareOfEnd = 8;
/// Sums in another order differ by rounding.
constexpr double kRoundingOfSums = 1e-11;
/// Corners reported of a front that is not complete.
constexpr std::size_t kMostCorners = 32;

constexpr std::array<cost::Objective, 3> kEnds{
    cost::Objective{.first = cost::Metric::latency, .second = cost::Metric::energy},
    cost::Objective{.first = cost::Metric::energy, .second = cost::Metric::latency},
    cost::Objective{.first = cost::Metric::edp}};

cost::Score pair_of(const cost::Evaluation& evaluation) {
  return {static_cast<double>(evaluation.latency.total.value), evaluation.energy.value};
}

/// What the three searches say of the front.
struct Ends {
  std::vector<product::Start> starts;
  cost::Score least;  ///< no mapping has fewer cycles, or less energy
  std::array<MapResult, kEnds.size()> answers;
};

Ends find_ends(const Problem& problem, const Mapper& single, const Budget& budget) {
  Ends ends;
  Budget share = budget;
  share.evaluations = std::max<std::int64_t>(1, budget.evaluations / kShareOfEnd);
  for (std::size_t i = 0; i < kEnds.size(); ++i) {
    const Problem one{problem.workload, problem.op, problem.arch, kEnds[i], problem.constraints};
    MapResult& found = ends.answers[i] = single.map(one, share, nullptr);
    product::Start start;
    start.evaluations = found.evaluations;
    if (found.tree) {
      start.score = pair_of(*found.evaluation);
      start.path = found.tree->path;
    }
    ends.starts.push_back(std::move(start));
  }
  ends.least = {ends.answers[0].lower_bound.first, ends.answers[1].lower_bound.first};
  return ends;
}

/// Without a search of the whole front: the pair of least cycles and least energy bounds everything.
product::FrontFound front_of_ends(const Ends& ends) {
  product::FrontFound found;
  for (const product::Start& start : ends.starts) {
    if (start.score) found.front.offer(*start.score, start.path);
  }
  found.open.push_back(ends.least);
  return found;
}

ParetoFront make_front(const Problem& problem, const product::FrontFound& found,
                 const cost::Score& least) {
  ParetoFront front;
  for (const product::Pareto::Point& point : found.front.points()) {
    MapResult checked = answer(problem, LoopTree{point.path, ComputeLeaf{problem.op}});
    front.points.push_back({std::move(*checked.tree), std::move(*checked.evaluation)});
  }
  std::vector<cost::Score> open = found.open;
  for (cost::Score& bound : open) {
    bound = {std::max(bound.first, least.first), std::max(bound.second, least.second)};
  }
  std::erase_if(open, [&](const cost::Score& bound) {
    return found.front.covers(bound, kRoundingOfSums);
  });
  for (const cost::Score& corner : product::staircase(std::move(open), kMostCorners)) {
    front.corners.push_back(
        {Cycles{static_cast<std::int64_t>(corner.first)}, Picojoules{corner.second}});
  }
  return front;
}

/// The point of least EDP, and what the front says of it.
MapResult represent(ParetoFront front, const std::string& space) {
  const auto edp = [](Cycles latency, Picojoules energy) {
    return static_cast<double>(latency.value) * energy.value;
  };
  MapResult result;
  result.space = space;
  const auto best = std::ranges::min_element(front.points, {}, [&](const ParetoPoint& point) {
    return edp(point.evaluation.latency.total, point.evaluation.energy);
  });
  if (best != front.points.end()) {
    result.tree = best->tree;
    result.evaluation = best->evaluation;
    result.proof = front.complete() ? Proof::optimal : Proof::budget_spent;
    result.lower_bound.first = edp(best->evaluation.latency.total, best->evaluation.energy);
  }
  for (const ParetoCorner& corner : front.corners) {
    result.lower_bound.first =
        std::min(result.lower_bound.first, edp(corner.latency, corner.energy));
  }
  result.front = std::move(front);
  return result;
}

}  // namespace

MapResult map_front(const Problem& problem, const std::optional<product::Terrain>& terrain,
                    const Mapper& single, const Budget& budget, const OnProgress& on_progress) {
  const Ends ends = find_ends(problem, single, budget);
  std::int64_t evaluations = 0;
  for (const product::Start& start : ends.starts) evaluations += start.evaluations;
  const auto impossible = std::ranges::find(ends.answers, Proof::infeasible, &MapResult::proof);
  if (impossible != ends.answers.end()) return *impossible;
  product::FrontFound found;
  if (terrain) {
    Budget rest = budget;
    rest.evaluations = std::max<std::int64_t>(1, budget.evaluations - evaluations);
    found = product::search_front(*terrain, rest, ends.starts, on_progress);
  } else {
    found = front_of_ends(ends);
  }
  MapResult result =
      represent(make_front(problem, found, ends.least), ends.answers[0].space);
  result.evaluations = evaluations + found.evaluations;
  return result;
}

}  // namespace tileloom::mapper
