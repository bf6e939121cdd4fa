// Of the tilings with sizes at which the number of tiles changes those that no larger tiles cover.
// docs/cost_model.md 9.8

#include <algorithm>
#include <set>
#include <tuple>

#include "tileloom/scheduler/exact/even_ranks.hpp"
#include "tileloom/scheduler/exact/tilings.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {
namespace {

/// The most tiles of a stack.
constexpr std::int64_t kMostTiles = 256;

/// The breakpoint with as many tiles.
std::int64_t evened(std::int64_t extent, std::int64_t tile) {
  return ceil_div(extent, ceil_div(extent, tile));
}

/// Beside so many streamed weights, the largest, all sets are tried.
constexpr std::size_t kMostSetsOf = 3;

bool is_part(WeightSet part, WeightSet of) { return (part & ~of) == 0; }

/// Sets with which the largest tiles are looked for: every set of the largest few, then the largest
/// one after the other. None comes before a part of it.
std::vector<WeightSet> sets_beside_tiles(std::size_t weights) {
  const std::size_t free = std::min(weights, kMostSetsOf);
  std::vector<WeightSet> sets;
  for (WeightSet set = 0; set <= first_weights(free); ++set) sets.push_back(set);
  for (std::size_t count = free + 1; count <= weights; ++count)
    sets.push_back(first_weights(count));
  return sets;
}

using FitOf = std::function<Fit(const Tiling&)>;
using Found = std::vector<Tiling>;

using Worth = StackTilings::Worth;

/// The largest tiles of the last loop that fit, for every tile of the loop before it, if there is
/// one, and for what is kept.
class Largest {
 public:
  /// `even`: larger tiles cover all smaller ones (F10), not only those of half their size (F9).
  /// Of two loops only the largest inner tile is looked for in any case.
  Largest(const Operator& driver, std::vector<RankId> ranks, bool even, Worth worth, Worth may_fit,
          FitOf row_fit, FitOf fit)
      : driver_(driver),
        ranks_(std::move(ranks)),
        even_(even),
        worth_(std::move(worth)),
        may_fit_(std::move(may_fit)),
        row_fit_(std::move(row_fit)),
        fit_(std::move(fit)),
        last_(breakpoints(extent(ranks_.back()))) {}

  /// Tilings that fit and that none found before covers.
  void find(Overlap overlap, WeightSet streamed, Found& found) {
    if (ranks_.size() == 1) return beside({}, overlap, streamed, 0, found);
    const std::int64_t whole = extent(ranks_.front());
    for (const std::int64_t outer : breakpoints(whole)) {
      if (outer == whole) continue;
      if (!is_coarse({{{ranks_.front(), outer}}})) return;
      // With the inner rank whole it covers all of them; if tiles are even, those that follow, too.
      if (known(overlap, outer, streamed) < extent(ranks_.back()) &&
          !worth_({{{ranks_.front(), outer}}, most_alone(overlap)})) {
        if (even_) return;
        continue;
      }
      const std::int64_t twice = evened(whole, std::min(whole, outer * 2));
      beside({{ranks_.front(), outer}}, overlap, streamed, known(overlap, twice, streamed), found);
    }
  }

  /// Of one loop, for two with these ranks: the inner one alone, and the outer one alone.
  void add_known(const Largest& inner, const Largest& outer) {
    for (const auto& [beside, tile] : inner.largest_) {
      const auto& [alone, none, set] = beside;
      const Overlap kept = alone == Overlap::row ? Overlap::all : alone;
      largest_[{kept, extent(ranks_.front()), set}] = tile;
    }
    for (const auto& [beside, tile] : outer.largest_) {
      const auto& [alone, none, set] = beside;
      const Overlap kept = alone == Overlap::row ? Overlap::all : alone;
      const std::set<std::int64_t>& fitting = outer.fitting_.at({alone, set});
      for (const std::int64_t size : outer.last_) {
        const bool covered = outer.even_ ? size <= tile : size * 2 <= tile;
        if (covered || fitting.contains(size)) largest_[{kept, size, set}] = extent(ranks_.back());
      }
    }
  }

  const std::vector<RankId>& ranks() const { return ranks_; }

 private:
  std::int64_t extent(RankId rank) const { return driver_.rank(rank).extent; }

  /// The largest tile of the last loop known to fit with any paths and at least that much kept,
  /// beside `outer` or, if tiles are even, a larger one.
  std::int64_t known(Overlap overlap, std::int64_t outer, WeightSet streamed) const {
    std::int64_t most = 0;
    for (const auto& [beside, tile] : largest_) {
      const auto& [kept, size, set] = beside;
      const bool counts = even_ ? size >= outer : size == outer;
      if (kept >= overlap && counts && is_part(set, streamed)) most = std::max(most, tile);
    }
    return most;
  }

  void beside(std::vector<TileLoop> loops, Overlap overlap, WeightSet streamed,
              std::int64_t covered, Found& found) {
    const std::int64_t outer = loops.empty() ? 1 : loops.front().tile;
    covered = std::max(covered, known(overlap, outer, streamed));
    loops.push_back({ranks_.back(), 1});
    Tiling tiling{std::move(loops), overlap, streamed};
    const auto with = [&](std::int64_t tile) -> const Tiling& {
      tiling.loops.back().tile = tile;
      return tiling;
    };
    // With a tile as large as the rank there is no loop.
    const auto end = std::ranges::find_if(
        last_, [&](std::int64_t i) { return i <= covered || !is_coarse(with(i)); });
    if (end == last_.begin()) return;
    const auto at = std::partition_point(last_.begin() + 1, end,
                                         [&](std::int64_t tile) { return !may_fit_(with(tile)); });
    std::int64_t largest = covered;
    if (even_ || ranks_.size() > 1) {
      const auto any = first_of(at, end, with, found);
      if (any != end) largest = *any;
    } else {
      for (auto tile = at; tile != end && (largest == covered || *tile * 2 > largest); ++tile) {
        if (row_fit_(with(*tile)) == Fit::no) continue;
        if (add_if_fits(with(*tile), found) != Fit::any_paths) continue;
        largest = std::max(largest, *tile);
        fitting_[{overlap, streamed}].insert(*tile);
      }
    }
    largest_[{overlap, outer, streamed}] = largest;
    fitting_.try_emplace({overlap, streamed});
  }

