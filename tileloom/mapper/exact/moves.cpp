#include "tileloom/mapper/exact/moves.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper {
namespace {

std::vector<std::int64_t> distinct_primes(std::int64_t n) {
  std::vector<std::int64_t> primes = prime_factors(n);
  primes.erase(std::unique(primes.begin(), primes.end()), primes.end());
  return primes;
}

/// Positions still free on the slot's axis; unlimited for temporal slots.
bool has_room(const MapSpace& space, const Point& point, std::size_t slot, std::int64_t factor,
              std::int64_t freed = 1) {
  if (!space.slots[slot].axis) return true;
  std::int64_t used = 1;
  for (std::size_t r = 0; r < space.ranks(); ++r) used *= point.factor(slot, r, space.ranks());
  return used / freed * factor <= space.arch->axes[*space.slots[slot].axis].size;
}

/// Moves a rank to a position of its slot's order.
void place(Point& point, std::size_t ranks, std::size_t slot, std::size_t rank,
           std::size_t position) {
  const auto first = point.order.begin() + static_cast<std::ptrdiff_t>(slot * ranks);
  const auto last = first + static_cast<std::ptrdiff_t>(ranks);
  const auto from = std::find(first, last, static_cast<std::uint16_t>(rank));
  const auto to = first + static_cast<std::ptrdiff_t>(position);
  if (from < to) std::rotate(from, from + 1, to + 1);
  if (to < from) std::rotate(to, from, from + 1);
}

std::vector<std::uint16_t> order_of(const Point& point, std::size_t ranks, std::size_t slot) {
  const auto first = point.order.begin() + static_cast<std::ptrdiff_t>(slot * ranks);
  return {first, first + static_cast<std::ptrdiff_t>(ranks)};
}

void restore_order(Point& point, std::size_t slot, const std::vector<std::uint16_t>& order) {
  std::ranges::copy(order, point.order.begin() + static_cast<std::ptrdiff_t>(slot * order.size()));
}

/// A prime factor of a rank at a slot.
struct Prime {
  std::size_t slot = 0;
  std::size_t rank = 0;
  std::int64_t value = 1;
};

std::vector<Prime> primes_at(const MapSpace& space, const Point& point,
                             const std::vector<std::size_t>& open) {
  std::vector<Prime> primes;
  for (const std::size_t s : open) {
    for (std::size_t r = 0; r < space.ranks(); ++r) {
      for (const std::int64_t p : distinct_primes(point.factor(s, r, space.ranks()))) {
        primes.push_back({s, r, p});
      }
    }
  }
  return primes;
}

}  // namespace

void for_each_shift(const MapSpace& space, Point& point, const Visit& visit) {
  const std::size_t ranks = space.ranks();
  const std::vector<std::size_t> open = open_slots(space, point.keeps);
  for (const Prime& prime : primes_at(space, point, open)) {
    for (const std::size_t to : open) {
      if (to == prime.slot || !has_room(space, point, to, prime.value)) continue;
      std::int64_t& target = point.factor(to, prime.rank, ranks);
      const bool is_new = target == 1;
      point.factor(prime.slot, prime.rank, ranks) /= prime.value;
      target *= prime.value;
      if (space.slots[to].axis || !is_new) {
        visit(point);
      } else {
        const std::vector<std::uint16_t> order = order_of(point, ranks, to);
        for (const std::size_t position : {std::size_t{0}, ranks - 1}) {
          place(point, ranks, to, prime.rank, position);
          visit(point);
        }
        restore_order(point, to, order);
      }
      target /= prime.value;
      point.factor(prime.slot, prime.rank, ranks) *= prime.value;
    }
  }
}

