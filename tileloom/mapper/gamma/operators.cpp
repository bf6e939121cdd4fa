#include "tileloom/mapper/gamma/operators.hpp"

#include <algorithm>

namespace tileloom::mapper::gamma {
namespace {

/// A uniformly drawn divisor of n, by rejection.
std::int64_t random_divisor(std::int64_t n, Random& random) {
  for (int tries = 0; tries < 64; ++tries) {
    const std::int64_t d = random.between(1, n);
    if (n % d == 0) return d;
  }
  return 1;
}

/// Positions of an inner part: a factor of min(tile outside, size of the axis).
std::int64_t random_positions(const GenomeSpace& space, const Genome& genome, std::size_t p,
                              Random& random) {
  const Part& part = space.parts[p];
  const std::int64_t size = space.map.arch->axes[part.axis].size;
  if (part.outermost) return size;
  const std::int64_t outside = tile_outside(space, genome, part.group, genome.rank[p]);
  return random_divisor(std::min(outside, size), random);
}

/// The outermost part of every axis takes all positions the inner ones leave (repair cuts it).
void fill_axes(const GenomeSpace& space, Genome& genome) {
  for (std::size_t p = 0; p < space.parts.size(); ++p) {
    const Part& part = space.parts[p];
    if (part.outermost) genome.positions[p] = space.map.arch->axes[part.axis].size;
  }
}

}  // namespace

std::int64_t tile_outside(const GenomeSpace& space, const Genome& genome, std::size_t group,
                          std::size_t rank) {
  return group == 0 ? space.map.op->ranks[rank].extent
                    : genome.tile[(group - 1) * space.ranks() + rank];
}

void crossover(const GenomeSpace& space, Genome& a, Genome& b, Random& random) {
  const std::size_t rank = random.below(space.ranks());
  for (std::size_t g = 0; g < space.groups(); ++g) {
    std::swap(a.tile[g * space.ranks() + rank], b.tile[g * space.ranks() + rank]);
  }
}

void reorder(const GenomeSpace& space, Genome& genome, Random& random) {
  if (space.groups() == 0) return;
  std::uint16_t* order = &genome.order[random.below(space.groups()) * space.ranks()];
  std::swap(order[random.below(space.ranks())], order[random.below(space.ranks())]);
}

void mutate(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t parts = space.parts.size();
  const std::size_t genes = parts + space.groups() * space.ranks();
  if (genes == 0) return;
  const std::size_t gene = random.below(genes);
  if (gene < parts) {
    genome.rank[gene] = static_cast<std::uint16_t>(random.below(space.ranks()));
    genome.positions[gene] = random_positions(space, genome, gene, random);
    fill_axes(space, genome);
    return;
  }
  const std::size_t group = (gene - parts) / space.ranks();
  const std::size_t rank = (gene - parts) % space.ranks();
  genome.tile[gene - parts] = random.between(1, tile_outside(space, genome, group, rank));
}

void mutate_parallel(const GenomeSpace& space, Genome& genome, Random& random) {
  if (space.parts.size() < 2) return;
  std::swap(genome.rank[random.below(space.parts.size())],
            genome.rank[random.below(space.parts.size())]);
}

void grow(const GenomeSpace& space, Genome& genome, Random& random) {
  for (std::size_t p = 0; p < space.parts.size(); ++p) {
    if (space.parts[p].outermost || genome.positions[p] > 1) continue;
    genome.rank[p] = static_cast<std::uint16_t>(random.below(space.ranks()));
    genome.positions[p] = random_positions(space, genome, p, random);
    const std::size_t group = space.parts[p].group;
    for (std::size_t r = 0; r < space.ranks(); ++r) {
      genome.tile[group * space.ranks() + r] =
          random.between(1, tile_outside(space, genome, group, r));
    }
    fill_axes(space, genome);
    return;
  }
}

void age(const GenomeSpace& space, Genome& genome) {
  for (std::size_t p = space.parts.size(); p-- > 0;) {
    if (space.parts[p].outermost || genome.positions[p] == 1) continue;
    genome.positions[p] = 1;
    fill_axes(space, genome);
    return;
  }
}

}  // namespace tileloom::mapper::gamma
