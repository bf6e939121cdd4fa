#include "tileloom/cost/energy.hpp"

#include "tileloom/cost/latency.hpp"

namespace tileloom::cost {

Picojoules hop_energy(const Architecture& arch, MemoryId outer, std::optional<MemoryId> inner) {
  Picojoules per_bit{};
  for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
    const bool crossed =
        !replicated(arch, outer, axis) && (!inner || replicated(arch, *inner, axis));
    if (crossed) per_bit += arch.axes[axis].hop.value;
  }
  return per_bit;
}

std::vector<StoreEnergy> store_energy(const Architecture& arch, const PathCounts& counts,
                                      const std::vector<StoreWidth>& widths) {
  std::vector<StoreEnergy> energies;
  for (std::size_t s = 0; s < counts.stores.size(); ++s) {
    const StoreCounts& store = counts.stores[s];
    const Memory& memory = arch.memories[store.store.memory];
    // (E1) energy = bits / (word · block) · energy per access
    const double access_bits =
        static_cast<double>(memory.word.value) * static_cast<double>(memory.block);
    const StoreBits bits = store_traffic_bits(store, widths[s]);
    StoreEnergy energy;
    energy.reads = (bits.read / access_bits) * memory.read.value;
    energy.writes = (bits.written / access_bits) * memory.write.value;
    // (E2) network = deliveries · width · Σ hops between this Store and its children
    std::optional<MemoryId> inner;
    for (std::size_t c = s + 1; c < counts.stores.size() && !inner; ++c) {
      if (counts.stores[c].store.tensor == store.store.tensor)
        inner = counts.stores[c].store.memory;
    }
    const double delivered =
        static_cast<double>(store.deliveries) * static_cast<double>(widths[s].below);
    energy.network = delivered * hop_energy(arch, store.store.memory, inner);
    energies.push_back(energy);
  }
  return energies;
}

/// (E3) compute = points · (mac or other energy)
Picojoules compute_energy(const Operator& op, const Architecture& arch) {
  const Energy& each = macs(op) > 0 ? arch.compute.mac : arch.compute.other;
  return static_cast<double>(points(op)) * each.value;
}

Picojoules total_energy(const std::vector<StoreEnergy>& stores, Picojoules compute) {
  Picojoules total = compute;
  for (const StoreEnergy& store : stores) total += store.total();
  return total;
}

}  // namespace tileloom::cost
