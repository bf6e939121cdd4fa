#include "tileloom/mapper/exact/product/sketch_moves.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::product {

SketchMoves::SketchMoves(const Terrain& terrain) : terrain_(terrain) {
  for (std::size_t r = 0; r < terrain.extents.size(); ++r) {
    std::vector<std::int64_t> primes = prime_factors(terrain.extents[r]);
    primes.erase(std::unique(primes.begin(), primes.end()), primes.end());
    primes_.push_back(std::move(primes));
    if (terrain.extents[r] > 1) ranks_.push_back(r);
  }
}

bool SketchMoves::operator()(Sketch& sketch, Random& random) const {
  const std::uint64_t kind = random.below(16);
  if (ranks_.empty()) return false;
  if (kind < 7) return shift(sketch, random);
  if (kind < 10) return exchange(sketch, random);
  if (kind < 13) return reorder(sketch, random);
  if (kind < 14) return swap_stores(sketch, random);
  return toggle(sketch, random);
}

std::int64_t& SketchMoves::trips_at(Sketch& sketch, const Place& place, std::size_t rank) const {
  const std::size_t at = place.number * terrain_.extents.size() + rank;
  return place.axis ? sketch.spread[at] : sketch.trips[at];
}

SketchMoves::Place SketchMoves::any_place(const Sketch& sketch, Random& random) const {
  const std::size_t n = random.below(sketch.blocks() + terrain_.open.size());
  if (n < sketch.blocks()) return {n, false};
  return {n - sketch.blocks(), true};
}

SketchMoves::Place SketchMoves::taken_place(Sketch& sketch, std::size_t rank,
                                            Random& random) const {
  for (;;) {
    const Place place = any_place(sketch, random);
    if (trips_at(sketch, place, rank) > 1) return place;
  }
}

std::int64_t SketchMoves::any_prime(std::size_t rank, std::int64_t trips, Random& random) const {
  for (;;) {
    const std::int64_t prime = primes_[rank][random.below(primes_[rank].size())];
    if (trips % prime == 0) return prime;
  }
}

void SketchMoves::move_loop(Sketch& sketch, std::size_t block, std::size_t rank,
                            std::size_t position) const {
  const std::size_t ranks = terrain_.extents.size();
  const auto first = sketch.order.begin() + static_cast<std::ptrdiff_t>(block * ranks);
  const auto from = std::find(first, first + static_cast<std::ptrdiff_t>(ranks),
                              static_cast<std::uint16_t>(rank));
  const auto to = first + static_cast<std::ptrdiff_t>(position);
  if (from < to) std::rotate(from, from + 1, to + 1);
  if (to < from) std::rotate(to, from, from + 1);
}

/// A loop that was not there comes to stand anywhere.
void SketchMoves::add_trips(Sketch& sketch, const Place& place, std::size_t rank,
                            std::int64_t factor, Random& random) const {
  std::int64_t& trips = trips_at(sketch, place, rank);
  if (trips == 1 && !place.axis) {
    move_loop(sketch, place.number, rank, random.below(terrain_.extents.size()));
  }
  trips *= factor;
}

bool SketchMoves::shift(Sketch& sketch, Random& random) const {
  const std::size_t rank = any_rank(random);
  const Place from = taken_place(sketch, rank, random);
  const Place to = any_place(sketch, random);
  if (from == to) return false;
  std::int64_t& trips = trips_at(sketch, from, rank);
  const std::int64_t factor = random.below(4) == 0 ? trips : any_prime(rank, trips, random);
  trips /= factor;
  add_trips(sketch, to, rank, factor, random);
  return true;
}

/// Factors of two ranks change places; where one of them gives or takes more than the other what is
/// too much or too little is found elsewhere by later moves.
bool SketchMoves::exchange(Sketch& sketch, Random& random) const {
  if (ranks_.size() < 2) return false;
  const std::size_t a = any_rank(random);
  const std::size_t b = any_rank(random);
  const Place of_a = taken_place(sketch, a, random);
  const Place of_b = taken_place(sketch, b, random);
  if (a == b || of_a == of_b) return false;
  const std::int64_t factor_a = any_prime(a, trips_at(sketch, of_a, a), random);
  const std::int64_t factor_b = any_prime(b, trips_at(sketch, of_b, b), random);
  trips_at(sketch, of_a, a) /= factor_a;
  trips_at(sketch, of_b, b) /= factor_b;
  add_trips(sketch, of_b, a, factor_a, random);
  add_trips(sketch, of_a, b, factor_b, random);
  return true;
}

