#include "tileloom/mapper/gamma/population.hpp"

#include <algorithm>
#include <numeric>

namespace tileloom::mapper::gamma {

std::uint64_t fingerprint(const Genome& genome) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto mix = [&](std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
  };
  for (const std::uint16_t rank : genome.rank) mix(rank);
  for (const std::int64_t positions : genome.positions) mix(static_cast<std::uint64_t>(positions));
  for (const std::uint16_t rank : genome.order) mix(rank);
  for (const std::int64_t tile : genome.tile) mix(static_cast<std::uint64_t>(tile));
  for (const std::uint32_t keeps : genome.keeps) mix(keeps);
  return hash;
}

std::uint64_t niche_of(const GenomeSpace& space, const Genome& genome) {
  const std::size_t ranks = space.ranks();
  std::uint64_t niche = 0;
  const auto add = [&](std::size_t value) { niche = niche * 31 + value + 1; };
  std::uint64_t spread = 0;
  for (std::size_t p = 0; p < space.parts.size(); ++p) {
    if (genome.positions[p] > 1) spread |= std::uint64_t{1} << genome.rank[p];
  }
  add(spread);
  for (const std::uint32_t keeps : genome.keeps) niche = niche * 31 + keeps;
  for (std::size_t g = 0; g < space.groups(); ++g) {
    std::size_t innermost = ranks;
    for (std::size_t place = ranks; place-- > 0 && innermost == ranks;) {
      const std::size_t r = genome.order[g * ranks + place];
      const std::int64_t outside =
          g == 0 ? space.map.op->ranks[r].extent : genome.tile[(g - 1) * ranks + r];
      const std::int64_t step = genome.tile[g * ranks + r] * positions_of(space, genome, g, r);
      if (step < outside) innermost = r;
    }
    add(innermost);
  }
  return niche;
}

Population::Population(const GenomeSpace& space, std::size_t most)
    : pool_(most, Individual{plain_genome(space), std::nullopt}), order_(most), scratch_(most) {
  std::iota(order_.begin(), order_.end(), std::uint32_t{0});
}

void Population::sort() {
  // Sorting by (score, place) needs no memory of its own.
  for (std::size_t i = 0; i < size_; ++i) scratch_[order_[i]] = static_cast<std::uint32_t>(i);
  std::sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(size_),
            [&](std::uint32_t a, std::uint32_t b) {
              const std::optional<cost::Score>& x = pool_[a].score;
              const std::optional<cost::Score>& y = pool_[b].score;
              if (x.has_value() != y.has_value()) return x.has_value();
              if (x && *x != *y) return *x < *y;
              return scratch_[a] < scratch_[b];
            });
}

void Population::drop_equal() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    bool known = false;
    // Equal genomes have equal scores, so they are neighbours but for ties.
    for (std::size_t j = kept; j-- > 0 && pool_[order_[j]].score == pool_[order_[i]].score;) {
      known = known || pool_[order_[j]].genome == pool_[order_[i]].genome;
    }
    if (!known) std::swap(order_[kept++], order_[i]);
  }
  size_ = kept;
}

void Population::thin_out(const GenomeSpace& space, std::size_t most) {
  niches_.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    const std::uint64_t niche = niche_of(space, pool_[order_[i]].genome);
    const auto there = static_cast<std::size_t>(std::ranges::count(niches_, niche));
    if (there >= most) continue;
    niches_.push_back(niche);
    std::swap(order_[kept++], order_[i]);
  }
  size_ = kept;
}

std::size_t Population::legal() const {
  std::size_t legal = 0;
  while (legal < size_ && pool_[order_[legal]].score) ++legal;
  return legal;
}

}  // namespace tileloom::mapper::gamma
