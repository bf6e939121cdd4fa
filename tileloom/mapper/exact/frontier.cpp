#include "tileloom/mapper/exact/frontier.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "tileloom/support/checked.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper {
namespace {

/// Numbers of positions for a rank that is cut into `rest` pieces by nothing else; imperfect: any,
/// for loops over time may leave any tile to be spread.
std::vector<std::int64_t> position_counts(Factors factors, std::int64_t rest, std::int64_t most) {
  if (factors == Factors::perfect) return divisors(rest);
  std::vector<std::int64_t> all(static_cast<std::size_t>(std::min(rest, most)));
  std::iota(all.begin(), all.end(), std::int64_t{1});
  return all;
}

}  // namespace

bool Frontier::Later::operator()(const Entry& a, const Entry& b) const {
  if (a.bound != b.bound) return a.bound > b.bound;
  if (a.depth != b.depth) return a.depth < b.depth;
  return a.number > b.number;
}

Frontier::Frontier(const MapSpace& space, Factors factors, const cost::Objective& objective)
    : space_(space), factors_(factors), placements_(placements(space)) {
  SpatialChoice none;
  const std::vector<std::size_t> open = open_slots(space, trivial_point(space).keeps);
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    if (!space.slots[s].axis) continue;
    axis_slots_.push_back(s);
    // Axes outside a home cannot be used.
    const bool usable = std::ranges::find(open, s) != open.end();
    none.room.push_back(usable ? space.arch->axes[*space.slots[s].axis].size : 1);
  }
  none.factors.assign(axis_slots_.size() * space.ranks(), 1);
  bounds_.reserve(placements_.size());
  for (std::size_t p = 0; p < placements_.size(); ++p) {
    bounds_.emplace_back(space, placements_[p], objective);
    push(p, 0, none, {});
  }
}

void Frontier::push(std::size_t placement, std::size_t depth, SpatialChoice choice,
                    const cost::Score& at_least) {
  // A child is part of its parent, so the parent's bound holds for it as well.
  const cost::Score bound = std::max(at_least, bounds_[placement](choice));
  queue_.push({bound, placement, depth, bounded_++, std::move(choice)});
}

void Frontier::branch(const Entry& entry) {
  const std::size_t ranks = space_.ranks();
  const std::size_t axis = entry.depth / ranks;
  const std::size_t rank = entry.depth % ranks;
  std::int64_t rest = space_.op->ranks[rank].extent;
  for (std::size_t a = 0; a < axis_slots_.size(); ++a) {
    rest = ceil_div(rest, entry.choice.factors[a * ranks + rank]);
  }
  for (const std::int64_t factor : position_counts(factors_, rest, entry.choice.room[axis])) {
    if (factor > entry.choice.room[axis]) break;
    if (!space_.trips[axis_slots_[axis] * ranks + rank].contains(factor)) continue;
    SpatialChoice choice = entry.choice;
    choice.factors[entry.depth] = factor;
    choice.room[axis] /= factor;
    if (rank + 1 == ranks) choice.room[axis] = 1;
    push(entry.placement, entry.depth + 1, std::move(choice), entry.bound);
  }
}

std::optional<Frontier::Node> Frontier::advance() {
  const Entry entry = queue_.top();
  queue_.pop();
  if (entry.depth == axis_slots_.size() * space_.ranks()) {
    return Node{entry.bound, entry.placement, entry.choice};
  }
  branch(entry);
  return std::nullopt;
}

std::optional<Point> start_point(const MapSpace& space, Factors factors,
                                 const std::vector<std::uint32_t>& keeps,
                                 const SpatialChoice& choice) {
  Point point = blank_point(space);
  point.keeps = keeps;
  const std::size_t ranks = space.ranks();
  std::size_t axis = 0;
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    if (!space.slots[s].axis) continue;
    for (std::size_t r = 0; r < ranks; ++r) {
      point.factor(s, r, ranks) = choice.factors[axis * ranks + r];
    }
    ++axis;
  }
  if (factors == Factors::imperfect) {
    const std::size_t outermost = open_slots(space, keeps).front();
    for (std::size_t r = 0; r < ranks; ++r) {
      std::int64_t rest = space.op->ranks[r].extent;
      for (std::size_t a = 0; a < axis; ++a) rest = ceil_div(rest, choice.factors[a * ranks + r]);
      point.factor(outermost, r, ranks) = rest;
    }
    return point;
  }
  if (!fill_temporal(space, point)) return std::nullopt;
  return point;
}

}  // namespace tileloom::mapper
