#include "tileloom/scheduler/defines/joint.hpp"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>

#include "tileloom/scheduler/chains.hpp"
#include "tileloom/scheduler/defines/joint_climb.hpp"

namespace tileloom::scheduler::defines {

namespace {

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
    JointResult result;
    in_parallel(choices_.size(), [&](std::size_t r) { search(r); });
    result.front = front();
    if (!result.front.empty()) {
      result.least_energy = result.front.front().energy;
      result.least_latency = result.front.back().latency;
    }
    if (options_.beside) look_beside(result.front);
    if (result.front.empty()) result.proof = Proof::infeasible;
    if (options_.budget.stopped()) result.proof = Proof::budget_spent;
    result.ranges = choices_.size();
    result.evaluations = evaluations_;
    result.layer_tiles = space_.solved();
    return result;
  }

 private:
  void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) const {
    const Budget& budget = options_.budget;
    tbb::task_arena arena(budget.threads > 0 ? budget.threads : tbb::task_arena::automatic);
    arena.execute([&] { tbb::parallel_for(std::size_t{0}, count, work); });
  }

  /// The choices of a range that no other is better than in energy and latency both.
  void search(std::size_t r) {
    const Graph stack = space_.stack(space_.ranges()[r]);
    for (const Point& point : points_of(stack.nodes[stack.end()].full, options_.tiles)) {
      if (options_.budget.stopped()) return;
      ++evaluations_;
      if (const std::optional<Totals> totals = space_.cost(stack, point))
        chains::keep_best(choices_[r],
                          JointChoice{point, *totals, totals->latency1, totals->energy});
    }
  }

  /// Climbs from the stacks of the frugal and of the fast end of the front until both stay the
  /// same.
  void look_beside(std::vector<JointSchedule>& front) {
    for (bool better = !front.empty(); better && !options_.budget.stopped();) {
      const Picojoules energy = front.front().energy;
      const Cycles latency = front.back().latency;
      climb_from(front.front(), {cost::Metric::energy, cost::Metric::latency});
      climb_from(front.back(), {cost::Metric::latency, cost::Metric::energy});
      front = this->front();
      better = front.front().energy < energy || front.back().latency < latency;
    }
  }

  void climb_from(const JointSchedule& schedule, const cost::Objective& objective) {
    std::vector<std::vector<JointChoice>> seen(schedule.stacks.size());
    in_parallel(seen.size(), [&](std::size_t i) {
      const JointStack& stack = schedule.stacks[i];
      const JointChoice start{stack.point, stack.totals, stack.totals.latency1,
                              stack.totals.energy};
      climb(space_, space_.stack(stack.range), start, objective, seen[i]);
    });
    for (std::size_t i = 0; i < seen.size(); ++i) {
      evaluations_ += static_cast<std::int64_t>(seen[i].size());
      for (const JointChoice& choice : seen[i])
        chains::keep_best(choices_[place_of(schedule.stacks[i].range)], choice);
    }
  }

  std::size_t place_of(const NodeRange& range) const {
    return static_cast<std::size_t>(std::ranges::find(space_.ranges(), range) -
                                    space_.ranges().begin());
  }

  std::vector<JointSchedule> front() const {
    std::vector<JointSchedule> found;
    for (const std::vector<chains::Step>& chain : chains::best_chains(space_.nodes(), steps()))
      found.push_back(schedule(chain));
    return found;
  }

  std::vector<chains::Step> steps() const {
    std::vector<chains::Step> all;
    for (std::size_t r = 0; r < choices_.size(); ++r) {
      const NodeRange& range = space_.ranges()[r];
      for (std::size_t c = 0; c < choices_[r].size(); ++c)
        all.push_back(
            {range.first, range.last + 1, choices_[r][c].latency, choices_[r][c].energy, c});
    }
    return all;
  }

  JointSchedule schedule(const std::vector<chains::Step>& chain) const {
    JointSchedule found;
    for (const chains::Step& step : chain) {
      const NodeRange range{step.from, step.to - 1};
      const JointChoice& choice = choices_[place_of(range)][*step.choice];
      found.energy += choice.energy;
      found.latency += choice.latency;
      found.stacks.push_back({range, choice.point, choice.totals});
    }
    return found;
  }

  const JointSpace& space_;
  const JointOptions& options_;
  std::vector<std::vector<JointChoice>> choices_;  ///< per range
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
    cuts.push_back(
        std::stoll(space.graph().nodes[static_cast<NodeId>(schedule.stacks[i].range.last)].id));
  return cuts;
}

}  // namespace tileloom::scheduler::defines
