#include "tileloom/scheduler/exact/exact.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/scheduler/chains.hpp"
#include "tileloom/scheduler/exact/boundaries.hpp"
#include "tileloom/scheduler/exact/network_bound.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler {
namespace {

using exact::Overlap;
using exact::Range;
using exact::StackChoice;
using exact::StackSpace;
using exact::Tiling;

std::string space_text(const ExactFusionOptions& options) {
  std::string text = "stacks of neighbours in the order of operators, one tiling per stack, ";
  text += options.each_edge ? "overlaps per edge where not all fit, " : "one overlap per stack, ";
  text += options.near_boundaries && options.aim != chains::Aim::peak_memory
              ? "boundaries outside or between neighbouring stacks, "
              : "boundaries outside, ";
  return text + "runs as mapped";
}

/// Ways to change the overlaps of single edges that are tried for one tile.
constexpr std::size_t kMostEdgeChanges = 64;

/// The operator's path without its homes.
LoopTree without_homes(const LoopTree& tree) {
  LoopTree rest = tree;
  std::vector<TensorId> seen;
  while (!rest.path.empty()) {
    const Store* store = std::get_if<Store>(&rest.path.front());
    if (store == nullptr || std::ranges::find(seen, store->tensor) != seen.end()) break;
    seen.push_back(store->tensor);
    rest.path.erase(rest.path.begin());
  }
  return rest;
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
    const std::optional<exact::StackMemories> memories = exact::stack_memories(problem_.arch);
    if (memories) search(*memories);
    trace_back(found, memories);
    check_whole(found);
    return found;
  }

 private:
  std::size_t operators() const { return problem_.workload.operators.size(); }

