#pragma once
// Schedules of several operators, executed: layer by layer, or side by side.

#include <vector>

#include "tileloom/reference/interpret_fused.hpp"

namespace tileloom::reference {

/// What one operator of a tree did.
struct LeafInterpretation {
  OperatorId op{};
  std::vector<PathNode> path;  ///< the homes above that are its operands', then its own nodes
  cost::PathCounts counts;
};

struct TreeInterpretation {
  std::vector<LeafInterpretation> leaves;   ///< not in stacks, in the order of the tree
  std::vector<FusedInterpretation> stacks;  ///< fused, one per core, in the order of the tree
  TensorValues tensors;                     ///< afterwards
};

/// Executes a legal tree: only homes stand above Sequences and Parallels, but for those of fused
/// stacks. `tensors` has a value for every tensor; what an operator writes, the operators after it
/// read. Children of a Parallel run in their order: what one hands on to another is there.
TreeInterpretation interpret_tree(const Workload& workload, const Architecture& arch,
                                  const LoopTree& tree, TensorValues tensors);

/// Sample values for every tensor of the workload.
TensorValues sample_values(const Workload& workload);

}  // namespace tileloom::reference
