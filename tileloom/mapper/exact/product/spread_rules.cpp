#include "tileloom/mapper/exact/product/spread_rules.hpp"

#include <algorithm>

namespace tileloom::mapper::product {
namespace {

bool used(std::span<const SpatialChoice* const> choices, std::size_t a) {
  return std::ranges::any_of(choices,
                             [&](const SpatialChoice* choice) { return choice->used[a] > 1; });
}

/// True if a rank with a loop on axis `a` has another on an axis of `own` further in.
bool same_rank_further_in(std::span<const SpatialChoice* const> choices, std::size_t a,
                          std::uint64_t own) {
  for (const SpatialChoice* choice : choices) {
    for (std::size_t r = 0; r < choice->rests.size(); ++r) {
      const std::uint64_t further_in = own & ~((std::uint64_t{2} << a) - 1);
      if (choice->positions(r, a) > 1 && choice->positions_along(r, further_in) > 1) return true;
    }
  }
  return false;
}

/// True if a rank of a general axis has a factor on axis `a`.
bool spreads_general(const Terrain& terrain, std::span<const SpatialChoice* const> choices,
                     std::size_t a) {
  for (const GeneralAxis& axis : terrain.axes) {
    for (const std::size_t rank : axis.ranks) {
      const std::size_t g = terrain.group_of[rank];
      if (choices[g]->positions(terrain.groups[g].place_of(rank), a) > 1) return true;
    }
  }
  return false;
}

}  // namespace

bool shares(const Terrain& terrain, MemoryId memory, std::size_t a) {
  const bool inside = terrain.space->arch->axes[terrain.open[a].id].below <= index(memory);
  return inside && (terrain.memories[index(memory)].own >> a & 1) == 0;
}

bool legal_spread(const Terrain& terrain, const Placement& placement,
                  std::span<const SpatialChoice* const> choices) {
  for (const Boundary& boundary : placement.boundaries) {
    if (!boundary.child) continue;
    const std::uint64_t own = terrain.memories[index(*boundary.child)].own;
    for (std::size_t a = 0; a < terrain.open.size(); ++a) {
      if (!shares(terrain, *boundary.child, a) || !used(choices, a)) continue;
      if ((boundary.parent_own >> a & 1) != 0) return false;
      if (same_rank_further_in(choices, a, own)) return false;
    }
  }
  return true;
}

std::uint32_t empty_blocks(const Terrain& terrain, const Skeleton& skeleton,
                           std::span<const SpatialChoice* const> choices) {
  std::uint32_t empty = 0;
  for (std::size_t s = 0; s < skeleton.stores.size(); ++s) {
    for (std::size_t a = 0; a < terrain.open.size(); ++a) {
      if (!shares(terrain, skeleton.stores[s].memory, a) || !used(choices, a)) continue;
      for (std::size_t b = skeleton.block_of_axis[a] + 1; b <= s; ++b) {
        empty |= std::uint32_t{1} << b;
      }
    }
  }
  return empty;
}

std::uint32_t crossed_blocks(const Terrain& terrain, const Skeleton& skeleton,
                             std::span<const SpatialChoice* const> choices, std::uint32_t empty) {
  std::uint32_t crossed = empty >> 1;
  for (std::size_t a = 0; a < terrain.open.size(); ++a) {
    if (!used(choices, a)) continue;
    const bool shared = std::ranges::any_of(skeleton.stores, [&](const PlacedStore& store) {
      return shares(terrain, store.memory, a);
    });
    if (shared || spreads_general(terrain, choices, a)) {
      crossed |= std::uint32_t{1} << skeleton.block_of_axis[a];
    }
  }
  return crossed;
}

}  // namespace tileloom::mapper::product
