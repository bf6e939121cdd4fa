#pragma once
#include "tileloom/cost/evaluate.hpp"
#include "tileloom/cost/occupancy.hpp"

namespace tileloom::cost {

/// Energy of reads, writes and network of every Store, parallel to counts.stores. (E1), (E2)
std::vector<StoreEnergy> store_energy(const Architecture& arch, const PathCounts& counts,
                                      const std::vector<StoreWidth>& widths);

/// Energy of all points of the operator. (E3)
Picojoules compute_energy(const Operator& op, const Architecture& arch);

/// (E4) total = compute + Σ_stores (reads + writes + network)
Picojoules total_energy(const std::vector<StoreEnergy>& stores, Picojoules compute);

/// Network energy per bit that arrives at or leaves one position below `outer`: the hops of all
/// axes that multiply the children (`inner`; absent = the lanes) but not the buffer itself.
Picojoules hop_energy(const Architecture& arch, MemoryId outer, std::optional<MemoryId> inner);

}  // namespace tileloom::cost