  /// The first size that fits with any paths, and before it those that fit with some. Even tiles
  /// take the less room the smaller they are: halved by the first row of tiles, then tried.
  template <class At, class With>
  At first_of(At begin, At end, const With& with, Found& found) const {
    At at = std::partition_point(
        begin, end, [&](std::int64_t tile) { return row_fit_(with(tile)) == Fit::no; });
    while (at != end && add_if_fits(with(*at), found) != Fit::any_paths) ++at;
    return at;
  }

  Fit add_if_fits(const Tiling& tiling, Found& found) const {
    const Fit fit = fit_(tiling);
    if (fit != Fit::no) found.push_back(tiling);
    return fit;
  }

  /// What a loop alone keeps if beside another one this is kept.
  static Overlap most_alone(Overlap overlap) {
    return overlap == Overlap::recompute ? Overlap::recompute : Overlap::row;
  }

  bool is_coarse(const Tiling& tiling) const {
    std::int64_t tiles = 1;
    for (const TileLoop& loop : tiling.loops)
      tiles = checked_mul(tiles, ceil_div(extent(loop.rank), loop.tile));
    return tiles <= kMostTiles;
  }

  const Operator& driver_;
  std::vector<RankId> ranks_;
  bool even_;
  Worth worth_;    ///< whether anything that this covers may be of use
  Worth may_fit_;  ///< whether its first iteration fits
  FitOf row_fit_;  ///< of the first trip of the outer loop
  FitOf fit_;
  std::vector<std::int64_t> last_;  ///< sizes of the last loop
  std::map<std::tuple<Overlap, std::int64_t, WeightSet>, std::int64_t> largest_;
  /// Sizes of the last loop, not of even ranks.
  std::map<std::pair<Overlap, WeightSet>, std::set<std::int64_t>> fitting_;
};

}  // namespace

bool StackTilings::are_even(const Range& range, const std::vector<RankId>& ranks) const {
  const FusedStack stack = frames_.bare(range);
  std::vector<EvenRank> found;
  for (const RankId rank : ranks) {
    const std::optional<EvenRank> even = even_rank(problem_.workload, stack, rank);
    if (!even) return false;
    found.push_back(*even);
  }
  return found.size() < 2 || apart(found[0], found[1]);
}

std::vector<Tiling> StackTilings::largest(const Range& range, const Worth& worth) const {
  const Operator& driver = problem_.workload.operators[static_cast<OperatorId>(range.last)];
  std::map<Tiling, bool> asked;
  const auto worth_once = [&](const Tiling& tiling) {
    const auto [at, is_new] = asked.try_emplace(tiling);
    if (is_new) at->second = worth(tiling);
    return at->second;
  };
  std::vector<Largest> alone;
  std::vector<Largest> pairs;
  for (const std::vector<RankId>& ranks : loop_ranks(range)) {
    (ranks.size() == 1 ? alone : pairs)
        .emplace_back(
            driver, ranks, are_even(range, ranks), worth_once,
            [&](const Tiling& tiling) {
              return room_.fits(range, tiling,
                                room_.first(range, tiling, tiling.loops.size()).peaks);
            },
            [&](const Tiling& tiling) { return room_.row_fit(range, tiling); },
            [&](const Tiling& tiling) { return room_.fit(range, tiling); });
  }
  Found found;
  if (alone.empty()) return found;
  const RankId any = alone.front().ranks().front();
  const bool windows = has_windows(range);
  std::vector<WeightSet> enough;  // to stream more makes no larger tiles fit
  for (const WeightSet streamed : sets_beside_tiles(frames_.weights(range).size())) {
    const auto covers = [&](WeightSet set) { return is_part(set, streamed); };
    if (std::ranges::any_of(enough, covers)) continue;
    Tiling whole{{{any, driver.rank(any).extent}}};
    if (!worth_once(whole)) break;
    whole.streamed = streamed;
    const Fit of_whole = room_.fit(range, whole);
    if (of_whole != Fit::no) found.push_back(whole);
    if (of_whole == Fit::any_paths) {
      enough.push_back(streamed);
      continue;
    }
    for (Largest& one : alone) {
      one.find(Overlap::row, streamed, found);
      if (windows) one.find(Overlap::recompute, streamed, found);
    }
    const auto of = [&](RankId rank) -> const Largest& {
      return *std::ranges::find(alone, std::vector{rank}, &Largest::ranks);
    };
    for (Largest& pair : pairs) {
      pair.add_known(of(pair.ranks()[1]), of(pair.ranks()[0]));
      for (const Overlap overlap : {Overlap::all, Overlap::row, Overlap::recompute})
        if (windows || overlap != Overlap::recompute) pair.find(overlap, streamed, found);
    }
    if (!frames_.weights_beside() && room_.all_weights_fit(range, streamed))
      enough.push_back(streamed);
  }
  // Which weights are streamed is chosen anew.
  std::set<Tiling> seen;
  Found distinct;
  for (Tiling& tiling : found) {
    tiling.streamed = 0;
    if (seen.insert(tiling).second) distinct.push_back(tiling);
  }
  return distinct;
}

}  // namespace tileloom::scheduler::exact
