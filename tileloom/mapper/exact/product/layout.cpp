#include "tileloom/mapper/exact/product/layout.hpp"

#include <algorithm>

namespace tileloom::mapper::product {

namespace {

bool bounded(const MemoryFacts& memory) { return memory.read || memory.write || memory.shared; }

}  // namespace

bool counts_for_latency(const Terrain& terrain, const Placement& placement,
                        const Boundary& boundary) {
  if (bounded(terrain.memories[index(boundary.parent)])) return true;
  if (!boundary.child) return false;
  if (bounded(terrain.memories[index(*boundary.child)])) return true;
  const bool output = terrain.operands[boundary.operand].role == Role::output;
  return output && std::ranges::any_of(placement.boundaries, [&](const Boundary& inner) {
           return inner.operand == boundary.operand && inner.parent == *boundary.child &&
                  inner.child && bounded(terrain.memories[index(*inner.child)]);
         });
}

Layout make_layout(const Terrain& terrain, const Placement& placement, const Skeleton& skeleton,
                   bool energy) {
  Layout layout;
  std::vector<std::size_t> most(terrain.groups.size(),
                                0);  // columns so far in which a group slides
  for (std::size_t k = 0; k < placement.boundaries.size(); ++k) {
    const Boundary& boundary = placement.boundaries[k];
    std::optional<std::size_t> block;
    for (std::size_t s = 0; s < skeleton.stores.size() && boundary.child; ++s) {
      const PlacedStore& store = skeleton.stores[s];
      if (store.operand == boundary.operand && store.memory == *boundary.child) block = s;
    }
    layout.child_block.push_back(block);
    layout.counts.push_back(energy || counts_for_latency(terrain, placement, boundary));
    std::vector<std::size_t> sliding;
    for (const std::size_t a : terrain.operands[boundary.operand].axes) {
      const std::size_t group = terrain.group_of[terrain.axes[a].ranks[0]];
      if (std::ranges::find(sliding, group) == sliding.end()) sliding.push_back(group);
    }
    layout.sliding.push_back(sliding);
    // What lanes use of an operand without general axes no temporal loop changes.
    if (!block && sliding.empty()) continue;
    for (const bool each : {false, true}) {
      if (each && sliding.empty()) continue;  // a multiple of the united one
      if (each && !block) continue;           // all uses, whatever the loops
      Quantity quantity;
      quantity.boundary = k;
      quantity.each = each;
      quantity.offset = layout.columns;
      quantity.variants = block ? std::max<std::size_t>(1, sliding.size()) : 1;
      quantity.blocks = block ? *block + 2 : 1;
      layout.columns += quantity.variants * quantity.blocks;
      for (std::size_t v = 0; v < quantity.variants && v < sliding.size(); ++v) {
        quantity.most.push_back(most[sliding[v]]);
        most[sliding[v]] += quantity.blocks;
      }
      layout.quantities.push_back(quantity);
    }
  }
  return layout;
}

}  // namespace tileloom::mapper::product
