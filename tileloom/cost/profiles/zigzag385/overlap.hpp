#pragma once
// Loading and off-loading in ZigZag 3.8: what a port has to move once, before or after the
// computation, it may move during the computation of the neighbouring layers as far as it is idle
// then.

#include "tileloom/cost/profiles/defines2022/latency.hpp"

namespace tileloom::cost::zigzag385 {

/// A transfer that happens once.
struct OneTransfer {
  double required = 0;  ///< cycles in full
  double least = 0;     ///< cycles that cannot be hidden
  bool operator==(const OneTransfer&) const = default;
};

/// The cycles that remain visible of each transfer of a port that is idle for `idle` cycles.
///
/// The transfers are taken in descending order of `required`. The j-th makes every one up to and
/// including itself shorter by min(required_j − least_j, idle left / j): a longer transfer is cut
/// again with each shorter one, even below its least and below zero.
std::vector<double> hide(const std::vector<OneTransfer>& transfers, double idle);

struct LoadingAndOffloading {
  double loading = 0;     ///< cycles
  double offloading = 0;  ///< cycles
};

/// @param boundaries  the traffic, unrollings rounded down
/// @param busy        cycles of the computation with its stalls
/// An idle port: busy·(bw − Σ amount·p/period of the transfers that recur)/bw cycles.
LoadingAndOffloading overlapped(const defines2022::Prepared& prepared,
                                const std::vector<defines2022::MergedOperand>& merged,
                                const defines2022::PerLevel<defines2022::Boundary>& boundaries,
                                double busy);

}  // namespace tileloom::cost::zigzag385
