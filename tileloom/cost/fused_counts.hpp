#pragma once
// How often every buffer of a fused stack is read and written. docs/cost_model.md, section 9.

#include <vector>

#include "tileloom/cost/counts.hpp"
#include "tileloom/loop_tree/fused_plan.hpp"

namespace tileloom::cost {

struct FusedCounts {
  /// Per Store of the stack's path, in order: what it exchanges with the next outer and the next
  /// inner Store of the path. What the children do is in `children`. `tile`: most live elements.
  std::vector<StoreCounts> stores;
  /// Per child: its innermost Stores of the stack's path, then its own, summed over its runs (tile,
  /// instances and lanes: the most of any). Empty stores if it never runs.
  std::vector<PathCounts> children;
  std::vector<std::int64_t> runs;  ///< per child
  std::int64_t iterations = 0;
};

/// Counts of a stack whose structure is legal. Equal to reference/interpret_fused.
FusedCounts count_fused(const Workload& workload, const Architecture& arch, const FusedStack& stack,
                        const FusedPlan& plan);

}  // namespace tileloom::cost
