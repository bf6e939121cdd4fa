#include "tileloom/mapper/timeloop_like/subspace.hpp"

#include <algorithm>

namespace tileloom::mapper {

Subspace::Subspace(const MapSpace& space, const std::vector<TilingLevel>& levels)
    : space_(space),
      levels_(levels),
      placements_(mapper::placements(space)),
      orders_(levels.size()),
      axis_of_(levels.size() * space.ranks(), 0),
      blank_(blank_point(space)) {
  for (const std::vector<std::uint32_t>& keeps : placements_) {
    const std::vector<std::size_t> open = open_slots(space, keeps);
    std::vector<std::size_t> targets;
    std::size_t target = 0;
    for (const TilingLevel& level : levels) {
      const bool stands = std::ranges::find(open, level.slots.front()) != open.end();
      if (!level.spatial && stands) target = level.slots.front();
      targets.push_back(target);
    }
    targets_.push_back(std::move(targets));
  }
}

void Subspace::enter(Factorisation factors) {
  factors_ = std::move(factors);
  const std::size_t ranks = space_.ranks();
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    orders_[l].clear();
    for (std::size_t r = 0; r < ranks; ++r) {
      if (factors_[l * ranks + r] > 1) orders_[l].push_back(static_cast<std::uint16_t>(r));
    }
  }
  first_split();
}

std::int64_t Subspace::orders(std::int64_t limit) const {
  std::int64_t count = 1;
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    if (levels_[l].spatial) continue;
    for (std::size_t n = 2; n <= orders_[l].size(); ++n) {
      count *= static_cast<std::int64_t>(n);
      if (count >= limit) return limit;
    }
  }
  return count;
}

bool Subspace::next_order() {
  for (std::size_t l = levels_.size(); l-- > 0;) {
    if (levels_[l].spatial) continue;
    if (std::next_permutation(orders_[l].begin(), orders_[l].end())) return true;
  }
  return false;
}

void Subspace::shuffle_orders(Random& random) {
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    if (levels_[l].spatial) continue;
    Order& order = orders_[l];
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  }
}

void Subspace::first_split() { std::ranges::fill(axis_of_, std::size_t{0}); }

bool Subspace::next_split() {
  for (std::size_t l = levels_.size(); l-- > 0;) {
    if (levels_[l].slots.size() < 2) continue;
    for (const std::uint16_t r : orders_[l]) {
      std::size_t& axis = axis_of_[l * space_.ranks() + r];
      if (++axis < levels_[l].slots.size()) return true;
      axis = 0;
    }
  }
  return false;
}

bool Subspace::split_fits() const {
  const std::size_t ranks = space_.ranks();
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    if (levels_[l].slots.size() < 2) continue;
    for (std::size_t a = 0; a < levels_[l].slots.size(); ++a) {
      std::int64_t room = space_.arch->axes[*space_.slots[levels_[l].slots[a]].axis].size;
      for (const std::uint16_t r : orders_[l]) {
        if (axis_of_[l * ranks + r] == a) room /= factors_[l * ranks + r];
      }
      if (room == 0) return false;
    }
  }
  return true;
}

void Subspace::place_loops(std::size_t level, std::size_t slot) {
  const std::size_t ranks = space_.ranks();
  std::uint16_t* const order = point_.order.data() + slot * ranks;
  std::size_t& placed = placed_[slot];
  for (const std::uint16_t r : orders_[level]) {
    point_.factor(slot, r, ranks) *= factors_[level * ranks + r];
    if (std::find(order, order + placed, r) == order + placed) order[placed++] = r;
  }
}

const Point& Subspace::point(std::size_t number) {
  const std::size_t ranks = space_.ranks();
  point_ = blank_;
  point_.keeps = placements_[number];
  placed_.assign(space_.slots.size(), 0);
  for (std::size_t l = 0; l < levels_.size(); ++l) {
    if (!levels_[l].spatial) {
      place_loops(l, targets_[number][l]);
      continue;
    }
    for (const std::uint16_t r : orders_[l]) {
      point_.factor(levels_[l].slots[axis_of_[l * ranks + r]], r, ranks) = factors_[l * ranks + r];
    }
  }
  // Ranks without a loop stand last, where they do not matter.
  for (std::size_t s = 0; s < space_.slots.size(); ++s) {
    if (placed_[s] == 0) continue;
    std::uint16_t* const order = point_.order.data() + s * ranks;
    for (std::uint16_t r = 0; placed_[s] < ranks && r < ranks; ++r) {
      if (std::find(order, order + placed_[s], r) == order + placed_[s]) order[placed_[s]++] = r;
    }
  }
  return point_;
}

}  // namespace tileloom::mapper
