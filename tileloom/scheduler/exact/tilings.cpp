// The ways to tile a stack that are tried.

#include <algorithm>
#include <array>
#include <span>

#include "tileloom/scheduler/exact/stack_choice.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {
namespace {

/// Into how many tiles a rank is cut: what lies between changes tiles by less than a quarter.
constexpr std::array<std::int64_t, 13> kCuts = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 112};
/// Two ranks are cut into the same number of tiles, or the outer one into single indices.
constexpr std::array<std::int64_t, 4> kSquareCuts = {2, 4, 8, 16};
/// The most indices of a rank that are tiles of their own.
constexpr std::int64_t kMostIndices = 32;

/// Of these ranks the last two in the order of the axes of the result.
std::vector<RankId> last_two_of_result(const Operator& op, const std::vector<RankId>& ranks) {
  std::vector<RankId> found;
  for (const Axis& axis : op.output.axes)
    for (const Term& term : axis.terms)
      if (std::ranges::find(ranks, term.rank) != ranks.end()) found.push_back(term.rank);
  if (found.size() > 2) found.erase(found.begin(), found.end() - 2);
  return found;
}

}  // namespace

std::vector<Tiling> StackSpace::grid(const Range& range) const {
  const Operator& driver = problem_.workload.operators[static_cast<OperatorId>(range.last)];
  const auto extent = [&](RankId rank) { return driver.rank(rank).extent; };
  const std::vector<RankId> ranks = tiled_ranks(range);
  const bool windows = has_windows(range);
  std::vector<Tiling> found;
  const auto add = [&](std::vector<TileLoop> loops) {
    Tiling tiling{std::move(loops)};
    const bool whole =
        tiling.loops.size() == 1 && tiling.loops[0].tile == extent(tiling.loops[0].rank);
    if (whole && !found.empty()) return;  // one tile, whatever the rank
    for (const Overlap overlap : {Overlap::row, Overlap::recompute, Overlap::all}) {
      if (overlap > most_kept(tiling) || (whole && overlap != Overlap::row)) continue;
      if (overlap == Overlap::recompute && !windows) continue;
      tiling.overlap = overlap;
      found.push_back(tiling);
    }
  };
  const std::vector<RankId> pair = last_two_of_result(driver, ranks);
  const auto in_pair = [&](RankId rank) { return std::ranges::find(pair, rank) != pair.end(); };
  const auto add_singles = [&](RankId rank, std::span<const std::int64_t> cuts) {
    std::int64_t last = 0;
    for (const std::int64_t cut : cuts) {
      const std::int64_t tile = ceil_div(extent(rank), std::min(cut, extent(rank)));
      if (tile != last) add({{rank, tile}});
      last = tile;
    }
  };
  for (const RankId rank : ranks) {
    if (windows && !in_pair(rank))
      add_singles(rank, kSquareCuts);
    else
      add_singles(rank, kCuts);
  }
  for (const std::vector<RankId>& loops : loop_ranks(range)) {
    if (loops.size() < 2) continue;
    const auto [outer, inner] = std::pair(loops[0], loops[1]);
    for (const std::int64_t cut : kSquareCuts) {
      if (extent(inner) < cut) continue;
      const std::int64_t tile = ceil_div(extent(inner), cut);
      if (extent(outer) >= cut) add({{outer, ceil_div(extent(outer), cut)}, {inner, tile}});
      if (!windows && extent(outer) <= kMostIndices && extent(outer) > cut)
        add({{outer, 1}, {inner, tile}});
    }
  }
  return found;
}

std::vector<Tiling> StackSpace::tilings(const Range& range) const {
  std::vector<Tiling> found = grid(range);
  for (const Tiling& tiling : largest(range, [](const Tiling&) { return true; }))
    if (std::ranges::find(found, tiling) == found.end()) found.push_back(tiling);
  return found;
}

std::vector<std::vector<RankId>> StackSpace::loop_ranks(const Range& range) const {
  const Operator& driver = problem_.workload.operators[static_cast<OperatorId>(range.last)];
  const std::vector<RankId> ranks = tiled_ranks(range);
  const std::vector<RankId> pair = last_two_of_result(driver, ranks);
  std::vector<std::vector<RankId>> found;
  for (const RankId rank : ranks) found.push_back({rank});
  for (const RankId outer : ranks) {
    for (const RankId inner : ranks) {
      if (inner == outer || !relevant(driver.output, outer)) continue;
      if (has_windows(range) && !(pair.size() == 2 && outer == pair[0] && inner == pair[1]))
        continue;
      found.push_back({outer, inner});
    }
  }
  return found;
}

bool StackSpace::has_windows(const Range& range) const {
  for (std::size_t i = range.first; i <= range.last; ++i)
    for (const Operand& input : problem_.workload.operators[static_cast<OperatorId>(i)].inputs)
      for (const Axis& axis : input.axes)
        if (axis.terms.size() > 1) return true;
  return false;
}

}  // namespace tileloom::scheduler::exact
