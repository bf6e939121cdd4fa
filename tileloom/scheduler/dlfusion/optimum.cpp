#include "tileloom/scheduler/dlfusion/optimum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace tileloom::scheduler {
namespace {

/// The best way to a set of finished units.
struct State {
  double cycles = kNever;
  std::size_t before = 0;     ///< the state before its last block
  std::vector<UnitId> units;  ///< of that block
  BlockChoice choice;
};

class Search {
 public:
  Search(BlockTimes& times, const OptimumOptions& options, const Budget& budget)
      : times_(times),
        units_(times.problem().units),
        options_(options),
        budget_(budget),
        cores_(options.cores.empty() ? core_counts(times.problem().machine.cores) : options.cores) {
    const FusionProblem& problem = times.problem();
    for (const UnitId id : ids<UnitId>(units_.size())) {
      bounds_.push_back(
          block_bound(problem.machine, problem.network, block_of(problem.workload, units_, {id})));
      // Inside a block a unit may be needed only in part, and its weights may be shared out.
      if (!needed_whole(id)) bounds_[id].compute = 0;
      bounds_[id].activations = 0;
      bounds_[id].weights_per_core = false;
    }
  }

  Fusion run() {
    Fusion fusion;
    fusion.strategy = "optimal";
    bool all = list_states();
    if (!solve_all(all)) all = list_beginnings();
    if (!all) solve_all(false);
    fusion.evaluations = times_.evaluations();
    fusion.space = fmt::format(
        "blocks of at most {} units that are {}, on {} core counts, with the plans of this machine",
        options_.most_units,
        all ? "any convex part of the graph" : "intervals of the execution order", cores_.size());
    if (states_.back().cycles == kNever) {
      fusion.proof = budget_.stopped() ? Proof::budget_spent : Proof::infeasible;
      fusion.reason = unfit();
      return fusion;
    }
    fusion.proof = Proof::optimal;
    for (std::size_t s = sets_.size() - 1; s != 0; s = states_[s].before) path_.push_back(s);
    for (std::size_t i = path_.size(); i-- > 0;) {
      add_block(fusion, states_[path_[i]].units, states_[path_[i]].choice);
    }
    return fusion;
  }

 private:
  /// False if `limited` and that took more evaluations than allowed.
  bool solve_all(bool limited) {
    states_.assign(sets_.size(), {});
    states_[0].cycles = 0;
    for (std::size_t s = 1; s < sets_.size() && !budget_.stopped(); ++s) {
      solve(s);
      if (limited && times_.evaluations() > options_.most_evaluations) return false;
    }
    return true;
  }

  /// True if whatever is in a block, all that the unit computes is needed.
  bool needed_whole(UnitId id) const {
    const FusionProblem& problem = times_.problem();
    for (const OperatorId op : units_[id].operators) {
      const TensorId made = problem.workload.operators[op].output.tensor;
      for (const OperatorId reader : consumers(problem.workload, made)) {
        for (const OperatorField::Read& read : problem.network.field.operators[reader].reads) {
          for (const AxisMove& move : read.moves) {
            if (read.tensor == made && move.moves && move.stride > move.last - move.first + 1) {
              return false;
            }
          }
        }
      }
    }
    return true;
  }

  bool ready(const UnitSet& done, UnitId id) const {
    return std::ranges::all_of(units_[id].before,
                               [&](UnitId before) { return contains(done, before); });
  }

  /// Every set that contains what its units need, smallest first; or, if those are too many, the
  /// beginnings of the execution order. True for the former.
  bool list_states() {
    std::set<UnitSet> layer = {empty_set(units_)};
    for (std::size_t size = 0; size <= units_.size(); ++size) {
      if (sets_.size() + layer.size() > options_.most_states) return list_beginnings();
      std::set<UnitSet> next;
      for (const UnitSet& set : layer) {
        place_.emplace(set, sets_.size());
        sets_.push_back(set);
        for (const UnitId id : ids<UnitId>(units_.size())) {
          if (contains(set, id) || !ready(set, id)) continue;
          UnitSet larger = set;
          insert(larger, id);
          next.insert(std::move(larger));
        }
      }
      layer = std::move(next);
    }
    return true;
  }