  /// Every distinct range is searched once.
  void search(const exact::StackMemories& memories) {
    Budget small = budget_;
    small.evaluations = options_.run_evaluations;
    runs_.emplace(problem_, mapper_, small, memories);
    space_.emplace(problem_, memories, *runs_);
    std::map<std::string, std::size_t> known;
    std::vector<Range> distinct;
    for (std::size_t first = 0; first < operators(); ++first) {
      for (std::size_t last = first + 1; last < operators() && last - first < options_.deepest;
           ++last) {
        const Range range{first, last};
        const auto [at, is_new] = known.emplace(space_->text(range), distinct.size());
        if (is_new) distinct.push_back(range);
        group_[{first, last}] = at->second;
        if (is_new) equal_.emplace_back();
        equal_[at->second].push_back(range);
      }
    }
    choices_.resize(distinct.size());
    std::atomic<std::size_t> done{0};
    tbb::task_arena arena(budget_.threads > 0 ? budget_.threads : tbb::task_arena::automatic);
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, distinct.size(), [&](std::size_t i) {
        choices_[i] = best_of(distinct[i], equal_[i]);
        const std::size_t now = ++done;
        const std::lock_guard lock(mutex_);
        if (progress_) progress_(now, distinct.size());
      });
    });
  }

  /// The choices no other is better than in energy, latency and aim, for all ranges equal to this.
  std::vector<StackChoice> best_of(const Range& range, const std::vector<Range>& equal) {
    std::vector<StackChoice> found;
    const std::vector<Tiling> tilings = space_->tilings(range);
    std::set<Tiling> fitting;
    for (const Tiling& tiling : tilings) {
      if (budget_.stopped()) break;
      if (consider(range, tiling, found)) fitting.insert(tiling);
    }
    for (const Tiling& tiling : options_.each_edge ? tilings : std::vector<Tiling>{}) {
      Tiling least = tiling;
      least.overlap = Overlap::recompute;
      if (tiling.overlap != exact::most_kept(tiling) || !fitting.contains(least)) continue;
      if (may_pay(range, tiling, fitting.contains(tiling), found)) {
        change_edges(range, tiling, found);
      }
    }
    if (options_.near_boundaries && options_.aim != chains::Aim::peak_memory)
      move_boundaries(range, equal, found);
    return found;
  }

  /// The tilings kept, with homes in the memory of activations; of each way the best.
  void move_boundaries(const Range& range, const std::vector<Range>& equal,
                       std::vector<StackChoice>& found) {
    const std::vector<StackChoice> outside = found;
    for (const std::uint32_t inside : space_->ways_inside(range)) {
      const bool possible = std::ranges::any_of(equal, [&](const Range& one) {
        return exact::with_boundaries(problem_.workload, one, space_->homes(one), inside)
            .has_value();
      });
      if (!possible) continue;
      std::vector<StackChoice> near;
      for (const StackChoice& choice : outside) {
        if (budget_.stopped()) return;
        Tiling tiling = choice.tiling;
        tiling.streamed = 0;
        tiling.inside = inside;
        consider(range, tiling, near);
      }
      found.insert(found.end(), near.begin(), near.end());
    }
  }

  /// Whether keeping a part may be better than what is known: keeping everything, where it does not
  /// fit, is no worse than that. Only less memory can be gained where it fits.
  bool may_pay(const Range& range, const Tiling& everything, bool fits,
               const std::vector<StackChoice>& found) {
    if (options_.aim == chains::Aim::peak_memory) return true;
    if (fits) return false;
    std::optional<StackChoice> least = space_->unlimited(range, everything);
    if (least && options_.aim == chains::Aim::dram_traffic) least->aimed = least->home_bits;
    return least && std::ranges::none_of(found, [&](const StackChoice& known) {
             return exact::as_good(known, *least);
           });
  }

  /// True if it fits with nothing left to gain by keeping less.
  bool consider(const Range& range, const Tiling& tiling, std::vector<StackChoice>& found) {
    ++evaluations_;
    std::optional<StackChoice> choice = space_->cost(range, tiling);
    if (!choice) return false;
    if (options_.aim == chains::Aim::dram_traffic) choice->aimed = choice->home_bits;
    if (options_.aim == chains::Aim::peak_memory)
      choice->aimed = static_cast<double>(choice->inner_bits);
    chains::keep_best(found, *choice);
    return choice->tiling.streamed == 0 || !space_->weights_beside();
  }

  /// Where keeping everything does not fit and keeping nothing does: less and less is kept of one
  /// tensor after the other, until it fits.
  void change_edges(const Range& range, const Tiling& everything, std::vector<StackChoice>& found) {
    std::set<Tiling> seen;
    std::vector<Tiling> next{everything};
    for (std::size_t i = 0; i < next.size() && i < kMostEdgeChanges; ++i) {
      if (budget_.stopped()) return;
      const bool fits = i > 0 && consider(range, next[i], found);
      if (fits && options_.aim != chains::Aim::peak_memory) continue;
      const Tiling from = next[i];
      for (const Tiling& less : space_->keeping_less(range, from))
        if (seen.insert(less).second) next.push_back(less);
    }
  }

  /// What an operator on its own adds to the aim.
  double aimed(const cost::Evaluation& evaluation) const {
    if (options_.aim == chains::Aim::dram_traffic)
      return exact::home_traffic(evaluation.latency.ports);
    if (options_.aim == chains::Aim::peak_memory)
      return static_cast<double>(exact::inner_occupancy(problem_.arch, evaluation.occupancy));
    return 0;
  }

  void trace_back(FusedSchedule& found, const std::optional<exact::StackMemories>& memories) {
    std::vector<exact::PartStep> parts;
    for (std::size_t i = 0; i < operators(); ++i) {
      const Layer& layer = alone_.layers[i];
      parts.push_back(
          {{i, i + 1, layer.result.evaluation->latency.total + layer.dispatch,
            layer.result.evaluation->energy, std::nullopt, aimed(*layer.result.evaluation)},
           {},
           {}});
    }
    if (memories) add_stacks(parts);
    const exact::BoundaryGraph graph = exact::boundary_graph(operators(), parts);
    const std::vector<chains::Step> best = chains::best_chain(
        graph.last, chains::best_in_aim(graph.last, graph.steps, options_.aim), problem_.objective);
    for (const chains::Step& step : best) add_part(found, step);
    note_aim(found, best);
    found.evaluations = evaluations_;
    found.proof = budget_.stopped() ? Proof::budget_spent : Proof::feasible;
  }

  void add_stacks(std::vector<exact::PartStep>& parts) const {
    for (const auto& [ends, group] : group_) {
      const Range range{ends.first, ends.second};
      const std::vector<TensorId> homes = space_->homes(range);
      for (std::size_t c = 0; c < choices_[group].size(); ++c) {
        const StackChoice& choice = choices_[group][c];
        std::optional<exact::PartStep> part =
            exact::with_boundaries(problem_.workload, range, homes, choice.tiling.inside);
        if (!part) continue;
        part->step = {range.first, range.last + 1, choice.latency, choice.energy, c, choice.aimed};
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

  void add_part(FusedSchedule& found, const chains::Step& step) {
    StackPart part;
    part.latency = step.latency;
    part.energy = step.energy;
    for (std::size_t i = step.first; i < step.end; ++i) {
      part.operators.push_back(static_cast<OperatorId>(i));
    }
    if (step.choice) {
      const Range range{step.first, step.end - 1};
      const StackChoice& choice = choices_[group_.at({range.first, range.last})][*step.choice];
      part.tree = *space_->tree(range, choice.tiling);
      for (const Store& home : space_->home_stores(range, choice.tiling.inside))
        stack_homes_.push_back(home);
      part.fused = cost::evaluate_fused(problem_.workload, problem_.arch,
                                        space_->stack(range, part.tree, choice.tiling.inside));
      part.tiling = exact::words(problem_, range, choice.tiling);
    } else {
      part.tree = without_homes(*alone_.layers[step.first].result.tree);
    }
    found.latency.value = checked_add(found.latency.value, part.latency.value);
    found.energy += part.energy;
    found.parts.push_back(std::move(part));
  }

  /// All homes, then the parts; checked as a whole.
  void check_whole(FusedSchedule& found) {
    LoopTree network;
    Sequence sequence;
    const auto add_home = [&](const Store& home) {
      const bool known = std::ranges::any_of(network.path, [&](const PathNode& node) {
        return std::get<Store>(node).tensor == home.tensor;
      });
      if (!known) network.path.push_back(home);
    };
    for (const Store& home : stack_homes_) add_home(home);
    for (const StackPart& part : found.parts) {
      if (!part.fused) {
        const LoopTree& whole = *alone_.layers[index(part.operators.front())].result.tree;
        const std::size_t homes = whole.path.size() - part.tree.path.size();
        for (std::size_t i = 0; i < homes; ++i) add_home(std::get<Store>(whole.path[i]));
      }
      sequence.children.push_back(part.tree);
    }
    network.tail = std::move(sequence);
    if (sequence_of_one(network)) return;
    for (const Violation& violation : check(problem_.workload, problem_.arch, network)) {
      found.reasons.push_back(violation.what + ": " + violation.hint);
      found.proof = Proof::infeasible;
    }
    found.tree = std::move(network);
  }

  static bool sequence_of_one(const LoopTree& tree) {
    return std::get<Sequence>(tree.tail).children.empty();
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
  std::vector<Store> stack_homes_;                                    ///< of the stacks chosen
  std::atomic<std::int64_t> evaluations_{0};
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
