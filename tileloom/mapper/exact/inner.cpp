#include "tileloom/mapper/exact/inner.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper {
namespace {

/// Some tile makes exactly so many trips of this chunk; the least that does is ⌈chunk / trips⌉.
bool cuts_into(std::int64_t chunk, std::int64_t trips) {
  return ceil_div(chunk, ceil_div(chunk, trips)) == trips;
}

/// The operand's axis with `rank` moves with no other rank: a new chunk is a box apart from the
/// old one.
bool moves_alone(const Operator& op, const Operand& operand, std::size_t rank) {
  for (const Axis& axis : operand.axes) {
    bool here = false;
    std::size_t moving = 0;
    for (const Term& term : axis.terms) {
      here = here || index(term.rank) == rank;
      if (op.rank(term.rank).extent > 1) ++moving;
    }
    if (here) return moving <= 1;
  }
  return false;
}

}  // namespace

bool hopeless(const cost::Score& bound, const cost::Score& score) {
  constexpr double kUp = 1.0 + 4e-12;
  if (bound.first * kUp < score.first) return false;
  if (bound.first > score.first * kUp) return true;
  return bound.second * kUp >= score.second;
}

bool commute(const Operator& op, std::size_t a, std::size_t b) {
  return std::ranges::all_of(operands(op), [&](const Operand* operand) {
    const bool has_a = relevant(*operand, static_cast<RankId>(a));
    const bool has_b = relevant(*operand, static_cast<RankId>(b));
    if (!has_a && !has_b) return true;
    return has_a && has_b && moves_alone(op, *operand, a) && moves_alone(op, *operand, b);
  });
}

InnerSearch::InnerSearch(Ruler& ruler, const NodeBound& bound, const SpatialChoice& choice,
                         Point start, Incumbent& incumbent)
    : ruler_(ruler),
      space_(ruler.space()),
      bound_(bound),
      choice_(choice),
      point_(std::move(start)),
      incumbent_(incumbent) {
  for (const std::size_t s : open_slots(space_, point_.keeps)) {
    if (!space_.slots[s].axis) levels_.push_back(s);
  }
}

std::int64_t InnerSearch::tile_above(std::size_t slot, std::size_t rank) const {
  std::int64_t tile = space_.op->ranks[rank].extent;
  for (std::size_t s = 0; s < slot; ++s) {
    tile = ceil_div(tile, point_.factor(s, rank, space_.ranks()));
  }
  return tile;
}

std::int64_t InnerSearch::spread_inside(std::size_t slot, std::size_t rank) const {
  std::int64_t product = 1;
  for (std::size_t s = slot + 1; s < space_.slots.size(); ++s) {
    if (space_.slots[s].axis) product *= point_.factor(s, rank, space_.ranks());
  }
  return product;
}

bool InnerSearch::spread_fully(std::size_t slot, std::size_t rank) const {
  for (std::size_t s = 0; s < slot; ++s) {
    if (!space_.slots[s].axis) continue;
    const std::int64_t positions = point_.factor(s, rank, space_.ranks());
    if (positions > 1 && !cuts_into(tile_above(s, rank), positions)) return false;
  }
  return true;
}

void InnerSearch::choose_ragged_factor(std::size_t level, std::size_t rank) {
  const std::size_t slot = levels_[level];
  const std::size_t last = levels_.back();
  const std::size_t ranks = space_.ranks();
  std::int64_t& here = point_.factor(slot, rank, ranks);
  std::int64_t& inside = point_.factor(last, rank, ranks);
  const std::int64_t before_here = here;
  const std::int64_t before_inside = inside;
  const std::int64_t tile = tile_above(slot, rank);
  if (level > 0 || tile_allowed(0, rank)) {
    for (std::int64_t factor = 1; factor <= tile; ++factor) {
      if (!cuts_into(tile, factor) || !space_.trips[slot * ranks + rank].contains(factor)) continue;
      here = factor;
      inside = 1;
      inside = ceil_div(tile_above(last, rank), spread_inside(last, rank));
      if (!spread_fully(levels_[level + 1], rank)) continue;
      if (tile_allowed(level + 1, rank)) choose_factor(level, rank + 1);
    }
  }
  here = before_here;
  inside = before_inside;
}

