#pragma once
// A fused stack, executed literally: docs/cost_model.md, section 9, sentence by sentence, with real
// values in every buffer. Knows nothing of boxes in closed form: sets of elements only.

#include <vector>

#include "tileloom/loop_tree/fused_stack.hpp"
#include "tileloom/reference/interpret.hpp"

namespace tileloom::reference {

/// One iteration: what moves at its beginning between the Stores of the stack's path (drains of the
/// one before among it), and what every child does.
struct FusedStep {
  std::vector<cost::StoreCounts> copies;   ///< per Store of the path, in order
  std::vector<cost::PathCounts> children;  ///< without stores if a child does not run
};

/// What the stack and its children did.
struct FusedInterpretation {
  /// Per Store of the stack's path, in order: what it exchanges with the next outer one, and what
  /// the next inner one of the stack asked of it. Accesses by children are in `children`. `tile`:
  /// most live elements at a time.
  std::vector<cost::StoreCounts> stores;
  /// Per child: its innermost Stores of the stack's path, then its own, summed over all runs
  /// (tile, instances and lanes: the most of any).
  std::vector<cost::PathCounts> children;
  /// [Store of the stack's path][iteration · children + child]: live elements while the child runs.
  std::vector<std::vector<std::int64_t>> live;
  /// One per iteration and one for what leaves at the end.
  std::vector<FusedStep> steps;
  TensorValues tensors;  ///< afterwards
};

/// Executes a stack whose structure is legal. Throws std::logic_error if an element is needed where
/// it is not. Elements that are nowhere any more are NaN.
FusedInterpretation interpret_fused(const Workload& workload, const Architecture& arch,
                                    const FusedStack& stack, TensorValues tensors);

}  // namespace tileloom::reference
