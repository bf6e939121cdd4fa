#include "tileloom/mapper/exact/product/unnoticed.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/product/layout.hpp"

namespace tileloom::mapper::product {

bool latency_needs_less(const Terrain& terrain, const Placement& placement) {
  const auto counted_windows = [&](const Boundary& boundary) {
    return !terrain.operands[boundary.operand].axes.empty() &&
           counts_for_latency(terrain, placement, boundary);
  };
  const auto segment = [&](const Boundary& boundary) {
    return terrain.memories[index(*boundary.child)].segment;
  };
  const auto may_go = [&](const Boundary& store) {
    if (!store.child || counts_for_latency(terrain, placement, store)) return false;
    const Resident& resident = terrain.space->residents[store.operand];
    if ((resident.must_keep >> index(*store.child) & 1) != 0) return false;
    return std::ranges::none_of(placement.boundaries, [&](const Boundary& other) {
      if (!counted_windows(other)) return false;
      return !other.child || segment(other) >= segment(store);
    });
  };
  return std::ranges::any_of(placement.boundaries, may_go);
}

}  // namespace tileloom::mapper::product
