#include "tileloom/mapper/annealing/neighbour.hpp"

#include <algorithm>
#include <cmath>

namespace tileloom::mapper {
namespace {

/// A number near `value` or anywhere in [1, most], on a logarithmic scale either way.
std::int64_t changed(std::int64_t value, std::int64_t most, Random& random) {
  switch (random.below(4)) {
    case 0:
      return std::min(most, value * 2);
    case 1:
      return std::max<std::int64_t>(1, value / 2);
    case 2:
      return std::clamp<std::int64_t>(value + random.between(-1, 1), 1, most);
    default:
      return static_cast<std::int64_t>(
          std::floor(std::pow(static_cast<double>(most + 1), random.unit())));
  }
}

void change_part(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t p = random.below(space.parts.size());
  if (random.below(3) == 0) {
    genome.rank[p] = static_cast<std::uint16_t>(random.below(space.ranks()));
  } else {
    const std::int64_t size = space.map.arch->axes[space.parts[p].axis].size;
    genome.positions[p] = changed(genome.positions[p], size, random);
  }
}

void change_tile(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t gene = random.below(genome.tile.size());
  const std::int64_t extent = space.map.op->ranks[gene % space.ranks()].extent;
  genome.tile[gene] = changed(genome.tile[gene], extent, random);
}

void change_order(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t ranks = space.ranks();
  const std::size_t first = random.below(space.groups()) * ranks;
  std::swap(genome.order[first + random.below(ranks)], genome.order[first + random.below(ranks)]);
}

void change_keep(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::size_t i = random.below(space.map.residents.size());
  genome.keeps[i] ^= std::uint32_t{1} << random.below(space.map.arch->memories.size());
}

}  // namespace

void change_one_gene(const GenomeSpace& space, Genome& genome, Random& random) {
  const std::uint64_t kind = random.below(10);
  if (kind < 3 && !space.parts.empty()) return change_part(space, genome, random);
  if (kind < 7 && !genome.tile.empty()) return change_tile(space, genome, random);
  if (kind < 9 && !genome.order.empty()) return change_order(space, genome, random);
  change_keep(space, genome, random);
}

}  // namespace tileloom::mapper
