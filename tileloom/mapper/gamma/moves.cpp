#include "tileloom/mapper/gamma/moves.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "tileloom/mapper/gamma/operators.hpp"
#include "tileloom/mapper/genome_repair.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::mapper::gamma {
namespace {

/// 1 to most, small numbers more often: uniform on a logarithmic scale.
std::int64_t log_uniform(std::int64_t most, Random& random) {
  const double value = std::exp(random.unit() * std::log(static_cast<double>(most) + 1));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(value), 1, most);
}

std::int64_t neighbour(std::int64_t trips, std::int64_t most, Random& random) {
  switch (random.below(6)) {
    case 0:
      return trips + 1;
    case 1:
      return trips - 1;
    case 2:
      return trips * 2;
    case 3:
      return ceil_div(trips, 2);
    case 4:
      return 1;
    default:
      return log_uniform(most, random);
  }
}

/// Sets a tile; inner tiles that were as large as it go with it, others only if they must.
void set_tile(const GenomeSpace& space, Genome& genome, std::size_t group, std::size_t rank,
              std::int64_t tile, bool along) {
  const std::size_t ranks = space.ranks();
  const std::int64_t before = genome.tile[group * ranks + rank];
  genome.tile[group * ranks + rank] = tile;
  for (std::size_t g = group + 1; g < space.groups(); ++g) {
    std::int64_t& inner = genome.tile[g * ranks + rank];
    if (inner > tile || (along && inner == before)) {
      inner = tile;
    } else {
      break;
    }
  }
}

/// The smallest tile with `trips` trips in its group, all positions used.
std::int64_t tile_for(const GenomeSpace& space, const Genome& genome, std::size_t group,
                      std::size_t rank, std::int64_t trips) {
  const std::int64_t outside = tile_outside(space, genome, group, rank);
  const std::int64_t positions = positions_of(space, genome, group, rank);
  return ceil_div(ceil_div(outside, std::max<std::int64_t>(trips, 1)), positions);
}

std::int64_t trips_of(const GenomeSpace& space, const Genome& genome, std::size_t group,
                      std::size_t rank) {
  const std::int64_t step =
      genome.tile[group * space.ranks() + rank] * positions_of(space, genome, group, rank);
  return ceil_div(tile_outside(space, genome, group, rank), step);
}

/// A rank worth changing: one with more than one value.
std::size_t random_rank(const GenomeSpace& space, Random& random) {
  std::size_t rank = 0;
  for (int tries = 0; tries < 16; ++tries) {
    rank = random.below(space.ranks());
    if (space.map.op->ranks[rank].extent > 1) break;
  }
  return rank;
}

void move_tile(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t group = random.below(space.groups());
  const std::size_t rank = random_rank(space, random);
  const std::int64_t trips = trips_of(space, genome, group, rank);
  const std::int64_t most = tile_outside(space, genome, group, rank);
  const std::int64_t wanted = std::clamp<std::int64_t>(neighbour(trips, most, random), 1, most);
  set_tile(space, genome, group, rank, tile_for(space, genome, group, rank, wanted),
           random.below(2) == 0);
}

void exchange(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t group = random.below(space.groups());
  const std::size_t up = random_rank(space, random);
  const std::size_t down = random_rank(space, random);
  if (up == down) return;
  const std::int64_t factor = random.between(2, 4);
  const bool along = random.below(2) == 0;
  const std::int64_t more = trips_of(space, genome, group, down) * factor;
  const std::int64_t less = ceil_div(trips_of(space, genome, group, up), factor);
  set_tile(space, genome, group, down, tile_for(space, genome, group, down, more), along);
  set_tile(space, genome, group, up, tile_for(space, genome, group, up, less), along);
}

void move_loop(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t ranks = space.ranks();
  const std::size_t group = random.below(space.groups());
  const auto first = genome.order.begin() + static_cast<std::ptrdiff_t>(group * ranks);
  const auto from = first + static_cast<std::ptrdiff_t>(random.below(ranks));
  const auto to = first + static_cast<std::ptrdiff_t>(random.below(ranks));
  if (from < to) {
    std::rotate(from, from + 1, to + 1);
  } else {
    std::rotate(to, from, from + 1);
  }
}

/// Positions left for part p if the other parts of its axis keep theirs.
std::int64_t room_for(const GenomeSpace& space, const Genome& genome, std::size_t p) {
  std::int64_t room = space.map.arch->axes[space.parts[p].axis].size;
  for (std::size_t q = 0; q < space.parts.size(); ++q) {
    if (q != p && space.parts[q].axis == space.parts[p].axis) room /= genome.positions[q];
  }
  return std::max<std::int64_t>(room, 1);
}

