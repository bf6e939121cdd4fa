#pragma once
// The best cut of a network into blocks: dynamic programming over sets that are closed under "what
// it needs is done".

#include <optional>
#include <vector>

#include "tileloom/scheduler/dlfusion/fusion.hpp"

namespace tileloom::scheduler {

struct OptimumOptions {
  /// Units of one block at the most; absent = any number. Bounds of longer ones are far from their
  /// cycles and their plans dear to price.
  std::optional<std::size_t> most_units = 16;
  /// Blocks that are allowed whatever their size: what the optimum is compared with.
  std::vector<std::vector<UnitId>> besides;
  std::size_t most_states = 200;           ///< beyond, blocks are intervals of the execution order
  std::int64_t most_evaluations = 10'000;  ///< beyond, the same
};

/// f(∅) = 0, f(D) = min over blocks B that may come last in D of f(D \ B) + t(B), where t(B) is the
/// best over core counts and plans. Exact because blocks meet in memory only, so their times add
/// up. Every B is D less another closed set. A block is left out if f(D \ B) and its least cycles
/// are no better than what is known of D.
Fusion optimum(BlockTimes& times, const OptimumOptions& options, const Budget& budget);

}  // namespace tileloom::scheduler
