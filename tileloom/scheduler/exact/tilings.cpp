#include "tileloom/scheduler/exact/tilings.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "tileloom/loop_tree/boxes.hpp"
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

std::vector<Tiling> StackTilings::grid(const Range& range) const {
  const Operator& driver = problem_.workload.operators[static_cast<OperatorId>(range.last)];
  const auto extent = [&](RankId rank) { return driver.rank(rank).extent; };
  const std::vector<RankId> ranks = frames_.tiled_ranks(range);
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

std::vector<Tiling> StackTilings::tilings(const Range& range) const {
  std::vector<Tiling> found = grid(range);
  for (const Tiling& tiling : largest(range, [](const Tiling&) { return true; }))
    if (std::ranges::find(found, tiling) == found.end()) found.push_back(tiling);
  return found;
}

std::vector<std::vector<RankId>> StackTilings::loop_ranks(const Range& range) const {
  const Operator& driver = problem_.workload.operators[static_cast<OperatorId>(range.last)];
  const std::vector<RankId> ranks = frames_.tiled_ranks(range);
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

bool StackTilings::has_windows(const Range& range) const {
  for (std::size_t i = range.first; i <= range.last; ++i)
    for (const Operand& input : problem_.workload.operators[static_cast<OperatorId>(i)].inputs)
      for (const Axis& axis : input.axes)
        if (axis.terms.size() > 1) return true;
  return false;
}

bool StackTilings::overlaps(const Range& range, const Tiling& tiling, std::size_t place) const {
  const std::vector<StackTensor>& all = frames_.tensors(range);
  return std::ranges::any_of(all[place].readers, [&](std::size_t child) {
    const Operator& op = problem_.workload.operators[static_cast<OperatorId>(range.first + child)];
    const bool halo = std::ranges::any_of(find_operand(op, all[place].tensor)->axes,
                                          [](const Axis& axis) { return axis.terms.size() > 1; });
    if (halo || child + 1 == range.length()) return halo;
    const auto made = std::ranges::find(all, op.output.tensor, &StackTensor::tensor);
    return overlap_of(tiling, static_cast<std::size_t>(made - all.begin())) < most_kept(tiling);
  });
}

std::vector<Tiling> StackTilings::keeping_less(const Range& range, const Tiling& tiling) const {
  const std::vector<StackTensor>& all = frames_.tensors(range);
  std::vector<Tiling> found;
  for (std::size_t place = 0; place < all.size(); ++place) {
    const Overlap now = overlap_of(tiling, place);
    if (all[place].role != StackRole::internal || now == Overlap::recompute) continue;
    if (!overlaps(range, tiling, place)) continue;
    Tiling other = tiling;
    other.streamed = 0;
    other.other_overlaps[place] = now == Overlap::all ? Overlap::row : Overlap::recompute;
    found.push_back(std::move(other));
  }
  return found;
}

}  // namespace tileloom::scheduler::exact
