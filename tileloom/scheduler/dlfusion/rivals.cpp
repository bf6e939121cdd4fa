#include "tileloom/scheduler/dlfusion/rivals.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

namespace tileloom::scheduler {
namespace {

std::vector<UnitId> interval(std::size_t from, std::size_t to) {
  std::vector<UnitId> units;
  for (std::size_t u = from; u < to; ++u) units.push_back(static_cast<UnitId>(u));
  return units;
}

void give_up(Fusion& fusion, const BlockTimes& times, UnitId unit) {
  const FusionProblem& problem = times.problem();
  fusion.proof = Proof::infeasible;
  fusion.reason =
      fmt::format("{} does not fit on the cores that this strategy gives it",
                  problem.workload.operators[problem.units[unit].operators.front()].name);
}

/// Every unit by itself on the best of `counts`.
Fusion unit_by_unit(BlockTimes& times, const std::string& name,
                    const std::vector<std::int64_t>& counts) {
  Fusion fusion;
  fusion.strategy = name;
  for (const UnitId id : ids<UnitId>(times.problem().units.size())) {
    const auto choice = times.best({id}, counts, kNever);
    if (!choice) {
      give_up(fusion, times, id);
      return fusion;
    }
    add_block(fusion, {id}, *choice);
  }
  fusion.evaluations = times.evaluations();
  return fusion;
}

/// Cores that a unit falls back to where a strategy's number of cores has no plan for it.
std::optional<BlockChoice> on_at_most(BlockTimes& times, const std::vector<UnitId>& units,
                                      std::int64_t cores) {
  const std::vector<std::int64_t> counts = core_counts(times.problem().machine.cores);
  for (std::size_t i = counts.size(); i-- > 0;) {
    if (counts[i] > cores) continue;
    if (const auto choice = times.time(units, counts[i])) return choice;
  }
  return std::nullopt;
}

/// Blocks of `most` units on `cores` cores, cut shorter where they do not fit. With `fall_back` a
/// block of one unit that has no plan on so many cores takes fewer.
Fusion equal_blocks(BlockTimes& times, std::size_t most, std::int64_t cores) {
  Fusion fusion;
  const std::size_t units = times.problem().units.size();
  for (std::size_t from = 0; from < units;) {
    std::optional<BlockChoice> choice;
    std::size_t to = std::min(units, from + most) + 1;
    while (!choice && to > from + 2) choice = times.time(interval(from, --to), cores);
    if (!choice) {
      to = from + 1;
      choice = on_at_most(times, interval(from, to), cores);
    }
    if (!choice) {
      give_up(fusion, times, static_cast<UnitId>(from));
      return fusion;
    }
    add_block(fusion, interval(from, to), *choice);
    from = to;
  }
  return fusion;
}

void keep_better(Fusion& best, Fusion&& other) {
  if (other.proof == Proof::infeasible) {
    if (best.blocks.empty()) best = std::move(other);
  } else if (best.blocks.empty() || best.proof == Proof::infeasible || other.cycles < best.cycles) {
    best = std::move(other);
  }
}

/// Places of the execution order that one tensor only crosses; the beginning and the end are some.
std::vector<std::size_t> narrow_places(const FusionProblem& problem) {
  const std::size_t units = problem.units.size();
  std::vector<std::size_t> places = {0};
  for (std::size_t at = 1; at < units; ++at) {
    std::vector<UnitId> crossing;  // units before whose results are read after
    for (std::size_t u = 0; u < at; ++u) {
      const Unit& unit = problem.units[static_cast<UnitId>(u)];
      if (std::ranges::any_of(unit.after, [&](UnitId a) { return index(a) >= at; })) {
        crossing.push_back(static_cast<UnitId>(u));
      }
    }
    if (crossing.size() <= 1) places.push_back(at);
  }
  places.push_back(units);
  return places;
}

}  // namespace

Fusion no_optimisation(BlockTimes& times) { return unit_by_unit(times, "none", {1}); }

Fusion fixed_cores(BlockTimes& times) {
  Fusion best;
  for (const std::int64_t cores : core_counts(times.problem().machine.cores)) {
    keep_better(best, equal_blocks(times, 1, cores));
  }
  best.strategy = "fixed_cores";
  best.evaluations = times.evaluations();
  return best;
}

Fusion dynamic_cores(BlockTimes& times) {
  return unit_by_unit(times, "dynamic_cores", core_counts(times.problem().machine.cores));
}

Fusion all_fused(BlockTimes& times) {
  Fusion fusion;
  const std::size_t units = times.problem().units.size();
  const std::int64_t cores = times.problem().machine.cores;
  for (std::size_t from = 0; from < units;) {
    std::size_t to = from + 1;
    std::optional<BlockChoice> choice = on_at_most(times, interval(from, to), cores);
    if (!choice) {
      give_up(fusion, times, static_cast<UnitId>(from));
      break;
    }
    while (to < units) {
      const auto longer = on_at_most(times, interval(from, to + 1), cores);
      if (!longer) break;
      choice = longer;
      ++to;
    }
    add_block(fusion, interval(from, to), *choice);
    from = to;
  }
  fusion.strategy = "all_fused";
  fusion.evaluations = times.evaluations();
  return fusion;
}

Fusion fixed_blocks(BlockTimes& times) {
  Fusion best;
  for (const std::size_t size : std::initializer_list<std::size_t>{2, 3, 4, 6, 8}) {
    for (const std::int64_t cores : core_counts(times.problem().machine.cores)) {
      keep_better(best, equal_blocks(times, size, cores));
    }
  }
  best.strategy = "fixed_blocks";
  best.evaluations = times.evaluations();
  return best;
}

Fusion reduced_brute_force(BlockTimes& times) {
  constexpr std::size_t kMostUnits = 4;
  const std::int64_t all = times.problem().machine.cores;
  std::vector<std::int64_t> counts = {1};
  for (const std::int64_t cores : {all / 4, all / 2, all}) {
    if (cores > counts.back()) counts.push_back(cores);
  }
  const std::vector<std::size_t> places = narrow_places(times.problem());
  struct Best {
    double cycles = kNever;
    std::size_t from = 0;
    std::vector<FusedBlock> blocks;  ///< from there to here
  };
  std::vector<Best> best(places.size());
  best[0].cycles = 0;
  for (std::size_t to = 1; to < places.size(); ++to) {
    for (std::size_t from = to; from-- > 0;) {
      const bool neighbour = from + 1 == to;
      if (places[to] - places[from] > kMostUnits && !neighbour) break;
      Fusion piece;
      if (places[to] - places[from] <= kMostUnits) {
        const auto choice = times.best(interval(places[from], places[to]), counts, kNever);
        if (choice) add_block(piece, interval(places[from], places[to]), *choice);
      }
      if (neighbour && places[to] - places[from] > 1) {  // a stretch of branches, unit by unit
        Fusion apart;
        for (std::size_t u = places[from]; u < places[to]; ++u) {
          const auto choice = times.best(interval(u, u + 1), counts, kNever);
          if (!choice) break;
          add_block(apart, interval(u, u + 1), *choice);
        }
        if (apart.blocks.size() == places[to] - places[from]) keep_better(piece, std::move(apart));
      }
      if (piece.blocks.empty() || best[from].cycles + piece.cycles >= best[to].cycles) continue;
      best[to] = {best[from].cycles + piece.cycles, from, std::move(piece.blocks)};
    }
  }
  Fusion fusion;
  fusion.strategy = "brute_force";
  fusion.evaluations = times.evaluations();
  if (best.back().cycles == kNever) {
    fusion.proof = Proof::infeasible;
    fusion.reason = "a block fits on none of the core counts of the reduced space";
    return fusion;
  }
  std::vector<std::size_t> path;
  for (std::size_t at = places.size() - 1; at != 0; at = best[at].from) path.push_back(at);
  for (std::size_t i = path.size(); i-- > 0;) {
    for (FusedBlock& block : best[path[i]].blocks) {
      add_block(fusion, block.units, block.choice);
    }
  }
  return fusion;
}

}  // namespace tileloom::scheduler