void for_each_reorder(const MapSpace& space, Point& point, const Visit& visit) {
  const std::size_t ranks = space.ranks();
  for (const std::size_t s : open_slots(space, point.keeps)) {
    if (space.slots[s].axis) continue;
    const std::vector<std::uint16_t> order = order_of(point, ranks, s);
    std::vector<std::uint16_t> active;
    for (const std::uint16_t r : order) {
      if (point.factor(s, r, ranks) > 1) active.push_back(r);
    }
    // Loops of factor 1 go to the outside, where they do not matter.
    std::vector<std::uint16_t> packed;
    for (const std::uint16_t r : order) {
      if (point.factor(s, r, ranks) == 1) packed.push_back(r);
    }
    const std::size_t idle = packed.size();
    packed.insert(packed.end(), active.begin(), active.end());
    for (std::size_t from = 0; from < active.size(); ++from) {
      for (std::size_t to = 0; to < active.size(); ++to) {
        if (from == to || from == to + 1) continue;  // the latter is the swap seen from the other
        restore_order(point, s, packed);
        place(point, ranks, s, active[from], idle + to);
        visit(point);
      }
    }
    restore_order(point, s, order);
  }
}

void for_each_exchange(const MapSpace& space, Point& point, const Visit& visit) {
  const std::size_t ranks = space.ranks();
  const std::vector<std::size_t> open = open_slots(space, point.keeps);
  const std::vector<Prime> primes = primes_at(space, point, open);
  for (std::size_t i = 0; i < primes.size(); ++i) {
    for (std::size_t j = i + 1; j < primes.size(); ++j) {
      const Prime& a = primes[i];
      const Prime& b = primes[j];
      if (a.slot == b.slot || (a.rank == b.rank && a.value == b.value)) continue;
      if (!has_room(space, point, a.slot, b.value, a.value)) continue;
      if (!has_room(space, point, b.slot, a.value, b.value)) continue;
      const auto swap_primes = [&](const Prime& x, const Prime& y) {
        point.factor(x.slot, x.rank, ranks) /= x.value;
        point.factor(y.slot, x.rank, ranks) *= x.value;
        point.factor(y.slot, y.rank, ranks) /= y.value;
        point.factor(x.slot, y.rank, ranks) *= y.value;
      };
      const std::vector<std::int64_t> factors = point.factors;
      swap_primes(a, b);
      visit(point);
      point.factors = factors;
    }
  }
}

void for_each_refit(const MapSpace& space, Point& point, const Visit& visit) {
  const std::size_t ranks = space.ranks();
  const std::vector<std::size_t> open = open_slots(space, point.keeps);
  for (std::size_t r = 0; r < ranks; ++r) {
    for (const std::size_t changed : open) {
      const std::int64_t factor = point.factor(changed, r, ranks);
      for (const std::int64_t other : {std::int64_t{1}, factor - 1, factor + 1, 2 * factor}) {
        if (other < 1 || other == factor) continue;
        point.factor(changed, r, ranks) = other;
        for (const std::size_t fitted : open) {
          if (fitted == changed) continue;
          std::int64_t& makes_up = point.factor(fitted, r, ranks);
          const std::int64_t before = makes_up;
          makes_up = 1;
          std::int64_t others = 1;
          for (const std::size_t s : open) others *= point.factor(s, r, ranks);
          makes_up = ceil_div(space.op->ranks[r].extent, others);
          if (has_room(space, point, changed, 1) && has_room(space, point, fitted, 1)) visit(point);
          makes_up = before;
        }
        point.factor(changed, r, ranks) = factor;
      }
    }
  }
}

void for_each_toggle(const MapSpace& space, Point& point, const Visit& visit) {
  const std::size_t ranks = space.ranks();
  const Point original = point;
  for (std::size_t i = 0; i < space.residents.size(); ++i) {
    const Resident& resident = space.residents[i];
    for (std::uint32_t free = resident.may_keep & ~resident.must_keep; free != 0;
         free &= free - 1) {
      point.keeps[i] ^= free & (0 - free);
      const std::vector<std::size_t> open = open_slots(space, point.keeps);
      std::size_t above = open.front();
      for (std::size_t s = 0; s < space.slots.size(); ++s) {
        if (space.slots[s].axis) continue;
        if (std::ranges::find(open, s) != open.end()) {
          above = s;
          continue;
        }
        for (std::size_t r = 0; r < ranks; ++r) {
          point.factor(above, r, ranks) *= point.factor(s, r, ranks);
          point.factor(s, r, ranks) = 1;
        }
      }
      visit(point);
      point = original;
    }
  }
}

}  // namespace tileloom::mapper