bool SketchMoves::reorder(Sketch& sketch, Random& random) const {
  const std::size_t rank = any_rank(random);
  const Place place = taken_place(sketch, rank, random);
  if (place.axis) return false;
  move_loop(sketch, place.number, rank, random.below(terrain_.extents.size()));
  return true;
}

bool SketchMoves::swap_stores(Sketch& sketch, Random& random) const {
  if (sketch.stores.size() < 2) return false;
  const std::size_t s = random.below(sketch.stores.size() - 1);
  std::swap(sketch.stores[s], sketch.stores[s + 1]);
  const auto outer = std::span<const SketchedStore>(sketch.stores).first(s + 1);
  if (may_stand(terrain_, outer, sketch.stores[s + 1], s + 1)) return true;
  std::swap(sketch.stores[s], sketch.stores[s + 1]);
  return false;
}

bool SketchMoves::toggle(Sketch& sketch, Random& random) const {
  const std::size_t operand = random.below(terrain_.operands.size());
  const Resident& resident = terrain_.space->residents[operand];
  std::uint32_t choice = resident.may_keep & ~resident.must_keep;
  if (choice == 0) return false;
  for (std::uint64_t skip = random.below(static_cast<std::uint64_t>(std::popcount(choice)));
       skip > 0; --skip) {
    choice &= choice - 1;
  }
  const SketchedStore store{operand, static_cast<MemoryId>(std::countr_zero(choice))};
  const auto found = std::ranges::find(sketch.stores, store);
  if (found == sketch.stores.end()) return insert_store(sketch, store, random);
  remove_store(sketch, static_cast<std::size_t>(found - sketch.stores.begin()));
  return true;
}

/// The loops of the blocks around it join, in the order of the block that has more of them.
void SketchMoves::remove_store(Sketch& sketch, std::size_t s) const {
  const std::size_t ranks = terrain_.extents.size();
  std::array<std::ptrdiff_t, 2> loops{};
  for (std::size_t r = 0; r < ranks; ++r) {
    std::int64_t& outer = sketch.trips[s * ranks + r];
    std::int64_t& inner = sketch.trips[(s + 1) * ranks + r];
    loops[0] += outer > 1 ? 1 : 0;
    loops[1] += inner > 1 ? 1 : 0;
    outer *= inner;
  }
  const auto at = [&](auto& values, std::size_t block) {
    return values.begin() + static_cast<std::ptrdiff_t>(block * ranks);
  };
  const std::size_t gone = loops[0] < loops[1] ? s : s + 1;
  sketch.order.erase(at(sketch.order, gone), at(sketch.order, gone + 1));
  sketch.trips.erase(at(sketch.trips, s + 1), at(sketch.trips, s + 2));
  sketch.stores.erase(sketch.stores.begin() + static_cast<std::ptrdiff_t>(s));
}

/// The loops of the block that it cuts in two stay above it down to some loop, the others below.
bool SketchMoves::insert_store(Sketch& sketch, const SketchedStore& store, Random& random) const {
  const std::size_t ranks = terrain_.extents.size();
  const std::size_t b = random.below(sketch.blocks());
  if (!may_stand(terrain_, sketch.stores, store, b)) return false;
  const auto at = [&](auto& values, std::size_t block) {
    return values.begin() + static_cast<std::ptrdiff_t>(block * ranks);
  };
  sketch.stores.insert(sketch.stores.begin() + static_cast<std::ptrdiff_t>(b), store);
  sketch.trips.insert(at(sketch.trips, b), ranks, 1);
  const std::vector<std::uint16_t> order(at(sketch.order, b), at(sketch.order, b + 1));
  sketch.order.insert(at(sketch.order, b), order.begin(), order.end());
  const std::size_t above = random.below(ranks + 1);
  for (std::size_t i = 0; i < above; ++i) {
    std::swap(sketch.trips[b * ranks + order[i]], sketch.trips[(b + 1) * ranks + order[i]]);
  }
  return true;
}

}  // namespace tileloom::mapper::product
