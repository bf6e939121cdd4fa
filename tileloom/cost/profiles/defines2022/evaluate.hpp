#pragma once
// Energy and latency of one mapping of a layer tile, as the 2022 ZigZag inside DeFiNES counts them.

#include "tileloom/cost/profiles/defines2022/prepared.hpp"
#include "tileloom/cost/profiles/defines2022/size_range.hpp"

namespace tileloom::cost::defines2022 {

/// The cost of `mapping`, whose boundaries must cover the whole order at every operand's top.
/// Energies are summed in the artifact's order, so that equal mappings get equal doubles.
LayerCost evaluate(const Prepared& prepared, const Mapping& mapping);
/// The same; `tested`, one for each memory, is narrowed to the sizes for which the cost is the same.
LayerCost evaluate(const Prepared& prepared, const Mapping& mapping, SizeRanges& tested);

}  // namespace tileloom::cost::defines2022
