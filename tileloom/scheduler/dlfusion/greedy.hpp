#pragma once
// DLFusion's joint strategy: from operation count and channels to cores and blocks, in one pass.

#include "tileloom/scheduler/dlfusion/calibration.hpp"
#include "tileloom/scheduler/dlfusion/fusion.hpp"

namespace tileloom::scheduler {

struct GreedyOptions {
  /// Units that may be added although the block is slower with the first few of them: as long as a
  /// residual branch.
  std::size_t look_ahead = 4;
  /// After the pass, boundaries move by at most look_ahead units, vanish or appear while that
  /// helps: at most so many rounds.
  int polish = 8;
};

/// Layer by layer: a block's cores are those that the calibration gives its operation count and
/// mean channels, and on from there the next fewer or more of them while that is faster. The block
/// grows while it with the next layers
/// takes fewer cycles than both apart; it is not tried further once a core's operations have
/// reached what the calibration found a core to be worth and growing has stopped to pay.
Fusion joint_greedy(BlockTimes& times, const Calibration& calibration,
                    const GreedyOptions& options = {});

}  // namespace tileloom::scheduler
