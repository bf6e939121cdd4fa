#include "tileloom/mapper/exact/product/mirror.hpp"

#include <algorithm>

namespace tileloom::mapper::product {
namespace {

std::ptrdiff_t place(const Group& group, std::size_t rank) {
  return std::ranges::find(group.ranks, rank) - group.ranks.begin();
}

bool mirrors(const Terrain& terrain, const Group& a, const Group& b) {
  if (a.ranks.size() != b.ranks.size() || a.axes.size() != b.axes.size()) return false;
  for (std::size_t r = 0; r < a.ranks.size(); ++r) {
    if (terrain.extents[a.ranks[r]] != terrain.extents[b.ranks[r]]) return false;
    for (const OperandFacts& operand : terrain.operands) {
      if (operand.relevance[a.ranks[r]] != operand.relevance[b.ranks[r]]) return false;
    }
  }
  for (std::size_t x = 0; x < a.axes.size(); ++x) {
    const GeneralAxis& one = terrain.axes[a.axes[x]];
    const GeneralAxis& two = terrain.axes[b.axes[x]];
    if (one.operand != two.operand || one.offset != two.offset || one.extent != two.extent ||
        one.coefficients != two.coefficients) {
      return false;
    }
    for (std::size_t r = 0; r < one.ranks.size(); ++r) {
      if (place(a, one.ranks[r]) != place(b, two.ranks[r])) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<std::size_t> mirror_of(const Terrain& terrain, std::size_t g) {
  for (std::size_t h = 0; h < g; ++h) {
    if (mirrors(terrain, terrain.groups[g], terrain.groups[h])) return h;
  }
  return std::nullopt;
}

}  // namespace tileloom::mapper::product
