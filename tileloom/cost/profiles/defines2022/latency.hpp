#pragma once
// The uniform latency model of the 2022 ZigZag: what ports cannot deliver in time stalls the array.

#include "tileloom/cost/profiles/defines2022/boundary.hpp"
#include "tileloom/cost/profiles/defines2022/merged.hpp"
#include "tileloom/cost/profiles/defines2022/size_range.hpp"

namespace tileloom::cost::defines2022 {

struct Latency {
  std::int64_t temporal = 0;  ///< all in cycles
  std::int64_t stall = 0;
  std::int64_t loading = 0;
  std::int64_t offloading = 0;
  PerLevel<bool> double_buffered;  ///< [operand][level], level 0 is the MAC
};

/// Source: exact_model.md, section 6; README of the DeFiNES reference, 2.10.
/// @param tested  one for each memory: narrowed to the sizes for which the answer is the same
Latency latency(const Prepared& prepared, const std::vector<MergedOperand>& merged,
                SizeRanges& tested);

// Its parts, which ZigZag 3.8.5 shares.

/// The traffic across every boundary, [operand][b].
PerLevel<Boundary> all_boundaries(const Prepared& prepared,
                                  const std::vector<MergedOperand>& merged, Unrolled unrolled);

/// Which levels have room for the next tile beside the resident one, [operand][level]; the MAC,
/// level 0, has not.
///     share = ⌊D·p / top_r⌋ / size;  used[memory] = Σ shares
/// Yes if used ≤ 1/2; else yes if share ≤ 1 − used, which then counts as used if several operand
/// levels live in the memory; else no.
/// `tested` is narrowed to the sizes for which the answer is the same, by as much as doubles may
/// round (1e-9) more than needed.
PerLevel<bool> double_buffering(const Prepared& prepared, const std::vector<MergedOperand>& merged,
                                Unrolled unrolled, SizeRanges& tested);

/// The longest wait of any port for its links, in cycles.
double stall(const Prepared& prepared, const std::vector<MergedOperand>& merged,
             const PerLevel<Boundary>& boundaries, const PerLevel<bool>& double_buffered);

/// Cycles per period of a link of `width` bits per cycle: ⌈amount·p/bw⌉.
double real_cycles(const Transfer& transfer, double width);

/// Cycles to bring the first tiles of the inputs down, the hops of input o across boundary b ≥ 1
/// taking `hops[o][b − 1]`.
double loading(const Prepared& prepared, const PerLevel<double>& hops);

}  // namespace tileloom::cost::defines2022
