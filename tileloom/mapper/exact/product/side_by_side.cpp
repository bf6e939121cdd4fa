#include "tileloom/mapper/exact/product/side_by_side.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace tileloom::mapper::product {
namespace {

bool stand_together(const Terrain& terrain, std::uint32_t memories, std::size_t a, std::size_t b) {
  const Architecture& arch = *terrain.space->arch;
  const SpatialAxis& one = arch.axes[terrain.open[a].id];
  const SpatialAxis& other = arch.axes[terrain.open[b].id];
  if (one.below != other.below || one.hop != other.hop || one.core != other.core) return false;
  if (terrain.open[a].multicast != terrain.open[b].multicast) return false;
  if (terrain.open[a].reduce != terrain.open[b].reduce) return false;
  for (std::size_t m = 0; m < terrain.memories.size(); ++m) {
    const std::uint64_t own = terrain.memories[m].own;
    if ((memories >> m & 1) != 0 && (own >> a & 1) != (own >> b & 1)) return false;
  }
  return true;
}

/// Axes that stand between those of a set and are not in it.
std::uint64_t between(std::uint64_t set) {
  const int last = 63 - std::countl_zero(set);
  const std::uint64_t from_first = ~std::uint64_t{0} << std::countr_zero(set);
  return from_first & ((std::uint64_t{1} << last) - 1) & ~set;
}

/// What tells of a rank's positions along a set: their product, unless others of its positions stand
/// between.
void add_positions(const SpatialChoice& choice, std::size_t r, std::uint64_t set,
                   std::vector<std::int64_t>& positions) {
  if (choice.positions_along(r, between(set)) == 1) {
    positions.push_back(choice.positions_along(r, set));
    return;
  }
  positions.push_back(-1);
  for (std::size_t a = 0; a < choice.used.size(); ++a) {
    if ((set >> a & 1) != 0) positions.push_back(choice.positions(r, a));
  }
}

AlikeChoices::Numbers number(const Choices& choices, const std::vector<std::uint64_t>& sets) {
  AlikeChoices::Numbers numbers;
  for (const std::vector<SpatialChoice>& of_group : choices) {
    std::map<std::vector<std::int64_t>, std::uint32_t> known;
    std::vector<std::uint32_t>& group = numbers.emplace_back();
    for (const SpatialChoice& choice : of_group) {
      std::vector<std::int64_t> positions;
      for (std::size_t r = 0; r < choice.rests.size(); ++r) {
        for (const std::uint64_t set : sets) add_positions(choice, r, set, positions);
      }
      const auto next = static_cast<std::uint32_t>(known.size());
      group.push_back(known.try_emplace(std::move(positions), next).first->second);
    }
  }
  return numbers;
}

}  // namespace

std::vector<std::uint64_t> side_by_side(const Terrain& terrain, std::uint32_t memories) {
  std::vector<std::uint64_t> sets;
  for (std::size_t a = 0; a < terrain.open.size(); ++a) {
    const auto set = std::ranges::find_if(sets, [&](std::uint64_t others) {
      const auto first = static_cast<std::size_t>(std::countr_zero(others));
      return stand_together(terrain, memories, first, a);
    });
    if (set == sets.end()) {
      sets.push_back(std::uint64_t{1} << a);
    } else {
      *set |= std::uint64_t{1} << a;
    }
  }
  return sets;
}

const AlikeChoices::Numbers& AlikeChoices::operator()(std::uint32_t memories) {
  const std::vector<std::uint64_t> sets = side_by_side(terrain_, memories);
  const auto [numbers, fresh] = known_.try_emplace(sets);
  if (fresh && sets.size() < terrain_.open.size()) numbers->second = number(choices_, sets);
  return numbers->second;
}

}  // namespace tileloom::mapper::product
