#include "tileloom/mapper/exact/frontier.hpp"

#include <algorithm>
#include <tuple>

#include "tileloom/support/factors.hpp"

namespace tileloom::mapper {

bool Frontier::Later::operator()(const Entry& a, const Entry& b) const {
  if (a.bound != b.bound) return a.bound > b.bound;
  if (a.depth != b.depth) return a.depth < b.depth;
  return a.number > b.number;
}

Frontier::Frontier(const MapSpace& space, const cost::Objective& objective)
    : space_(space), placements_(placements(space)) {
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
    rest /= entry.choice.factors[a * ranks + rank];
  }
  for (const std::int64_t factor : divisors(rest)) {
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

std::optional<Point> start_point(const MapSpace& space, const std::vector<std::uint32_t>& keeps,
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
  if (!fill_temporal(space, point)) return std::nullopt;
  return point;
}

}  // namespace tileloom::mapper
