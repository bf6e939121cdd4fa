#pragma once
#include "tileloom/loop_tree/fused_occupancy.hpp"

namespace tileloom {

/// How full one memory is while a child runs in an iteration, in bits, twice if it is
/// double-buffered.
struct StackMoment {
  std::size_t iteration = 0;
  std::size_t child = 0;
  std::int64_t path = 0;           ///< the Stores of the stack's path
  std::vector<std::int64_t> runs;  ///< the child's own Stores, in each of its runs
};

/// Every moment, in order. The fullest is the peak (F6).
std::vector<StackMoment> stack_moments(const Workload& workload, const Architecture& arch,
                                       const FusedStack& stack, const FusedPlan& plan,
                                       MemoryId memory);

/// What sits in which memory when: for each child in order, and there for each memory that holds a
/// Store of the stack or of that child (outermost first), the fullest moment while the child runs.
std::vector<StackPeak> child_peaks(const Workload& workload, const Architecture& arch,
                                   const FusedStack& stack, const FusedPlan& plan);

}  // namespace tileloom
