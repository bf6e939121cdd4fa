#include "tileloom/loop_tree/view.hpp"

#include "tileloom/support/checked.hpp"

namespace tileloom {

std::vector<std::int64_t> view_extents(const Operand& operand) {
  std::vector<std::int64_t> extents;
  for (const Axis& axis : operand.axes) extents.push_back(axis.extent);
  return extents;
}

std::optional<ViewMap> ViewMap::between(const std::vector<std::int64_t>& from,
                                        const std::vector<std::int64_t>& to) {
  if (from.size() > kMostAxes || to.size() > kMostAxes) return std::nullopt;
  ViewMap map;
  map.from_ = from;
  map.to_ = to;
  map.same_ = from == to;
  std::size_t f = 0;
  std::size_t t = 0;
  while (f < from.size() || t < to.size()) {
    Group group{f, f, t, t};
    if ((f < from.size() && from[f] == 1) || (t < to.size() && to[t] == 1)) {
      f < from.size() && from[f] == 1 ? group.from_end = ++f : group.to_end = ++t;
      map.groups_.push_back(group);
      continue;
    }
    std::int64_t left = 1;
    std::int64_t right = 1;
    if (f < from.size()) left = from[group.from_end++];
    if (t < to.size()) right = to[group.to_end++];
    while (left != right) {
      if (left < right) {
        if (group.from_end == from.size()) return std::nullopt;
        left = checked_mul(left, from[group.from_end++]);
      } else {
        if (group.to_end == to.size()) return std::nullopt;
        right = checked_mul(right, to[group.to_end++]);
      }
    }
    if (group.from_end - f > 1 && group.to_end - t > 1) return std::nullopt;
    f = group.from_end;
    t = group.to_end;
    map.groups_.push_back(group);
  }
  return map;
}

Box ViewMap::operator()(const Box& box) const {
  if (same_) return box;
  Box image(to_.size());
  if (box.empty()) return image;
  for (const Group& group : groups_) {
    std::int64_t first = 0;  // as one index over the group
    std::int64_t last = 0;
    for (std::size_t a = group.from; a < group.from_end; ++a) {
      first = first * from_[a] + box[a].begin;
      last = last * from_[a] + box[a].end - 1;
    }
    std::int64_t inner = 1;
    for (std::size_t a = group.to; a < group.to_end; ++a) inner *= to_[a];
    bool together = true;  // first and last agree on all axes before
    for (std::size_t a = group.to; a < group.to_end; ++a) {
      inner /= to_[a];
      const std::int64_t lo = first / inner % to_[a];
      const std::int64_t hi = last / inner % to_[a];
      image[a] = together ? Interval{lo, hi + 1} : Interval{0, to_[a]};
      together = together && lo == hi;
    }
  }
  return image;
}

}  // namespace tileloom