bool InnerSearch::run() {
  // Everything undecided stands at the innermost level.
  for (std::size_t r = 0; r < space_.ranks(); ++r) {
    std::int64_t rest = 1;
    for (const std::size_t s : levels_) {
      std::int64_t& factor = point_.factor(s, r, space_.ranks());
      rest *= factor;
      factor = 1;
    }
    if (ruler_.imperfect()) {
      rest = ceil_div(space_.op->ranks[r].extent, spread_inside(0, r));
    }
    point_.factor(levels_.back(), r, space_.ranks()) = rest;
  }
  if (levels_.size() == 1) {
    finish();
  } else {
    choose_factor(0, 0);
  }
  return complete_;
}

bool InnerSearch::tile_allowed(std::size_t level, std::size_t rank) const {
  const std::size_t slot = levels_[level];
  return space_.tiles[slot * space_.ranks() + rank].contains(tile_above(slot, rank));
}

void InnerSearch::choose_factor(std::size_t level, std::size_t rank) {
  if (!complete_) return;
  const std::size_t ranks = space_.ranks();
  if (rank == ranks) {
    choose_order(level);
    return;
  }
  if (ruler_.imperfect()) {
    choose_ragged_factor(level, rank);
    return;
  }
  const std::size_t slot = levels_[level];
  std::int64_t& here = point_.factor(slot, rank, ranks);
  std::int64_t& inside = point_.factor(levels_.back(), rank, ranks);
  const std::int64_t rest = inside;
  // The tile at this level's Stores does not depend on the level's own loops.
  if (level == 0 && !tile_allowed(0, rank)) return;
  for (const std::int64_t factor : divisors(rest)) {
    if (!space_.trips[slot * ranks + rank].contains(factor)) continue;
    here = factor;
    inside = rest / factor;
    if (tile_allowed(level + 1, rank)) choose_factor(level, rank + 1);
  }
  here = 1;
  inside = rest;
}

void InnerSearch::choose_order(std::size_t level) {
  const std::size_t ranks = space_.ranks();
  const std::size_t slot = levels_[level];
  std::vector<std::uint16_t> moving;
  std::vector<std::uint16_t> still;
  for (std::uint16_t r = 0; r < ranks; ++r) {
    (point_.factor(slot, r, ranks) > 1 ? moving : still).push_back(r);
  }
  do {
    bool repeats = false;
    for (std::size_t i = 0; i + 1 < moving.size(); ++i) {
      // With rules on orders the swapped order need not be allowed as well.
      repeats = repeats || (moving[i] > moving[i + 1] && space_.constraints->orders.empty() &&
                            !ruler_.imperfect() &&
                            commute(*space_.op, moving[i], moving[i + 1]));
    }
    if (repeats) continue;
    std::uint16_t* order = point_.order.data() + slot * ranks;
    order = std::copy(still.begin(), still.end(), order);
    std::copy(moving.begin(), moving.end(), order);
    if (level + 2 == levels_.size()) {
      finish();
    } else if (promising(level)) {
      const Point before = point_;
      choose_factor(level + 1, 0);
      point_ = before;
    }
  } while (complete_ && std::next_permutation(moving.begin(), moving.end()));
}

bool InnerSearch::promising(std::size_t level) {
  if (ruler_.exhausted()) {
    complete_ = false;
    return false;
  }
  ruler_.spend(1);
  const MemoryId until = space_.slots[levels_[level + 1]].memory;
  const std::vector<PathNode> path = path_of(space_, point_);
  const cost::PathCounts counts = cost::count_path(*space_.op, *space_.arch, path);
  const std::vector<cost::StoreWidth> widths = cost::store_widths(*space_.op, path);
  // Tiles down to `until` are decided; widths there can only grow with the loops to come.
  const bool widths_grow = space_.op->output.partial_bits >= space_.op->output.bits;
  for (const cost::Occupancy& memory : cost::occupancy(*space_.arch, counts, widths)) {
    if (memory.memory <= until && widths_grow && !memory.fits()) return false;
  }
  if (!incumbent_.best()) return true;
  const Decided decided{counts, widths, until};
  return !hopeless(bound_(choice_, &decided), incumbent_.best()->score);
}

void InnerSearch::finish() {
  const std::size_t ranks = space_.ranks();
  const std::size_t last = levels_.back();
  for (std::size_t r = 0; r < ranks; ++r) {
    if (!space_.trips[last * ranks + r].contains(point_.factor(last, r, ranks))) return;
    if (levels_.size() == 1 && !tile_allowed(0, r)) return;
    if (!spread_fully(space_.slots.size(), r)) return;
  }
  if (ruler_.exhausted()) {
    complete_ = false;
    return;
  }
  const std::optional<cost::Score> score = ruler_.measure(point_);
  if (score) incumbent_.offer(*score, ruler_.used(), point_);
}

}  // namespace tileloom::mapper
