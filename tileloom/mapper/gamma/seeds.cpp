#include "tileloom/mapper/gamma/seeds.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/mapper/gamma/operators.hpp"
#include "tileloom/mapper/genome_draw.hpp"
#include "tileloom/mapper/genome_repair.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::mapper::gamma {
namespace {

/// Gives part p the rank and positions with the fewest steps; the outermost part of its axis takes
/// what is left.
void improve_part(const GenomeSpace& space, Genome& genome, std::size_t p) {
  Genome best = genome;
  double fewest = least_steps(space, genome);
  const std::int64_t size = space.map.arch->axes[space.parts[p].axis].size;
  Genome trial = genome;
  for (std::size_t r = 0; r < space.ranks(); ++r) {
    const std::int64_t extent = space.map.op->ranks[r].extent;
    for (std::int64_t n = 1; n <= std::min(extent, size);) {
      trial = genome;
      trial.rank[p] = static_cast<std::uint16_t>(r);
      trial.positions[p] = n;
      for (std::size_t q = 0; q < space.parts.size(); ++q) {
        if (q != p && space.parts[q].outermost && space.parts[q].axis == space.parts[p].axis) {
          trial.positions[q] = size;
        }
      }
      repair_parts(space, trial);
      const double steps = least_steps(space, trial);
      if (steps < fewest) {
        fewest = steps;
        best = trial;
      }
      const std::int64_t chunk = ceil_div(extent, n);
      if (chunk == 1) break;
      n = ceil_div(extent, chunk - 1);  // the next number that makes the chunk smaller
    }
  }
  genome = best;
}

/// Spreads as many ranks as there are parts, each doubled in turn as long as there is room.
void balance(const GenomeSpace& space, Genome& genome, Random& random) {
  std::ranges::fill(genome.positions, 1);
  std::vector<std::uint16_t> ranks;
  for (std::size_t r = 0; r < space.ranks(); ++r) {
    if (space.map.op->ranks[r].extent > 1) ranks.push_back(static_cast<std::uint16_t>(r));
  }
  if (ranks.empty()) return;
  std::vector<std::size_t> open;
  for (std::size_t p = 0; p < space.parts.size(); ++p) {
    const std::size_t turn = p % ranks.size();
    std::swap(ranks[turn], ranks[turn + random.below(ranks.size() - turn)]);
    genome.rank[p] = ranks[turn];
    open.push_back(p);
  }
  while (!open.empty()) {
    const std::size_t i = random.below(open.size());
    const std::size_t p = open[i];
    std::int64_t room = space.map.arch->axes[space.parts[p].axis].size;
    std::int64_t extent = space.map.op->ranks[genome.rank[p]].extent;
    for (std::size_t q = 0; q < space.parts.size(); ++q) {
      if (q == p) continue;
      if (space.parts[q].axis == space.parts[p].axis) room /= genome.positions[q];
      if (genome.rank[q] == genome.rank[p]) extent = ceil_div(extent, genome.positions[q]);
    }
    const std::int64_t wanted = genome.positions[p] * 2;
    const std::int64_t most = std::min(room, extent);
    if (most < wanted) open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
    genome.positions[p] =
        std::max<std::int64_t>(1, ceil_div(extent, ceil_div(extent, std::min(wanted, most))));
  }
}

}  // namespace

Genome balanced_spread(const GenomeSpace& space, Random& random) {
  Genome genome = plain_genome(space);
  balance(space, genome, random);
  return genome;
}

double least_steps(const GenomeSpace& space, const Genome& genome) {
  double steps = 1;
  for (std::size_t r = 0; r < space.ranks(); ++r) {
    std::int64_t chunk = space.map.op->ranks[r].extent;
    for (std::size_t p = 0; p < space.parts.size(); ++p) {
      if (genome.rank[p] == r) chunk = ceil_div(chunk, genome.positions[p]);
    }
    steps *= static_cast<double>(chunk);
  }
  return steps;
}

std::vector<Genome> good_spreads(const GenomeSpace& space, std::size_t draws, Random& random) {
  struct Spread {
    double steps;
    Genome genome;
  };
  std::vector<Spread> spreads;
  for (std::size_t i = 0; i < draws; ++i) {
    Genome genome = random_genome(space, random);
    std::vector<std::size_t> turn(space.parts.size());
    for (std::size_t p = 0; p < turn.size(); ++p) turn[p] = p;
    for (std::size_t p = turn.size(); p > 1; --p) std::swap(turn[p - 1], turn[random.below(p)]);
    for (const std::size_t p : turn) improve_part(space, genome, p);
    const bool known = std::ranges::any_of(spreads, [&](const Spread& other) {
      return other.genome.rank == genome.rank && other.genome.positions == genome.positions;
    });
    if (!known) spreads.push_back({least_steps(space, genome), std::move(genome)});
  }
  std::ranges::stable_sort(spreads, {}, &Spread::steps);
  std::vector<Genome> genomes;
  for (Spread& spread : spreads) genomes.push_back(std::move(spread.genome));
  return genomes;
}

void draw_tiles(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t ranks = space.ranks();
  for (std::size_t g = 0; g < space.groups(); ++g) {
    std::uint16_t* order = &genome.order[g * ranks];
    for (std::size_t i = ranks; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    for (std::size_t r = 0; r < ranks; ++r) {
      const std::int64_t outside = tile_outside(space, genome, g, r);
      const std::int64_t positions = positions_of(space, genome, g, r);
      const std::int64_t whole = ceil_div(outside, positions);
      const double power = std::exp(random.unit() * std::log(static_cast<double>(whole) + 1));
      const auto trips = std::clamp<std::int64_t>(static_cast<std::int64_t>(power), 1, whole);
      genome.tile[g * ranks + r] =
          random.below(2) == 0 ? whole : ceil_div(ceil_div(outside, trips), positions);
    }
  }
}

}  // namespace tileloom::mapper::gamma
