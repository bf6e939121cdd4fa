#include "tileloom/scheduler/exact/exact.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <tuple>

#include "tileloom/scheduler/chain_fronts.hpp"
#include "tileloom/scheduler/exact/aims.hpp"
#include "tileloom/scheduler/exact/assembly.hpp"
#include "tileloom/scheduler/exact/boundaries.hpp"
#include "tileloom/scheduler/exact/network_bound.hpp"
#include "tileloom/scheduler/exact/range_search.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler {
namespace {

using exact::Range;
using exact::SingleChoice;
using exact::StackChoice;
using exact::StackSpace;

std::string space_text(const ExactFusionOptions& options) {
  std::string text = "stacks of neighbours, the largest tiles that fit and some smaller ones, ";
  text += options.each_edge ? "overlaps per edge where not all fit, " : "one overlap per stack, ";
  text += exact::boundaries_near(options) ? "boundaries outside or between neighbouring stacks, "
                                          : "boundaries outside, ";
  return text + "runs as mapped";
}

/// Labels at one node of a front of two or of more objectives, and points of a front that are put
/// together.
constexpr std::size_t kMostLabels = 4000;
constexpr std::size_t kMostLabelsOfMore = 250;
constexpr std::size_t kMostPoints = 100;

/// At most `most` of the items, evenly, with both ends.
template <class Item>
std::vector<Item> spread(const std::vector<Item>& items, std::size_t most) {
  if (items.size() <= most) return items;
  std::vector<Item> some;
  for (std::size_t i = 0; i < most; ++i)
    some.push_back(items[i * (items.size() - 1) / (most - 1)]);
  return some;
}

class Fusion {
 public:
  Fusion(const NetworkProblem& problem, const mapper::Mapper& mapper, const Schedule& alone,
         const ExactFusionOptions& options, const Budget& budget,
         const std::function<void(std::size_t, std::size_t)>& progress)
      : problem_(problem),
        mapper_(mapper),
        alone_(alone),
        options_(options),
        budget_(budget),
        progress_(progress) {}

  FusedSchedule schedule() {
    FusedSchedule found;
    found.layer_by_layer = alone_;
    found.space = space_text(options_);
    found.bound = network_bound(problem_.workload, problem_.arch);
    const auto mapped = [](const Layer& layer) { return layer.result.tree.has_value(); };
    if (alone_.layers.empty() || !std::ranges::all_of(alone_.layers, mapped)) {
      found.proof = alone_.proof;
      found.reasons = alone_.reasons;
      return found;
    }
    map_singles();
    const std::optional<exact::StackMemories> memories = exact::stack_memories(problem_.arch);
    if (memories) search(*memories);
    trace_back(found);
    return found;
  }

 private:
  std::size_t operators() const { return problem_.workload.operators.size(); }

