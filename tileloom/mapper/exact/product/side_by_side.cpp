#include "tileloom/mapper/exact/product/side_by_side.hpp"

#include <map>

namespace tileloom::mapper::product {
namespace {

bool side_by_side(const Terrain& terrain, std::size_t a, std::size_t b) {
  const Architecture& arch = *terrain.space->arch;
  const SpatialAxis& one = arch.axes[terrain.open[a].id];
  const SpatialAxis& other = arch.axes[terrain.open[b].id];
  if (one.below != other.below || one.hop != other.hop) return false;
  if (terrain.open[a].multicast != terrain.open[b].multicast) return false;
  if (terrain.open[a].reduce != terrain.open[b].reduce) return false;
  for (const MemoryFacts& memory : terrain.memories) {
    if ((memory.own >> a & 1) != (memory.own >> b & 1)) return false;
  }
  return true;
}

}  // namespace

std::vector<std::uint64_t> side_by_side(const Terrain& terrain) {
  std::vector<std::uint64_t> sets;
  for (std::size_t a = 0; a < terrain.open.size(); ++a) {
    if (a == 0 || !side_by_side(terrain, a - 1, a)) sets.push_back(0);
    sets.back() |= std::uint64_t{1} << a;
  }
  return sets;
}

std::vector<std::vector<std::uint32_t>> alike(const Terrain& terrain, const Choices& choices) {
  const std::vector<std::uint64_t> sets = side_by_side(terrain);
  if (sets.size() == terrain.open.size()) return {};
  std::vector<std::vector<std::uint32_t>> numbers;
  for (const std::vector<SpatialChoice>& of_group : choices) {
    std::map<std::vector<std::int64_t>, std::uint32_t> known;
    std::vector<std::uint32_t>& group = numbers.emplace_back();
    for (const SpatialChoice& choice : of_group) {
      std::vector<std::int64_t> positions;
      for (std::size_t r = 0; r < choice.rests.size(); ++r) {
        for (const std::uint64_t set : sets) positions.push_back(choice.positions_along(r, set));
      }
      const auto next = static_cast<std::uint32_t>(known.size());
      group.push_back(known.try_emplace(std::move(positions), next).first->second);
    }
  }
  return numbers;
}

}  // namespace tileloom::mapper::product
