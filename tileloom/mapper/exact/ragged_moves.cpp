#include "tileloom/mapper/exact/ragged_moves.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "tileloom/support/checked.hpp"

namespace tileloom::mapper {
namespace {

const Loop* loop_of(const PathNode& node) { return std::get_if<Loop>(&node); }

std::int64_t log_uniform(std::int64_t most, Random& random) {
  const double n = std::exp(random.unit() * std::log(static_cast<double>(most) + 1));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(n), 1, most);
}

/// Trips worth a try instead of `trips`.
std::int64_t other_trips(std::int64_t trips, std::int64_t most, Random& random) {
  switch (random.below(8)) {
    case 0:
    case 1:
      return trips + 1;
    case 2:
    case 3:
      return trips - 1;
    case 4:
      return 2 * trips;
    case 5:
      return ceil_div(trips, 2);
    case 6:
      return 1;
    default:
      return log_uniform(most, random);
  }
}

void insert_at(std::vector<PathNode>& path, std::size_t position, PathNode node) {
  path.insert(path.begin() + static_cast<std::ptrdiff_t>(position), node);
}

/// Takes the node from one position to another.
void rotate_to(std::vector<PathNode>& path, std::size_t from, std::size_t to) {
  const auto at = [&](std::size_t i) { return path.begin() + static_cast<std::ptrdiff_t>(i); };
  if (from < to) std::rotate(at(from), at(from + 1), at(to + 1));
  if (to < from) std::rotate(at(to), at(from), at(from + 1));
}

}  // namespace

RaggedMoves::RaggedMoves(const MapSpace& space)
    : space_(space), homes_(space.residents.size()), used_(space.arch->axes.size()) {
  for (std::size_t r = 0; r < space.ranks(); ++r) {
    if (space.op->ranks[r].extent > 1) ranks_.push_back(r);
  }
  std::size_t innermost_home = 0;
  for (const Resident& resident : space.residents) {
    innermost_home = std::max(innermost_home, index(resident.home));
  }
  for (const AxisId axis : ids<AxisId>(space.arch->axes.size())) {
    const SpatialAxis& at = space.arch->axes[axis];
    if (at.below > innermost_home && at.size > 1) axes_.push_back(axis);
  }
}

bool RaggedMoves::operator()(Path& path, Random& random) {
  if (ranks_.empty()) return false;
  const std::uint64_t kind = random.below(20);
  const bool changed = kind < 8    ? resize(path, random)
                       : kind < 11 ? exchange(path, random)
                       : kind < 13 ? trade(path, random)
                       : kind < 16 ? move_loop(path, random)
                       : kind < 18 ? move_store(path, random)
                                   : toggle(path, random);
  if (!changed) return false;
  tidy(path);
  return sound(path);
}

std::size_t RaggedMoves::any_position(const Path& path, Random& random) const {
  return homes_ + random.below(path.size() - homes_ + 1);
}

RaggedMoves::Place RaggedMoves::any_place(const Path& path, Random& random) const {
  const std::size_t kinds = axes_.size() + 3;
  const std::size_t kind = random.below(kinds);
  if (kind < axes_.size()) return {0, axes_[kind]};
  return {any_position(path, random), std::nullopt};
}

/// Every rank of more than one value has a loop.
std::size_t RaggedMoves::any_loop(const Path& path, std::size_t rank, Random& random) const {
  std::size_t count = 0;
  std::size_t chosen = 0;
  for (std::size_t i = homes_; i < path.size(); ++i) {
    const Loop* loop = loop_of(path[i]);
    if (loop == nullptr || index(loop->rank) != rank) continue;
    if (random.below(++count) == 0) chosen = i;
  }
  return chosen;
}

