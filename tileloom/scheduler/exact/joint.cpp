#include "tileloom/scheduler/exact/joint.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "tileloom/scheduler/exact/labels.hpp"

namespace tileloom::scheduler::exact {

using namespace defines;

namespace {

/// A point with its cost, as `keep_best` compares it.
struct Choice {
  Point point;
  Totals totals;
  Cycles latency;
  Picojoules energy;
};

/// Every tile in every mode, no larger than the map and each once. A tile that is the whole map has
/// no neighbours, so that its modes are one.
std::vector<Point> points_of(Extent full, const std::vector<Extent>& tiles) {
  std::vector<Point> points{{Mode::fully_recompute, full}};
  for (const Extent tile : tiles) {
    const Extent cut{std::min(tile.x, full.x), std::min(tile.y, full.y)};
    if (std::ranges::find(points, cut, &Point::tile) != points.end()) continue;
    for (const Mode mode : kModes) points.push_back({mode, cut});
  }
  return points;
}

class Search {
 public:
  Search(const JointSpace& space, const JointOptions& options)
      : space_(space), options_(options), choices_(space.ranges().size()) {}

  JointResult run() {
    const Budget& budget = options_.budget;
    tbb::task_arena arena(budget.threads > 0 ? budget.threads : tbb::task_arena::automatic);
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, choices_.size(), [&](std::size_t r) { search(r); });
    });
    JointResult result;
    for (const std::vector<Step>& chain : best_chains(space_.nodes(), steps()))
      result.front.push_back(schedule(chain));
    if (budget.stopped()) result.proof = Proof::budget_spent;
    else if (result.front.empty()) result.proof = Proof::infeasible;
    result.ranges = choices_.size();
    result.evaluations = evaluations_;
    result.layer_tiles = space_.solved();
    return result;
  }

 private:
  /// The choices of a range that no other is better than in energy and latency both.
  void search(std::size_t r) {
    const Graph stack = space_.stack(space_.ranges()[r]);
    for (const Point& point : points_of(stack.nodes[stack.end()].full, options_.tiles)) {
      if (options_.budget.stopped()) return;
      ++evaluations_;
      if (const std::optional<Totals> totals = space_.cost(stack, point))
        keep_best(choices_[r], Choice{point, *totals, totals->latency1, totals->energy});
    }
  }

  std::vector<Step> steps() const {
    std::vector<Step> all;
    for (std::size_t r = 0; r < choices_.size(); ++r) {
      const NodeRange& range = space_.ranges()[r];
      for (std::size_t c = 0; c < choices_[r].size(); ++c)
        all.push_back({range.first, range.last + 1, choices_[r][c].latency, choices_[r][c].energy, c});
    }
    return all;
  }

  JointSchedule schedule(const std::vector<Step>& chain) const {
    JointSchedule found;
    for (const Step& step : chain) {
      const NodeRange range{step.from, step.to - 1};
      const auto r = std::ranges::find(space_.ranges(), range) - space_.ranges().begin();
      const Choice& choice = choices_[static_cast<std::size_t>(r)][*step.choice];
      found.energy += choice.energy;
      found.latency += choice.latency;
      found.stacks.push_back({range, choice.point, choice.totals});
    }
    return found;
  }

  const JointSpace& space_;
  const JointOptions& options_;
  std::vector<std::vector<Choice>> choices_;  ///< per range
  std::atomic<std::int64_t> evaluations_{0};
};

}  // namespace

JointResult best_joint(const JointSpace& space, const JointOptions& options) {
  return Search(space, options).run();
}

const JointSchedule& best_of(const JointResult& result, const cost::Objective& objective) {
  return *std::ranges::min_element(result.front, {}, [&](const JointSchedule& schedule) {
    return cost::score(objective, schedule.latency, schedule.energy);
  });
}

std::vector<std::int64_t> cuts_of(const JointSpace& space, const JointSchedule& schedule) {
  std::vector<std::int64_t> cuts;
  for (std::size_t i = 0; i + 1 < schedule.stacks.size(); ++i)
    cuts.push_back(std::stoll(
        space.graph().nodes[static_cast<NodeId>(schedule.stacks[i].range.last)].id));
  return cuts;
}

}  // namespace tileloom::scheduler::exact