  bool list_beginnings() {
    sets_ = {empty_set(units_)};
    for (const UnitId id : ids<UnitId>(units_.size())) {
      UnitSet next = sets_.back();
      insert(next, id);
      sets_.push_back(std::move(next));
    }
    place_.clear();
    for (std::size_t s = 0; s < sets_.size(); ++s) place_.emplace(sets_[s], s);
    return false;
  }

  /// Tries every block that may come last in state `s`, small ones first.
  void solve(std::size_t s) {
    const UnitSet& done = sets_[s];
    std::set<UnitSet> layer = {empty_set(units_)};
    for (std::size_t size = 1; size <= options_.most_units && !layer.empty(); ++size) {
      std::set<UnitSet> next;
      for (const UnitSet& block : layer) {
        for (const UnitId id : members(done)) {
          if (contains(block, id) || !last_without(done, block, id)) continue;
          UnitSet larger = block;
          insert(larger, id);
          next.insert(std::move(larger));
        }
      }
      for (const UnitSet& block : next) try_block(s, block);
      layer = std::move(next);
    }
  }

  /// True if all that needs `id` and is done is in the block.
  bool last_without(const UnitSet& done, const UnitSet& block, UnitId id) const {
    return std::ranges::all_of(units_[id].after, [&](UnitId after) {
      return !contains(done, after) || contains(block, after);
    });
  }

  void try_block(std::size_t s, const UnitSet& block) {
    UnitSet rest = sets_[s];
    for (std::size_t w = 0; w < rest.size(); ++w) rest[w] &= ~block[w];
    const auto before = place_.find(rest);
    if (before == place_.end()) return;
    const double base = states_[before->second].cycles;
    const std::vector<UnitId> units = members(block);
    if (base + quick_bound(units) >= states_[s].cycles) return;
    const auto choice = times_.best(units, cores_, states_[s].cycles - base);
    if (!choice) return;
    states_[s] = {base + choice->cycles, before->second, units, *choice};
  }

  double quick_bound(const std::vector<UnitId>& units) const {
    BlockBound sum;
    for (const UnitId id : units) {
      sum.compute += bounds_[id].compute;
      sum.weights += bounds_[id].weights;
    }
    double least = kNever;
    for (const std::int64_t cores : cores_) {
      least = std::min(least, least_cycles(times_.problem().machine, sum, cores));
    }
    return least;
  }

  /// The first unit that fits on no number of cores, with its numbers.
  std::string unfit() {
    for (const UnitId id : ids<UnitId>(units_.size())) {
      if (times_.best({id}, cores_, kNever)) continue;
      const Operator& op = times_.problem().workload.operators[units_[id].operators.front()];
      return fmt::format(
          "{} alone needs more on-chip memory than a core has, however it is cut: raise the size "
          "of "
          "the memory below the cores",
          op.name);
    }
    return "stopped before the first complete schedule";
  }

  BlockTimes& times_;
  const UnitGraph& units_;
  const OptimumOptions& options_;
  const Budget& budget_;
  std::vector<std::int64_t> cores_;
  PerId<UnitId, BlockBound> bounds_;
  std::vector<UnitSet> sets_;
  std::map<UnitSet, std::size_t> place_;
  std::vector<State> states_;
  std::vector<std::size_t> path_;
};

}  // namespace

void add_block(Fusion& fusion, std::vector<UnitId> units, const BlockChoice& choice) {
  fusion.cycles += choice.cycles;
  fusion.blocks.push_back({std::move(units), choice, {}});
}

Fusion optimum(BlockTimes& times, const OptimumOptions& options, const Budget& budget) {
  return Search(times, options, budget).run();
}

}  // namespace tileloom::scheduler