/// The loop over the rank at a place: one on its axis, or in the block of temporal loops around it;
/// if there is none, one of a single trip comes to stand there. The position of the loop.
std::size_t RaggedMoves::loop_at(Path& path, std::size_t rank, const Place& place) const {
  std::size_t position = place.position;
  if (place.axis) {
    // Above the first Store inside the axis.
    position = path.size();
    for (std::size_t i = homes_; i < path.size(); ++i) {
      const Loop* loop = loop_of(path[i]);
      if (loop != nullptr && loop->axis == place.axis && index(loop->rank) == rank) return i;
      const Store* store = std::get_if<Store>(&path[i]);
      const bool inside =
          store != nullptr && index(store->memory) >= space_.arch->axes[*place.axis].below;
      if (inside) position = std::min(position, i);
    }
  } else {
    const auto here = [&](std::size_t i) {
      const Loop* loop = loop_of(path[i]);
      return loop != nullptr && !loop->axis && index(loop->rank) == rank;
    };
    const auto temporal = [&](std::size_t i) {
      return loop_of(path[i]) != nullptr && !loop_of(path[i])->axis;
    };
    for (std::size_t i = position; i < path.size() && temporal(i); ++i) {
      if (here(i)) return i;
    }
    for (std::size_t i = position; i > homes_ && temporal(i - 1); --i) {
      if (here(i - 1)) return i - 1;
    }
  }
  std::int64_t chunk = space_.op->ranks[rank].extent;
  for (std::size_t i = homes_; i < position; ++i) {
    const Loop* loop = loop_of(path[i]);
    if (loop != nullptr && index(loop->rank) == rank) chunk = loop->tile;
  }
  insert_at(path, position, Loop{space_.id, static_cast<RankId>(rank), chunk, place.axis});
  return position;
}

/// `loops_` and `trips_` of a rank.
void RaggedMoves::list_loops(const Path& path, std::size_t rank) {
  loops_.clear();
  trips_.clear();
  std::int64_t chunk = space_.op->ranks[rank].extent;
  for (std::size_t i = homes_; i < path.size(); ++i) {
    const Loop* loop = loop_of(path[i]);
    if (loop == nullptr || index(loop->rank) != rank) continue;
    loops_.push_back(i);
    trips_.push_back(ceil_div(chunk, loop->tile));
    chunk = loop->tile;
  }
}

/// Which of `loops_` stands there.
std::size_t RaggedMoves::number_of(std::size_t position) const {
  return static_cast<std::size_t>(std::ranges::find(loops_, position) - loops_.begin());
}

std::int64_t RaggedMoves::trips_at(const Path& path, std::size_t position) {
  list_loops(path, index(std::get<Loop>(path[position]).rank));
  return trips_[number_of(position)];
}

/// The loop at `changed` makes so many trips. Loops of its rank between it and the one at
/// `absorber` keep theirs, which moves their tiles; all other tiles stay as far as they can.
void RaggedMoves::refit(Path& path, std::size_t changed, std::int64_t trips,
                        std::size_t absorber) {
  const std::size_t rank = index(std::get<Loop>(path[changed]).rank);
  const std::int64_t extent = space_.op->ranks[rank].extent;
  list_loops(path, rank);
  const auto tile = [&](std::size_t i) -> std::int64_t& {
    return std::get<Loop>(path[loops_[i]]).tile;
  };
  const std::size_t first = number_of(changed);
  const std::size_t last = number_of(absorber);
  trips_[first] = std::max<std::int64_t>(1, trips);
  if (first < last) {
    std::int64_t chunk = first == 0 ? extent : tile(first - 1);
    for (std::size_t i = first; i < last; ++i) chunk = tile(i) = ceil_div(chunk, trips_[i]);
    for (std::size_t i = last; i < loops_.size(); ++i) tile(i) = std::min(tile(i), chunk);
  } else {
    std::int64_t chunk = tile(first);
    for (std::size_t i = first; i > last; --i) {
      chunk = std::min(extent, chunk * trips_[i]);
      tile(i - 1) = chunk;
    }
    for (std::size_t i = 0; i < last; ++i) tile(i) = std::max(tile(i), chunk);
  }
}

/// Loops of one trip go; of two that stand together one is left; every rank ends in single values.
void RaggedMoves::tidy(Path& path) {
  chunks_.clear();
  for (const Rank& rank : space_.op->ranks) chunks_.push_back(rank.extent);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (const Loop* loop = loop_of(path[i])) {
      std::int64_t& chunk = chunks_[index(loop->rank)];
      if (loop->tile >= chunk) continue;
      chunk = loop->tile;
      Loop* before = kept > homes_ ? std::get_if<Loop>(&path[kept - 1]) : nullptr;
      if (before != nullptr && before->rank == loop->rank && before->axis == loop->axis) {
        before->tile = loop->tile;
        continue;
      }
    }
    if (kept != i) path[kept] = path[i];
    ++kept;
  }
  path.resize(kept);
  for (const std::size_t r : ranks_) {
    if (chunks_[r] > 1) path.push_back(Loop{space_.id, static_cast<RankId>(r), 1, std::nullopt});
  }
}

