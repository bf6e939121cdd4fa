#pragma once
// The uniform latency model of the 2022 ZigZag: what ports cannot deliver in time stalls the array.

#include "tileloom/cost/profiles/defines2022/merged.hpp"

namespace tileloom::cost::defines2022 {

struct Latency {
  std::int64_t temporal = 0;  ///< all in cycles
  std::int64_t stall = 0;
  std::int64_t loading = 0;
  std::int64_t offloading = 0;
  PerLevel<bool> double_buffered;  ///< [operand][level], level 0 is the MAC
};

/// Source: exact_model.md, section 6; README of the DeFiNES reference, 2.10.
Latency latency(const Prepared& prepared, const std::vector<MergedOperand>& merged);

}  // namespace tileloom::cost::defines2022
