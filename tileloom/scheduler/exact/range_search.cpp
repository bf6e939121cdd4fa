#include "tileloom/scheduler/exact/range_search.hpp"

#include <tbb/parallel_for.h>

#include <algorithm>

#include "tileloom/scheduler/exact/aims.hpp"
#include "tileloom/scheduler/exact/boundaries.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {
namespace {

/// Ways to change the overlaps of single edges that are tried for one tile.
constexpr std::size_t kMostEdgeChanges = 64;

}  // namespace

std::vector<StackChoice> RangeSearch::best_of(const Range& range, const std::vector<Range>& equal) {
  std::vector<StackChoice> found;
  std::vector<Tiling> tilings = space_.tilings().grid(range);
  std::set<Tiling> fitting;
  consider_best_first(range, bounds(range, tilings, fitting), tilings.size(), found);
  std::vector<Tiling> more = space_.tilings().largest(
      range, [&](const Tiling& covering) { return may_cover_better(range, covering, found); });
  std::erase_if(more, [&](const Tiling& one) {
    return std::ranges::find(tilings, one) != tilings.end();
  });
  consider_best_first(range, bounds(range, more, fitting), options_.patience, found);
  tilings.insert(tilings.end(), more.begin(), more.end());
  const bool by_edge = options_.each_edge && space_.tilings().has_windows(range);
  for (const Tiling& tiling : by_edge ? tilings : std::vector<Tiling>{}) {
    Tiling least = tiling;
    least.overlap = Overlap::recompute;
    if (tiling.overlap != most_kept(tiling)) continue;
    const std::optional<StackChoice> fits = space_.bound(range, least);
    if (!fits || !nothing_gained_by_less(*fits)) continue;
    if (may_pay(range, tiling, fitting.contains(tiling), found)) {
      change_edges(range, tiling, found);
    }
  }
  if (boundaries_near(options_)) move_boundaries(range, equal, found);
  return found;
}

std::vector<StackChoice> RangeSearch::bounds(const Range& range,
                                             const std::vector<Tiling>& tilings,
                                             std::set<Tiling>& fitting) {
  std::vector<std::optional<StackChoice>> each(tilings.size());
  tbb::parallel_for(std::size_t{0}, tilings.size(), [&](std::size_t t) {
    if (!budget_.stopped()) each[t] = space_.bound(range, tilings[t]);
  });
  std::vector<StackChoice> found;
  for (std::size_t t = 0; t < tilings.size(); ++t) {
    if (!each[t]) continue;
    set_aim(range, *each[t]);
    if (nothing_gained_by_less(*each[t])) fitting.insert(tilings[t]);
    found.push_back(std::move(*each[t]));
  }
  return found;
}

bool RangeSearch::is_reached(const StackChoice& bound, const std::vector<StackChoice>& found) {
  return std::ranges::any_of(found,
                             [&](const StackChoice& known) { return as_good(known, bound); });
}

bool RangeSearch::may_cover_better(const Range& range, const Tiling& covering,
                                   const std::vector<StackChoice>& found) const {
  if (budget_.stopped()) return false;
  std::optional<StackChoice> bound = space_.bound_of_covered(range, covering);
  if (bound) set_aim(range, *bound);
  return !bound || !is_reached(*bound, found);
}

void RangeSearch::consider_best_first(const Range& range, std::vector<StackChoice> bounds,
                                      std::size_t patience, std::vector<StackChoice>& found) {
  const auto score = [&](const StackChoice& choice) {
    return std::pair(choice.aimed,
                     cost::score(problem_.objective, choice.latency, choice.energy));
  };
  std::ranges::stable_sort(bounds, {}, score);
  std::size_t in_vain = 0;
  for (const StackChoice& bound : bounds) {
    if (budget_.stopped() || in_vain == patience) return;
    if (is_reached(bound, found)) continue;
    const auto best = std::ranges::min_element(found, {}, score);
    const auto known = best == found.end() ? std::nullopt : std::optional(score(*best));
    consider(range, bound.tiling, found);
    const auto now = std::ranges::min_element(found, {}, score);
    const bool better = now != found.end() && (!known || score(*now) < *known);
    in_vain = better ? 0 : in_vain + 1;
  }
}

void RangeSearch::move_boundaries(const Range& range, const std::vector<Range>& equal,
                                  std::vector<StackChoice>& found) {
  const std::vector<StackChoice> outside = found;
  for (const std::uint32_t inside : space_.frames().ways_inside(range)) {
    const bool possible = std::ranges::any_of(equal, [&](const Range& one) {
      return with_boundaries(problem_.workload, one, space_.frames().homes(one), inside)
          .has_value();
    });
    if (!possible) continue;
    std::vector<StackChoice> near;
    std::set<Tiling> seen;
    for (const StackChoice& choice : outside) {
      if (budget_.stopped()) return;
      Tiling tiling = choice.tiling;
      tiling.streamed = 0;
      tiling.inside = inside;
      if (seen.insert(tiling).second) consider(range, tiling, near);
    }
    found.insert(found.end(), near.begin(), near.end());
  }
}

bool RangeSearch::may_pay(const Range& range, const Tiling& everything, bool fits,
                          const std::vector<StackChoice>& found) {
  if (options_.aim == chains::Aim::peak_memory) return true;
  if (fits) return false;
  std::optional<StackChoice> least = space_.unlimited(range, everything);
  if (least) least->aimed = aimed(options_, least->home_bits, 0);
  return least && !is_reached(*least, found);
}

bool RangeSearch::consider(const Range& range, const Tiling& tiling,
                           std::vector<StackChoice>& found) {
  ++evaluations_;
  std::vector<StackChoice> choices = space_.costs(range, tiling);
  for (StackChoice& choice : choices) {
    set_aim(range, choice);
    chains::keep_best(found, choice);
  }
  return !choices.empty() && nothing_gained_by_less(choices.front());
}

void RangeSearch::set_aim(const Range& range, StackChoice& choice) const {
  choice.inner_bits =
      checked_add(choice.inner_bits, space_.frames().bits_inside(range, choice.tiling.inside));
  choice.aimed = aimed(options_, choice.home_bits, choice.inner_bits);
  choice.beside = beside(options_, choice.inner_bits);
}

bool RangeSearch::nothing_gained_by_less(const StackChoice& choice) const {
  return choice.tiling.streamed == 0 || !space_.frames().weights_beside();
}

void RangeSearch::change_edges(const Range& range, const Tiling& everything,
                               std::vector<StackChoice>& found) {
  std::set<Tiling> seen;
  std::vector<Tiling> next{everything};
  for (std::size_t i = 0; i < next.size() && i < kMostEdgeChanges; ++i) {
    if (budget_.stopped()) return;
    const bool fits = i > 0 && consider(range, next[i], found);
    if (fits && options_.aim != chains::Aim::peak_memory) continue;
    const Tiling from = next[i];
    for (const Tiling& less : space_.tilings().keeping_less(range, from))
      if (seen.insert(less).second) next.push_back(less);
  }
}

}  // namespace tileloom::scheduler::exact
