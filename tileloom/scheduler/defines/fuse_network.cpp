#include "tileloom/scheduler/defines/fuse_network.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "tileloom/scheduler/defines/common_machine.hpp"
#include "tileloom/scheduler/defines/stack_tree.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::defines {
namespace {

constexpr const char* kSpace =
    "DeFiNES' stacks, one tile and overlap mode for all stacks of a network, runs as mapped";

/// Tiles of the stack that has the most of them.
std::int64_t most_tiles(const Exploration& exploration, Extent tile) {
  std::int64_t most = 0;
  for (const Graph& stack : exploration.stacks()) {
    const Extent full = stack.nodes[stack.end()].full;
    most = std::max(most, checked_mul(ceil_div(full.x, std::min(tile.x, full.x)),
                                      ceil_div(full.y, std::min(tile.y, full.y))));
  }
  return most;
}

std::vector<Point> points_of(const Exploration& exploration, const FusionOptions& options) {
  const Extent full = exploration.largest_output();
  std::vector<Point> points;
  for (const Mode mode : options.modes)
    for (const std::int64_t y : tile_sizes(full.y))
      for (const std::int64_t x : tile_sizes(full.x))
        if (most_tiles(exploration, {x, y}) <= options.most_tiles) points.push_back({mode, {x, y}});
  return points;
}

/// The operators of a stack on their own.
std::vector<StackPart> alone(const scheduler::Schedule& layer_by_layer, const Segment& segment,
                             const Graph& stack) {
  std::vector<StackPart> parts;
  for (const Node& node : stack.nodes)
    if (node.layer) parts.push_back(part_alone(layer_by_layer, *segment.op[*node.layer]));
  return parts;
}

OwnCost sum_of(const std::vector<StackPart>& parts) {
  OwnCost sum;
  for (const StackPart& part : parts) {
    sum.latency += part.latency;
    sum.energy += part.energy;
  }
  return sum;
}

/// A segment's parts, and what DeFiNES says of them.
struct Answer {
  std::vector<StackPart> parts;
  OwnCost cost, own;
  std::string point;
};

class SegmentSearch {
 public:
  SegmentSearch(const NetworkProblem& problem, const Machine& machine, const Segment& segment,
                const scheduler::Schedule& layer_by_layer, const FusionOptions& options, const Budget& budget,
                PlacedRunMapper& runs)
      : problem_(problem),
        segment_(segment),
        layer_by_layer_(layer_by_layer),
        options_(options),
        budget_(budget),
        runs_(runs),
        exploration_(segment.network, machine, options.model) {}

  const Exploration& exploration() const { return exploration_; }

  Answer best(const std::function<void()>& on_point) {
    const std::vector<Point> ranked = rank(on_point);
    std::vector<Answer> answers(std::min(options_.tried, ranked.size()));
    in_parallel(answers.size(), [&](std::size_t i) { answers[i] = answer_at(ranked[i]); });
    Answer best = layers_alone();
    for (Answer& answer : answers)
      if (!answer.parts.empty() && score(answer.cost) < score(best.cost)) best = std::move(answer);
    return best;
  }

 private:
  cost::Score score(const OwnCost& cost) const {
    return cost::score(problem_.objective, cost.latency, cost.energy);
  }

