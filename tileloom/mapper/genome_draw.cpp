#include "tileloom/mapper/genome_draw.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "tileloom/mapper/genome_repair.hpp"

namespace tileloom::mapper {
namespace {

std::uint32_t optional_memories(const Resident& resident) {
  return resident.may_keep & ~resident.must_keep;
}

/// 1 to `most`, evenly spread over their logarithms.
std::int64_t on_log_scale(double key, std::int64_t most) {
  const double value = std::pow(static_cast<double>(most) + 1, std::clamp(key, 0.0, 1.0));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(value), 1, most);
}

std::size_t one_of(double key, std::size_t count) {
  const auto i = static_cast<std::size_t>(std::clamp(key, 0.0, 1.0) * static_cast<double>(count));
  return std::min(i, count - 1);
}

}  // namespace

Genome random_genome(const GenomeSpace& space, Random& random) {
  Genome genome = plain_genome(space);
  const std::size_t ranks = space.ranks();
  for (std::size_t p = 0; p < space.parts.size(); ++p) {
    const std::int64_t size = space.map.arch->axes[space.parts[p].axis].size;
    genome.rank[p] = static_cast<std::uint16_t>(random.below(ranks));
    genome.positions[p] = space.parts[p].outermost ? size : random.between(1, size);
  }
  for (std::size_t g = 0; g < space.groups(); ++g) {
    std::uint16_t* order = &genome.order[g * ranks];
    for (std::size_t i = ranks; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    for (std::size_t r = 0; r < ranks; ++r) {
      const std::int64_t parent =
          g == 0 ? space.map.op->ranks[r].extent : genome.tile[(g - 1) * ranks + r];
      genome.tile[g * ranks + r] = random.between(1, parent);
    }
  }
  Chunks chunks;
  repair(space, genome, chunks);
  return genome;
}

std::size_t dimension(const GenomeSpace& space) {
  std::size_t dimension = 2 * space.parts.size() + 2 * space.groups() * space.ranks();
  for (const Resident& resident : space.map.residents) {
    dimension += static_cast<std::size_t>(std::popcount(optional_memories(resident)));
  }
  return dimension;
}

Genome genome_of(const GenomeSpace& space, std::span<const double> point) {
  Genome genome = plain_genome(space);
  const std::size_t ranks = space.ranks();
  auto key = point.begin();
  for (std::size_t p = 0; p < space.parts.size(); ++p) {
    genome.rank[p] = static_cast<std::uint16_t>(one_of(*key++, ranks));
    genome.positions[p] = on_log_scale(*key++, space.map.arch->axes[space.parts[p].axis].size);
  }
  for (std::size_t g = 0; g < space.groups(); ++g) {
    const std::span<const double> keys(key, ranks);
    std::stable_sort(genome.order.begin() + static_cast<std::ptrdiff_t>(g * ranks),
                     genome.order.begin() + static_cast<std::ptrdiff_t>((g + 1) * ranks),
                     [&](std::uint16_t a, std::uint16_t b) { return keys[a] < keys[b]; });
    key += static_cast<std::ptrdiff_t>(ranks);
    for (std::size_t r = 0; r < ranks; ++r) {
      const std::int64_t parent =
          g == 0 ? space.map.op->ranks[r].extent : genome.tile[(g - 1) * ranks + r];
      genome.tile[g * ranks + r] = on_log_scale(*key++, parent);
    }
  }
  for (std::size_t i = 0; i < space.map.residents.size(); ++i) {
    const Resident& resident = space.map.residents[i];
    genome.keeps[i] = resident.must_keep;
    for (std::uint32_t left = optional_memories(resident); left != 0; left &= left - 1) {
      if (*key++ >= 0.5) genome.keeps[i] |= left & (~left + 1);
    }
  }
  Chunks chunks;
  repair(space, genome, chunks);
  return genome;
}

}  // namespace tileloom::mapper