void spread(const GenomeSpace& space, Genome& genome, Random& random) {
  if (space.parts.empty()) return;
  const std::size_t p = random.below(space.parts.size());
  const Part& part = space.parts[p];
  const std::size_t kind = random.below(3);
  const std::uint16_t old = genome.rank[p];
  if (kind != 0) genome.rank[p] = static_cast<std::uint16_t>(random_rank(space, random));
  const std::uint16_t rank = genome.rank[p];
  const std::int64_t size = space.map.arch->axes[part.axis].size;
  const std::int64_t outside = tile_outside(space, genome, part.group, rank);
  if (kind != 1) {
    const std::int64_t most = std::min(size, outside);
    const std::int64_t chunk = ceil_div(outside, log_uniform(most, random));
    genome.positions[p] = std::min(ceil_div(outside, chunk), size);
  }
  // The other parts of the axis get by with what is left.
  for (std::size_t q = 0; q < space.parts.size(); ++q) {
    if (q == p || space.parts[q].axis != part.axis) continue;
    const std::int64_t room = room_for(space, genome, q);
    if (genome.positions[q] <= room && random.below(2) == 0) continue;
    genome.positions[q] = room;
    const std::uint16_t r = genome.rank[q];
    const std::size_t g = space.parts[q].group;
    set_tile(space, genome, g, r, tile_for(space, genome, g, r, 1), true);
  }
  set_tile(space, genome, part.group, rank, tile_for(space, genome, part.group, rank, 1), true);
  if (old != rank) {  // the rank no longer spread is whole again
    set_tile(space, genome, part.group, old, tile_for(space, genome, part.group, old, 1), true);
  }
}

/// The fewest positions that cut `extent` into chunks no longer than `positions` do.
std::int64_t fewest_positions(std::int64_t extent, std::int64_t positions) {
  return ceil_div(extent, ceil_div(extent, positions));
}

/// Sets the positions of part p; the trips of its group and rank stay.
void set_positions(const GenomeSpace& space, Genome& genome, std::size_t p,
                   std::int64_t positions) {
  const std::size_t group = space.parts[p].group;
  const std::uint16_t rank = genome.rank[p];
  const std::int64_t trips = trips_of(space, genome, group, rank);
  genome.positions[p] = positions;
  set_tile(space, genome, group, rank, tile_for(space, genome, group, rank, trips), true);
}

void trade(const GenomeSpace& space, Genome& genome, Random& random) {
  if (space.parts.size() < 2) return;
  const std::size_t to = random.below(space.parts.size());
  const std::size_t from = random.below(space.parts.size());
  if (to == from || space.parts[to].axis != space.parts[from].axis) return;
  const std::int64_t factor = random.below(2) == 0 ? 2 : random.between(2, 8);
  if (genome.positions[to] == 1) {
    genome.rank[to] = static_cast<std::uint16_t>(random_rank(space, random));
  }
  set_positions(space, genome, from, ceil_div(genome.positions[from], factor));
  const std::int64_t outside = tile_outside(space, genome, space.parts[to].group, genome.rank[to]);
  const std::int64_t most = std::min(room_for(space, genome, to), outside);
  set_positions(space, genome, to,
                fewest_positions(outside, std::min(genome.positions[to] * factor, most)));
}

bool fits(const GenomeSpace& space, const Genome& genome, Chunks& chunks) {
  for (const GenomeStep& step : space.steps) {
    if (step.kind != GenomeStep::Kind::stores) continue;
    const auto memory = static_cast<MemoryId>(step.index);
    const std::optional<Bits> capacity = space.map.arch->memories[memory].capacity;
    if (capacity && bits_needed(space, genome, memory, chunks) > capacity->value) return false;
  }
  return true;
}

void grow_tile(const GenomeSpace& space, Genome& genome, Random& random, Chunks& chunks) {
  const std::size_t group = random.below(space.groups());
  const std::size_t rank = random_rank(space, random);
  std::int64_t& tile = genome.tile[group * space.ranks() + rank];
  std::int64_t good = tile;
  std::int64_t bad = tile_for(space, genome, group, rank, 1) + 1;
  while (bad - good > 1) {
    tile = good + (bad - good) / 2;
    (fits(space, genome, chunks) ? good : bad) = tile;
  }
  tile = good;
  tile = tile_for(space, genome, group, rank, trips_of(space, genome, group, rank));
}

void toggle(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t i = random.below(genome.keeps.size());
  const Resident& resident = space.map.residents[i];
  const std::uint32_t choice = resident.may_keep & ~resident.must_keep;
  if (choice == 0) return;
  std::uint32_t bit = choice;
  for (std::uint64_t skip = random.below(static_cast<std::uint64_t>(std::popcount(choice)));
       skip > 0; --skip) {
    bit &= bit - 1;
  }
  genome.keeps[i] ^= bit & (~bit + 1);
}

}  // namespace

void guided_move(const GenomeSpace& space, Genome& genome, bool bypass, Random& random,
                 Chunks& chunks) {
  if (space.groups() == 0) return;
  const std::uint64_t kind = random.below(bypass ? 24 : 22);
  if (kind < 8) return move_tile(space, genome, random);
  if (kind < 10) return exchange(space, genome, random);
  if (kind < 14) return move_loop(space, genome, random);
  if (kind < 17) return spread(space, genome, random);
  if (kind < 20) return trade(space, genome, random);
  if (kind < 22) return grow_tile(space, genome, random, chunks);
  toggle(space, genome, random);
}

}  // namespace tileloom::mapper::gamma
