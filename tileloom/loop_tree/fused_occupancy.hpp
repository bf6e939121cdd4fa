#pragma once
// How full memories become while a fused stack runs. docs/cost_model.md 9.4.

#include <cstdint>
#include <vector>

#include "tileloom/loop_tree/fused_flow.hpp"

namespace tileloom {

/// What lives in one instance of a memory, in bits, twice if the memory is double-buffered.
struct StackOccupant {
  TensorId tensor{};
  std::int64_t bits = 0;
};

/// The fullest moment of one memory.
struct StackPeak {
  MemoryId memory{};
  std::int64_t bits = 0;
  std::size_t child = 0;  ///< that runs then
  std::vector<StackOccupant> occupants;
};

/// The peaks of all memories that hold a Store of the stack, outermost first; homes from outside
/// the stack are not counted. (F6)
std::vector<StackPeak> stack_peaks(const Workload& workload, const Architecture& arch,
                                   const FusedStack& stack, const FusedPlan& plan);

/// Of a stack on several cores (core_parts) the peaks of each memory's fullest core.
std::vector<StackPeak> peaks_of_fullest_cores(const Workload& workload, const Architecture& arch,
                                              const FusedStack& stack);

}  // namespace tileloom
