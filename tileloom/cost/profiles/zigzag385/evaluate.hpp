#pragma once
// Energy and latency of one mapping as ZigZag 3.8.5 counts them, stated as the differences from the
// 2022 model.

#include "tileloom/cost/profiles/defines2022/evaluate.hpp"

namespace tileloom::cost::zigzag385 {

/// This edition counts fractions of cycles.
using FractionalCycles = Quantity<struct CycleUnit, double>;

struct LayerCost {
  Picojoules energy, mac_energy;
  defines2022::PerLevel<Picojoules> energy_by_level;  ///< [operand][level]
  FractionalCycles ideal;                             ///< MACs / PEs, not rounded
  FractionalCycles temporal;                          ///< all temporal loops
  FractionalCycles latency0;                          ///< + stall
  FractionalCycles latency1;                          ///< + loading
  FractionalCycles latency2;                          ///< + off-loading: the published quantity
};

/// The cost of `mapping`, whose boundaries must cover the whole order at every operand's top.
LayerCost evaluate(const defines2022::Prepared& prepared, const defines2022::Mapping& mapping);

}  // namespace tileloom::cost::zigzag385