/// No axis has too many positions in use, Stores outside an axis stand above its loops and those
/// inside below, and the memories of a tensor go inwards.
bool RaggedMoves::sound(const Path& path) {
  for (const AxisId axis : ids<AxisId>(used_.size())) used_[index(axis)] = 1;
  chunks_.clear();
  for (const Rank& rank : space_.op->ranks) chunks_.push_back(rank.extent);
  std::size_t innermost = 0;
  std::size_t axis_below = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (const Store* store = std::get_if<Store>(&path[i])) {
      const std::size_t memory = index(store->memory);
      if (memory < axis_below) return false;
      innermost = std::max(innermost, memory);
      for (std::size_t j = 0; j < i; ++j) {
        const Store* other = std::get_if<Store>(&path[j]);
        if (other == nullptr || other->tensor != store->tensor) continue;
        if (index(other->memory) >= memory) return false;
      }
      continue;
    }
    const Loop& loop = *loop_of(path[i]);
    std::int64_t& chunk = chunks_[index(loop.rank)];
    const std::int64_t trips = ceil_div(chunk, loop.tile);
    chunk = loop.tile;
    if (!loop.axis) continue;
    const SpatialAxis& axis = space_.arch->axes[*loop.axis];
    if (innermost >= axis.below) return false;
    axis_below = std::max(axis_below, axis.below);
    if ((used_[index(*loop.axis)] *= trips) > axis.size) return false;
  }
  return true;
}

/// Positions of an axis that loops other than the one at `but` leave.
std::int64_t RaggedMoves::room(const Path& path, AxisId axis, std::size_t but) {
  chunks_.clear();
  for (const Rank& rank : space_.op->ranks) chunks_.push_back(rank.extent);
  std::int64_t used = 1;
  for (std::size_t i = homes_; i < path.size(); ++i) {
    const Loop* loop = loop_of(path[i]);
    if (loop == nullptr) continue;
    std::int64_t& chunk = chunks_[index(loop->rank)];
    if (loop->axis == axis && i != but) used *= ceil_div(chunk, loop->tile);
    chunk = loop->tile;
  }
  return std::max<std::int64_t>(1, space_.arch->axes[axis].size / used);
}

bool RaggedMoves::resize(Path& path, Random& random) {
  const std::size_t rank = any_rank(random);
  std::size_t changed = random.below(3) == 0 ? loop_at(path, rank, any_place(path, random))
                                             : any_loop(path, rank, random);
  const std::size_t size = path.size();
  std::size_t absorber = random.below(2) == 0 ? loop_at(path, rank, any_place(path, random))
                                              : any_loop(path, rank, random);
  if (path.size() > size && absorber <= changed) ++changed;
  if (changed == absorber) return false;
  const std::int64_t before = trips_at(path, changed);
  const Loop& loop = std::get<Loop>(path[changed]);
  std::int64_t most = space_.op->ranks[rank].extent;
  if (loop.axis) most = std::min(most, room(path, *loop.axis, changed));
  const std::int64_t trips = std::clamp<std::int64_t>(other_trips(before, most, random), 1, most);
  if (trips == before) return false;
  refit(path, changed, trips, absorber);
  return true;
}

/// A factor of each of two loops of different ranks goes to where the other stands.
bool RaggedMoves::exchange(Path& path, Random& random) {
  if (ranks_.size() < 2) return false;
  const std::size_t a = any_rank(random);
  const std::size_t b = any_rank(random);
  if (a == b) return false;
  const auto give = [&](std::size_t rank, const Place& from, const Place& to) {
    std::size_t giver = loop_at(path, rank, from);
    const std::size_t size = path.size();
    Place target = to;
    if (giver < target.position) ++target.position;  // towards the place behind it
    target.position = std::min(target.position, path.size());
    const std::size_t taker = loop_at(path, rank, target);
    if (path.size() > size && taker <= giver) ++giver;
    if (giver == taker) return false;
    const std::int64_t trips = trips_at(path, giver);
    const std::int64_t factor = random.chance(25) ? trips : random.between(2, 4);
    refit(path, giver, ceil_div(trips, factor), taker);
    return true;
  };
  const std::size_t of_a = any_loop(path, a, random);
  const std::size_t of_b = any_loop(path, b, random);
  const Place place_a{of_a, std::get<Loop>(path[of_a]).axis};
  const Place place_b{of_b, std::get<Loop>(path[of_b]).axis};
  return give(a, place_a, place_b) && give(b, place_b, place_a);
}

