#pragma once
// A temporal mapping and what the 2022 model says of it.

#include <array>
#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/defines2022/layer.hpp"

namespace tileloom::cost::defines2022 {

struct TemporalLoop {
  Dim dim{};
  std::int64_t size = 1;
  bool operator==(const TemporalLoop&) const = default;
};

/// The loops of each level of each operand, innermost first: every operand has its own split of the
/// one order (uneven mapping).
struct Mapping {
  std::vector<TemporalLoop> order;         ///< innermost first
  std::vector<std::vector<int>> boundary;  ///< [operand][level]: loops at or below that level
  bool operator==(const Mapping&) const = default;
};

/// Operands are counted as in the equation: the output is 0, the inputs are 1 and 2.
template <class T>
using PerLevel = std::vector<std::vector<T>>;  ///< [operand][level]

struct LayerCost {
  Picojoules energy, mac_energy;
  PerLevel<Picojoules> energy_by_level;
  PerLevel<std::array<double, kLinks>> words;  ///< accesses in full-width words, by Link
  PerLevel<bool> double_buffered;              ///< level 0 is the MAC, then the memories
  Cycles ideal;                                ///< MACs / PEs
  Cycles temporal;                             ///< all temporal loops
  Cycles stall;
  Cycles loading, offloading;
  Cycles latency0;  ///< temporal + stall
  Cycles latency1;  ///< + loading: the published quantity
  Cycles latency2;  ///< + off-loading
};

}  // namespace tileloom::cost::defines2022
