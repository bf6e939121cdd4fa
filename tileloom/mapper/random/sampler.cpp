#include "tileloom/mapper/random/sampler.hpp"

#include <algorithm>
#include <numeric>

#include "tileloom/support/factors.hpp"

namespace tileloom::mapper {
namespace {

double binomial(std::size_t n, std::size_t k) {
  double product = 1;
  for (std::size_t i = 1; i <= k; ++i) {
    product = product * static_cast<double>(n - k + i) / static_cast<double>(i);
  }
  return product;
}

/// Multiplicities of the distinct primes of n.
std::vector<std::pair<std::int64_t, std::size_t>> prime_powers(std::int64_t n) {
  std::vector<std::pair<std::int64_t, std::size_t>> powers;
  for (const std::int64_t prime : prime_factors(n)) {
    if (powers.empty() || powers.back().first != prime) powers.emplace_back(prime, 0);
    ++powers.back().second;
  }
  return powers;
}

/// Multiplies each prime of `n` into a slot so that every ordered factorisation is equally likely:
/// the bars among stars and bars are a uniform subset.
void spread_uniformly(std::int64_t n, std::span<std::int64_t* const> slots, Random& random) {
  for (const auto& [prime, multiplicity] : prime_powers(n)) {
    std::size_t stars = multiplicity;
    std::size_t bars = slots.size() - 1;
    std::size_t slot = 0;
    while (stars > 0) {
      if (random.below(stars + bars) < stars) {
        *slots[slot] *= prime;
        --stars;
      } else {
        ++slot;
        --bars;
      }
    }
  }
}

void shuffle_orders(const MapSpace& space, const std::vector<std::size_t>& open, Point& point,
                    Random& random) {
  const std::size_t ranks = space.ranks();
  for (const std::size_t s : open) {
    if (space.slots[s].axis) continue;
    std::uint16_t* order = point.order.data() + s * ranks;
    for (std::size_t i = ranks; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  }
}

std::vector<std::size_t> temporal_slots(const MapSpace& space,
                                        const std::vector<std::size_t>& open) {
  std::vector<std::size_t> temporal;
  for (const std::size_t s : open) {
    if (!space.slots[s].axis) temporal.push_back(s);
  }
  return temporal;
}

void spread_over_time(const MapSpace& space, const std::vector<std::size_t>& temporal,
                      std::size_t rank, std::int64_t rest, Point& point, Random& random) {
  std::vector<std::int64_t*> targets;
  for (const std::size_t s : temporal) targets.push_back(&point.factor(s, rank, space.ranks()));
  spread_uniformly(rest, targets, random);
}

}  // namespace

double ordered_factorisations(std::int64_t n, std::size_t slots) {
  double ways = 1;
  for (const auto& [prime, multiplicity] : prime_powers(n)) {
    ways *= binomial(multiplicity + slots - 1, multiplicity);
  }
  return ways;
}

PerfectSampler::PerfectSampler(const MapSpace& space)
    : space_(space), placements_(placements(space)) {
  for (const std::size_t s : open_slots(space, trivial_point(space).keeps)) {
    if (!space.slots[s].axis) continue;
    axes_.push_back(s);
    room_.push_back(space.arch->axes[*space.slots[s].axis].size);
  }
  for (const std::vector<std::uint32_t>& keeps : placements_) {
    const std::size_t temporal = temporal_slots(space, open_slots(space, keeps)).size();
    if (!tables_.contains(temporal)) tables_.emplace(temporal, make_table(temporal));
  }
}

PerfectSampler::Table PerfectSampler::make_table(std::size_t temporal_slots) const {
  Table table;
  for (const Rank& rank : space_.op->ranks) {
    std::vector<Spread> spreads{{{}, rank.extent, 0}};
    for (const std::int64_t room : room_) {
      std::vector<Spread> longer;
      for (const Spread& spread : spreads) {
        for (const std::int64_t factor : divisors(spread.rest)) {
          if (factor > room) break;
          const std::size_t slot = axes_[spread.along.size()];
          if (!space_.trips[slot * space_.ranks() + table.spreads.size()].contains(factor))
            continue;
          Spread next = spread;
          next.along.push_back(factor);
          next.rest /= factor;
          longer.push_back(std::move(next));
        }
      }
      spreads = std::move(longer);
    }
    for (Spread& spread : spreads) {
      spread.ways = ordered_factorisations(spread.rest, temporal_slots);
    }
    table.spreads.push_back(std::move(spreads));
  }
  table.ways.resize(space_.ranks() + 1);
  count(table, 0, room_);
  return table;
}

double PerfectSampler::count(Table& table, std::size_t rank,
                             const std::vector<std::int64_t>& room) const {
  if (rank == space_.ranks()) return 1;
  const auto known = table.ways[rank].find(room);
  if (known != table.ways[rank].end()) return known->second;
  double total = 0;
  std::vector<std::int64_t> left(room.size());
  for (const Spread& spread : table.spreads[rank]) {
    bool fits = true;
    for (std::size_t a = 0; a < room.size(); ++a) {
      left[a] = room[a] / spread.along[a];
      fits = fits && left[a] > 0;
    }
    if (fits) total += spread.ways * count(table, rank + 1, left);
  }
  table.ways[rank].emplace(room, total);
  return total;
}

void PerfectSampler::allocate(const std::vector<std::size_t>& open, Point& point,
                              Random& random) const {
  const std::vector<std::size_t> temporal = temporal_slots(space_, open);
  const Table& table = tables_.at(temporal.size());
  std::vector<std::int64_t> room = room_;
  std::vector<std::int64_t> left(room.size());
  for (std::size_t r = 0; r < space_.ranks(); ++r) {
    double ticket = random.unit() * table.ways[r].at(room);
    const Spread* chosen = nullptr;
    std::vector<std::int64_t> chosen_left;
    for (const Spread& spread : table.spreads[r]) {
      bool fits = true;
      for (std::size_t a = 0; a < room.size(); ++a) {
        left[a] = room[a] / spread.along[a];
        fits = fits && left[a] > 0;
      }
      if (!fits) continue;
      chosen = &spread;  // the last one that fits also takes what rounding leaves over
      chosen_left = left;
      ticket -= spread.ways * (r + 1 == space_.ranks() ? 1.0 : table.ways[r + 1].at(left));
      if (ticket < 0) break;
    }
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      point.factor(axes_[a], r, space_.ranks()) = chosen->along[a];
    }
    spread_over_time(space_, temporal, r, chosen->rest, point, random);
    room = chosen_left;
  }
}

Point PerfectSampler::draw(Random& random) const {
  Point point = blank_point(space_);
  point.keeps = placements_[random.below(placements_.size())];
  const std::vector<std::size_t> open = open_slots(space_, point.keeps);
  allocate(open, point, random);
  shuffle_orders(space_, open, point, random);
  return point;
}

Point draw_imperfect(const MapSpace& space,
                     const std::vector<std::vector<std::uint32_t>>& all_placements,
                     Random& random) {
  Point point = blank_point(space);
  point.keeps = all_placements[random.below(all_placements.size())];
  const std::vector<std::size_t> open = open_slots(space, point.keeps);
  std::vector<std::int64_t> rest;
  std::vector<std::size_t> turn(space.ranks());
  std::iota(turn.begin(), turn.end(), std::size_t{0});
  for (const Rank& rank : space.op->ranks) {
    rest.push_back(random.between(rank.extent, 2 * rank.extent - 1));
  }
  for (const std::size_t s : open) {
    if (!space.slots[s].axis) continue;
    std::int64_t room = space.arch->axes[*space.slots[s].axis].size;
    for (std::size_t i = turn.size(); i > 1; --i) std::swap(turn[i - 1], turn[random.below(i)]);
    for (const std::size_t r : turn) {
      std::vector<std::int64_t> choices = divisors(rest[r]);
      std::erase_if(choices, [&](std::int64_t f) { return f > room; });
      const std::int64_t factor = choices[random.below(choices.size())];
      point.factor(s, r, space.ranks()) = factor;
      rest[r] /= factor;
      room /= factor;
    }
  }
  const std::vector<std::size_t> temporal = temporal_slots(space, open);
  for (std::size_t r = 0; r < space.ranks(); ++r) {
    spread_over_time(space, temporal, r, rest[r], point, random);
  }
  shuffle_orders(space, open, point, random);
  return point;
}

}  // namespace tileloom::mapper