  template <class Work>
  void in_parallel(std::size_t count, const Work& work) const {
    tbb::task_arena arena(budget_.threads > 0 ? budget_.threads : tbb::task_arena::automatic);
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, count, [&](std::size_t i) {
        if (!budget_.stopped()) work(i);
      });
    });
  }

  /// The feasible points, best first under DeFiNES' model.
  std::vector<Point> rank(const std::function<void()>& on_point) const {
    const std::vector<Point> points = points_of(exploration_, options_);
    std::vector<std::optional<Totals>> found(points.size());
    in_parallel(points.size(), [&](std::size_t i) {
      if (const auto schedule = exploration_.evaluate(points[i])) found[i] = schedule->totals;
      on_point();
    });
    std::vector<std::pair<cost::Score, std::size_t>> ranked;
    for (std::size_t i = 0; i < points.size(); ++i)
      if (found[i]) ranked.emplace_back(score({found[i]->latency1, found[i]->energy}), i);
    std::ranges::sort(ranked);
    std::vector<Point> sorted;
    for (const auto& [unused, i] : ranked) sorted.push_back(points[i]);
    return sorted;
  }

  Answer layers_alone() const {
    Answer answer;
    for (const OperatorId op : segment_.operators)
      answer.parts.push_back(part_alone(layer_by_layer_, op));
    answer.cost = sum_of(answer.parts);
    return answer;
  }

  Answer answer_at(const Point& point) const {
    Answer answer;
    const auto schedule = exploration_.evaluate(point);
    if (!schedule) return answer;
    for (const StackRun& run : schedule->stacks) {
      std::vector<StackPart> chosen = alone(layer_by_layer_, segment_, run.graph);
      if (chosen.size() > 1) {
        std::optional<StackPart> fused =
            stack_part({problem_, exploration_, segment_}, run, point.mode, runs_);
        if (fused && score({fused->latency, fused->energy}) < score(sum_of(chosen))) {
          const Totals totals = totals_of(run);
          fused->own = OwnCost{totals.latency1, totals.energy};
          chosen = {*std::move(fused)};
        }
      }
      std::ranges::move(chosen, std::back_inserter(answer.parts));
    }
    answer.cost = sum_of(answer.parts);
    answer.own = {schedule->totals.latency1, schedule->totals.energy};
    answer.point = fmt::format("{} {}x{}", short_name(point.mode), point.tile.x, point.tile.y);
    return answer;
  }

  const NetworkProblem& problem_;
  const Segment& segment_;
  const scheduler::Schedule& layer_by_layer_;
  const FusionOptions& options_;
  const Budget& budget_;
  PlacedRunMapper& runs_;
  Exploration exploration_;
};

class NetworkFusion {
 public:
  NetworkFusion(const NetworkProblem& problem, const Machine& machine, const mapper::Mapper& mapper,
                const scheduler::Schedule& layer_by_layer, const FusionOptions& options, const Budget& budget)
      : problem_(problem),
        layer_by_layer_(layer_by_layer),
        options_(options),
        budget_(budget),
        run_budget_(budget),
        runs_(problem, mapper, (run_budget_.evaluations = options.run_evaluations, run_budget_)),
        network_(networks_of(problem.workload, machine, problem.arch.axes)) {
    for (const Segment& segment : network_.segments)
      if (segment.operators.size() > 1)
        searches_.push_back(std::make_unique<SegmentSearch>(problem, machine, segment,
                                                            layer_by_layer, options, budget_,
                                                            runs_));
  }

  FusedSchedule schedule(const std::function<void(std::size_t, std::size_t)>& progress) {
    FusedSchedule found;
    found.method = "defines";
    found.layer_by_layer = layer_by_layer_;
    found.space = kSpace;
    std::vector<Answer> answers = search(progress, found);
    append_in_order(found, answers);
    found.proof = budget_.stopped() ? Proof::budget_spent : Proof::feasible;
    close_schedule(found, problem_);
    add_notes(found, answers);
    return found;
  }

 private:
  std::vector<Answer> search(const std::function<void(std::size_t, std::size_t)>& progress,
                             FusedSchedule& found) {
    std::size_t all = 0;
    for (const auto& search : searches_)
      all += points_of(search->exploration(), options_).size();
    std::atomic<std::size_t> done{0};
    std::mutex mutex;
    std::vector<Answer> answers;
    for (const auto& search : searches_)
      answers.push_back(search->best([&] {
        const std::size_t now = ++done;
        const std::lock_guard lock(mutex);
        if (progress) progress(now, all);
      }));
    found.evaluations = static_cast<std::int64_t>(done.load());
    return answers;
  }