/// One rank gives up positions of an axis, another takes what is free then; time makes up for both.
bool RaggedMoves::trade(Path& path, Random& random) {
  if (axes_.empty() || ranks_.size() < 2) return false;
  const AxisId axis = axes_[random.below(axes_.size())];
  const std::size_t a = any_rank(random);
  const std::size_t b = any_rank(random);
  if (a == b) return false;
  const auto set = [&](std::size_t rank, bool taking) {
    std::size_t changed = loop_at(path, rank, {0, axis});
    const std::size_t size = path.size();
    const std::size_t absorber = random.below(2) == 0
                                     ? any_loop(path, rank, random)
                                     : loop_at(path, rank, {any_position(path, random), {}});
    if (path.size() > size && absorber <= changed) ++changed;
    if (absorber == changed) return false;
    const std::int64_t most = std::min(space_.op->ranks[rank].extent, room(path, axis, changed));
    const std::int64_t trips = trips_at(path, changed);
    refit(path, changed, taking ? most : random.between(1, std::max<std::int64_t>(1, trips - 1)),
          absorber);
    tidy(path);
    return true;
  };
  return set(a, false) && set(b, true);
}

bool RaggedMoves::move_loop(Path& path, Random& random) {
  const std::size_t from = any_loop(path, any_rank(random), random);
  const std::size_t to = homes_ + random.below(path.size() - homes_);
  if (from == to) return false;
  take_to(path, from, to);
  return true;
}

bool RaggedMoves::place_loop(Path& path, std::size_t from, std::size_t to) {
  if (from == to || to < homes_ || loop_of(path[from]) == nullptr) return false;
  if (loop_of(path[from])->axis) return false;
  take_to(path, from, to);
  tidy(path);
  return sound(path);
}

/// Takes a loop to another position; where it passes others of its rank all keep their trips.
void RaggedMoves::take_to(Path& path, std::size_t from, std::size_t to) {
  const std::size_t rank = index(std::get<Loop>(path[from]).rank);
  list_loops(path, rank);
  const std::size_t before = number_of(from);
  rotate_to(path, from, to);
  std::vector<std::int64_t> trips = trips_;
  list_loops(path, rank);
  const std::size_t now = number_of(to);
  if (now == before) return;
  const std::int64_t own = trips[before];
  trips.erase(trips.begin() + static_cast<std::ptrdiff_t>(before));
  trips.insert(trips.begin() + static_cast<std::ptrdiff_t>(now), own);
  std::int64_t chunk = space_.op->ranks[rank].extent;
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    chunk = std::get<Loop>(path[loops_[i]]).tile = ceil_div(chunk, trips[i]);
  }
}

bool RaggedMoves::move_store(Path& path, Random& random) {
  const std::size_t from = homes_ + random.below(path.size() - homes_);
  const std::size_t to = homes_ + random.below(path.size() - homes_);
  if (from == to || loop_of(path[from]) != nullptr) return false;
  rotate_to(path, from, to);
  return true;
}

bool RaggedMoves::toggle(Path& path, Random& random) {
  const Resident& resident = space_.residents[random.below(space_.residents.size())];
  std::uint32_t choice = resident.may_keep & ~resident.must_keep;
  if (choice == 0) return false;
  for (std::uint64_t skip = random.below(static_cast<std::uint64_t>(std::popcount(choice)));
       skip > 0; --skip) {
    choice &= choice - 1;
  }
  const Store store{resident.tensor, static_cast<MemoryId>(std::countr_zero(choice))};
  for (std::size_t i = homes_; i < path.size(); ++i) {
    const Store* other = std::get_if<Store>(&path[i]);
    if (other == nullptr || *other != store) continue;
    path.erase(path.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  insert_at(path, any_position(path, random), store);
  return true;
}

}  // namespace tileloom::mapper
