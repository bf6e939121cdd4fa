#include "tileloom/scheduler/dlfusion/optimum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tileloom/scheduler/dlfusion/closed_sets.hpp"

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
        cores_(core_counts(times.problem().machine.cores)) {
    for (const std::vector<UnitId>& block : options.besides) {
      UnitSet set = empty_set(units_);
      for (const UnitId id : block) insert(set, id);
      besides_.insert(std::move(set));
    }
  }

  Fusion run() {
    Fusion fusion;
    fusion.strategy = "optimal";
    bool all = false;
    if (auto sets = closed_sets(units_, options_.most_states)) {
      sets_ = std::move(*sets);
      all = solve_all(options_.most_evaluations);
    }
    if (!all) {
      sets_ = beginnings(units_);
      solve_all(std::nullopt);
    }
    fusion.intervals = !all;
    fusion.evaluations = times_.evaluations();
    fusion.space = space(all);
    if (states_.back().cycles == kNever) {
      fusion.proof = budget_.stopped() ? Proof::budget_spent : Proof::infeasible;
      fusion.reason = unfit();
      return fusion;
    }
    fusion.proof = Proof::optimal;
    std::vector<std::size_t> path;
    for (std::size_t s = sets_.size() - 1; s != 0; s = states_[s].before) path.push_back(s);
    for (std::size_t i = path.size(); i-- > 0;) {
      add_block(fusion, states_[path[i]].units, states_[path[i]].choice);
    }
    return fusion;
  }

 private:
  std::string space(bool all) const {
    return fmt::format(
        "blocks of {}{} units that are {}, on {} core counts, with the plans of this machine",
        options_.most_units ? fmt::format("at most {}", *options_.most_units)
                            : std::string("any number of"),
        besides_.empty() || !options_.most_units ? "" : " (or as many as another strategy's)",
        all ? "any convex part of the graph" : "intervals of the execution order", cores_.size());
  }

  /// False if that took more evaluations than allowed.
  bool solve_all(std::optional<std::int64_t> most_evaluations) {
    add_loads();
    states_.assign(sets_.size(), {});
    states_[0].cycles = 0;
    for (std::size_t s = 1; s < sets_.size() && !budget_.stopped(); ++s) {
      solve(s);
      if (most_evaluations && times_.evaluations() > *most_evaluations) return false;
    }
    return true;
  }

  /// What all operators of each state compute and move.
  void add_loads() {
    const PlanBounds& bounds = times_.bounds();
    loads_.assign(sets_.size(), bounds.no_load());
    for (std::size_t s = 0; s < sets_.size(); ++s) {
      for (const UnitId id : members(sets_[s])) {
        for (const OperatorId op : units_[id].operators) loads_[s] += bounds.load(op);
      }
    }
  }

  struct Candidate {
    std::size_t size, before;
    UnitSet block;
  };

  /// Tries every block that may come last in state `s`, small ones first: they are the ones whose
  /// bounds are close, and what they leave is hard to beat.
  void solve(std::size_t s) {
    std::vector<Candidate> candidates;
    for (std::size_t before = 0; before < s; ++before) {
      if (states_[before].cycles == kNever) continue;
      UnitSet block = block_between(sets_[before], sets_[s]);
      if (block.empty()) continue;
      const std::size_t size = members(block).size();
      if (size > options_.most_units.value_or(size) && !besides_.contains(block)) continue;
      candidates.push_back({size, before, std::move(block)});
    }
    std::ranges::stable_sort(candidates, {}, &Candidate::size);
    for (const Candidate& candidate : candidates) try_block(s, candidate);
  }

  void try_block(std::size_t s, const Candidate& candidate) {
    State& state = states_[s];
    const std::size_t before = candidate.before;
    const double base = states_[before].cycles;
    // A unit by itself may run in boxes, on other numbers of cores.
    const bool boxes = candidate.size == 1;
    if (!boxes && base + times_.bounds().least(loads_[before], loads_[s]) >= state.cycles) return;
    std::vector<UnitId> units = members(candidate.block);
    const auto choice = times_.best(units, cores_, state.cycles - base);
    if (choice) state = {base + choice->cycles, before, std::move(units), *choice};
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
  std::set<UnitSet> besides_;
  std::vector<UnitSet> sets_;
  std::vector<Load> loads_;  ///< per state
  std::vector<State> states_;
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
