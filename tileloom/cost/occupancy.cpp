#include "tileloom/cost/occupancy.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {

std::int64_t store_bits(const Operator& op, std::span<const PathNode> path, std::size_t store) {
  return element_bits(op, path, store);
}

std::vector<StoreWidth> store_widths(const Operator& op, std::span<const PathNode> path) {
  std::vector<StoreWidth> widths;
  std::vector<std::pair<TensorId, std::int64_t>> outer;  // the width of each tensor's last Store
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Store* store = std::get_if<Store>(&path[i]);
    if (store == nullptr) continue;
    StoreWidth width;
    width.below = store_bits(op, path, i);
    width.above = width.below;
    const auto parent =
        std::ranges::find(outer, store->tensor, &std::pair<TensorId, std::int64_t>::first);
    if (parent == outer.end()) {
      outer.emplace_back(store->tensor, width.below);
    } else {
      width.above = parent->second;
      parent->second = width.below;
    }
    widths.push_back(width);
  }
  return widths;
}

/// (O1) used(M) = Σ_{T stored in M} tile_T · width_T · (2 if M is double-buffered)        [bits of
/// one instance]
std::vector<Occupancy> occupancy(const Architecture& arch, const PathCounts& counts,
                                 const std::vector<StoreWidth>& widths) {
  std::vector<Occupancy> result;
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    Occupancy occupancy{memory, {}, arch.memories[memory].capacity, {}};
    for (std::size_t s = 0; s < counts.stores.size(); ++s) {
      if (counts.stores[s].store.memory != memory) continue;
      const Bits bits{checked_mul(checked_mul(counts.stores[s].tile, widths[s].below),
                                  copies(arch, counts.stores[s].store))};
      occupancy.buffers.push_back({counts.stores[s].store.tensor, bits});
      occupancy.used.value = checked_add(occupancy.used.value, bits.value);
    }
    if (!occupancy.buffers.empty()) result.push_back(std::move(occupancy));
  }
  return result;
}

}  // namespace tileloom::cost