  /// Segments and what is outside them, in the workload's order.
  void append_in_order(FusedSchedule& found, const std::vector<Answer>& answers) const {
    std::size_t next_answer = 0, next_unfit = 0;
    const auto unfit_before = [&](OperatorId op) {
      while (next_unfit < network_.unfit.size() && network_.unfit[next_unfit].op < op)
        found.parts.push_back(part_alone(layer_by_layer_, network_.unfit[next_unfit++].op));
    };
    for (const Segment& segment : network_.segments) {
      unfit_before(segment.operators.front());
      if (segment.operators.size() == 1) {
        found.parts.push_back(part_alone(layer_by_layer_, segment.operators[0]));
        continue;
      }
      const Answer& answer = answers[next_answer++];
      found.parts.insert(found.parts.end(), answer.parts.begin(), answer.parts.end());
    }
    unfit_before(static_cast<OperatorId>(problem_.workload.operators.size()));
  }

  void add_notes(FusedSchedule& found, const std::vector<Answer>& answers) const {
    std::size_t next = 0;
    for (const Segment& segment : network_.segments) {
      if (segment.operators.size() == 1) continue;
      const Answer& answer = answers[next++];
      const auto& operators = problem_.workload.operators;
      const std::string which = fmt::format("{} .. {}", operators[segment.operators.front()].name,
                                            operators[segment.operators.back()].name);
      if (answer.point.empty()) {
        found.notes.push_back(which + ": no point of DeFiNES is better than single layers");
        continue;
      }
      found.notes.push_back(fmt::format(
          "{}: {}; DeFiNES' own model says {:.5g} pJ and {} cycles, the common one {:.5g} pJ and "
          "{} cycles",
          which, answer.point, answer.own.energy.value, answer.own.latency.value,
          answer.cost.energy.value, answer.cost.latency.value));
    }
    if (!network_.unfit.empty())
      found.notes.push_back(fmt::format(
          "{} of {} operators are no layers of DeFiNES and run alone; the first, {}: {}",
          network_.unfit.size(), problem_.workload.operators.size(),
          problem_.workload.operators[network_.unfit[0].op].name, network_.unfit[0].why));
  }

  const NetworkProblem& problem_;
  const scheduler::Schedule& layer_by_layer_;
  const FusionOptions& options_;
  const Budget& budget_;
  Budget run_budget_;
  PlacedRunMapper runs_;
  CommonNetwork network_;
  std::vector<std::unique_ptr<SegmentSearch>> searches_;
};

}  // namespace

std::vector<std::int64_t> tile_sizes(std::int64_t full) {
  std::set<std::int64_t> sizes{full, (full + 1) / 2, (full + 3) / 4};
  for (std::int64_t size = 1; size < full; size *= 4) sizes.insert(size);
  return {sizes.begin(), sizes.end()};
}

Result<FusedSchedule> fuse_network(
    const NetworkProblem& problem, const mapper::Mapper& run_mapper, const scheduler::Schedule& layer_by_layer,
    const FusionOptions& options, const Budget& budget,
    const std::function<void(std::size_t, std::size_t)>& progress) {
  const Result<Machine> machine = machine_of(problem.arch);
  if (!machine) return tl::unexpected(machine.error());
  const auto mapped = [](const scheduler::Layer& layer) { return layer.result.tree.has_value(); };
  if (layer_by_layer.layers.empty() || !std::ranges::all_of(layer_by_layer.layers, mapped)) {
    FusedSchedule none;
    none.method = "defines";
    none.layer_by_layer = layer_by_layer;
    none.proof = layer_by_layer.proof;
    none.reasons = layer_by_layer.reasons;
    return none;
  }
  return NetworkFusion(problem, *machine, run_mapper, layer_by_layer, options, budget)
      .schedule(progress);
}

}  // namespace tileloom::scheduler::defines