  /// Every distinct range is searched once.
  void search(const exact::StackMemories& memories) {
    Budget small = budget_;
    small.evaluations = options_.run_evaluations;
    runs_.emplace(problem_, mapper_, small, memories);
    const bool less_room = options_.front_memory || options_.aim == chains::Aim::peak_memory;
    space_.emplace(problem_, memories, *runs_, less_room);
    std::map<std::string, std::size_t> known;
    std::vector<Range> distinct;
    for (std::size_t first = 0; first < operators(); ++first) {
      for (std::size_t last = first + 1; last < operators() && last - first < options_.deepest;
           ++last) {
        const Range range{first, last};
        const auto [at, is_new] = known.emplace(space_->frames().text(range), distinct.size());
        if (is_new) distinct.push_back(range);
        group_[{first, last}] = at->second;
        if (is_new) equal_.emplace_back();
        equal_[at->second].push_back(range);
      }
    }
    choices_.resize(distinct.size());
    exact::RangeSearch search(problem_, *space_, options_, budget_);
    std::atomic<std::size_t> done{0};
    tbb::task_arena arena(budget_.threads > 0 ? budget_.threads : tbb::task_arena::automatic);
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, distinct.size(), [&](std::size_t i) {
        choices_[i] = search.best_of(distinct[i], equal_[i]);
        const std::size_t now = ++done;
        const std::lock_guard lock(mutex_);
        if (progress_) progress_(now, distinct.size());
      });
      if (!exact::boundaries_near(options_)) return;
      const auto more = exact::near_singles(problem_, mapper_, small, memories, *space_);
      for (std::size_t i = 0; i < operators(); ++i)
        singles_[i].insert(singles_[i].end(), more[i].begin(), more[i].end());
    });
    evaluations_ = search.evaluations();
  }

  /// As layer by layer, and as mapped for other objectives.
  void map_singles() {
    singles_.resize(operators());
    for (std::size_t i = 0; i < operators(); ++i) {
      singles_[i].push_back(exact::single_choice(problem_, alone_.layers[i], ""));
      for (const Schedule& other : options_.alternatives) {
        if (!other.layers[i].result.tree) continue;
        singles_[i].push_back(exact::single_choice(
            problem_, other.layers[i], "mapped for " + to_string(other.objective)));
      }
    }
  }

  void trace_back(FusedSchedule& found) {
    std::vector<exact::PartStep> parts;
    for (std::size_t i = 0; i < operators(); ++i) add_singles(i, parts);
    if (space_) add_stacks(parts);
    const exact::BoundaryGraph graph = exact::boundary_graph(operators(), parts);
    const std::vector<chains::Step> best = chains::best_chain(
        graph.last, chains::best_in_aim(graph.last, graph.steps, options_.aim), problem_.objective);
    exact::Assembly whole = assembled(best, true);
    for (const chains::Step& step : best) {
      found.latency.value = checked_add(found.latency.value, step.latency.value);
      found.energy += step.energy;
    }
    note_aim(found, best);
    found.evaluations = evaluations_;
    found.proof = budget_.stopped() ? Proof::budget_spent : Proof::feasible;
    if (!whole.parts().empty()) found.tree = whole.tree();
    if (found.tree) found.reasons = whole.reasons();
    if (!found.reasons.empty()) found.proof = Proof::infeasible;
    found.parts = std::move(whole.parts());
    if (options_.front) found.front = front(graph, best);
  }

  void add_singles(std::size_t op, std::vector<exact::PartStep>& parts) const {
    const Range range{op, op};
    for (std::size_t c = 0; c < singles_[op].size(); ++c) {
      const SingleChoice& choice = singles_[op][c];
      exact::PartStep part;
      if (choice.inside != 0)
        part = *exact::with_boundaries(problem_.workload, range, space_->frames().homes(range),
                                       choice.inside);
      part.step = {op, op + 1, choice.latency, choice.energy, c,
                   exact::aimed(options_, choice.home_bits, choice.inner_bits)};
      part.step.beside = exact::beside(options_, choice.inner_bits);
      parts.push_back(std::move(part));
    }
  }

  void add_stacks(std::vector<exact::PartStep>& parts) const {
    for (const auto& [ends, group] : group_) {
      const Range range{ends.first, ends.second};
      const std::vector<TensorId>& homes = space_->frames().homes(range);
      for (std::size_t c = 0; c < choices_[group].size(); ++c) {
        const StackChoice& choice = choices_[group][c];
        std::optional<exact::PartStep> part =
            exact::with_boundaries(problem_.workload, range, homes, choice.tiling.inside);
        if (!part) continue;
        part->step = {range.first, range.last + 1, choice.latency, choice.energy, c, choice.aimed};
        part->step.beside = choice.beside;
        parts.push_back(std::move(*part));
      }
    }
  }

  void note_aim(FusedSchedule& found, const std::vector<chains::Step>& chain) const {
    if (options_.aim == chains::Aim::none) return;
    const std::string& home = problem_.arch.memories[MemoryId{0}].name;
    const double bytes = chains::aim_of(chain, options_.aim) / 8;
    found.notes.push_back(options_.aim == chains::Aim::dram_traffic
                              ? fmt::format("{:.0f} B pass the ports of {}", bytes, home)
                              : fmt::format("at most {:.0f} B live inside {}", bytes, home));
  }

  exact::Assembly assembled(const std::vector<chains::Step>& chain, bool with_detail) const {
    exact::Assembly whole(problem_);
    for (const chains::Step& step : chain) {
      if (step.end == step.first + 1) {
        whole.add_single(static_cast<OperatorId>(step.first), singles_[step.first][*step.choice]);
        continue;
      }
      const Range range{step.first, step.end - 1};
      whole.add_stack(*space_, range,
                      choices_[group_.at({range.first, range.last})][*step.choice], with_detail);
    }
    return whole;
  }

  /// Every point is a schedule that was put together and checked.
  FusedFront front(const exact::BoundaryGraph& graph,
                   const std::vector<chains::Step>& least_edp) const {
    const bool more = options_.front_traffic || options_.front_memory;
    const chains::ChainFront all =
        chains::chain_front(graph.last, graph.steps, more ? kMostLabelsOfMore : kMostLabels);
    FusedFront front;
    front.traffic = options_.front_traffic;
    front.memory = options_.front_memory;
    front.found = all.chains.size();
    front.factor = all.factor;
    std::vector<std::vector<chains::Step>> shown = spread(all.chains, kMostPoints);
    if (all.factor > 1 || shown.size() < all.chains.size()) shown.push_back(least_edp);
    for (const std::vector<chains::Step>& chain : shown) {
      const exact::Assembly whole = assembled(chain, false);
      if (!whole.reasons().empty()) continue;  // not reached: parts fit by themselves
      front.points.push_back(exact::front_point(chain, whole.text()));
    }
    const auto costs = [](const FrontPoint& point) {
      return std::tuple(point.latency, point.energy, point.home_bits, point.inner_bits);
    };
    std::ranges::sort(front.points, {}, costs);
    const auto same = [&](const FrontPoint& a, const FrontPoint& b) { return costs(a) == costs(b); };
    front.points.erase(std::unique(front.points.begin(), front.points.end(), same),
                       front.points.end());
    return front;
  }

  const NetworkProblem& problem_;
  const mapper::Mapper& mapper_;
  const Schedule& alone_;
  const ExactFusionOptions& options_;
  const Budget& budget_;
  const std::function<void(std::size_t, std::size_t)>& progress_;
  std::optional<exact::RunMapper> runs_;
  std::optional<StackSpace> space_;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> group_;  ///< of a range
  std::vector<std::vector<Range>> equal_;                             ///< per group
  std::vector<std::vector<StackChoice>> choices_;                     ///< per group
  std::vector<std::vector<SingleChoice>> singles_;                    ///< per operator
  std::int64_t evaluations_ = 0;
  std::mutex mutex_;
};

}  // namespace

FusedSchedule exact_fusion(const NetworkProblem& problem, const mapper::Mapper& mapper,
                           const Schedule& layer_by_layer, const ExactFusionOptions& options,
                           const Budget& budget,
                           const std::function<void(std::size_t, std::size_t)>& progress) {
  return Fusion(problem, mapper, layer_by_layer, options, budget, progress).schedule();
}

}  // namespace tileloom::scheduler
