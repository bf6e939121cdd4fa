#pragma once
#include "tileloom/loop_tree/fused_occupancy.hpp"

namespace tileloom {

/// What sits in which memory when: for each child in order, and there for each memory that holds a
/// Store of the stack or of that child (outermost first), the fullest moment while the child runs.
std::vector<StackPeak> child_peaks(const Workload& workload, const Architecture& arch,
                                   const FusedStack& stack, const FusedPlan& plan);

}  // namespace tileloom
