#pragma once
// The rules of docs/cost_model.md 9.1 that a fused stack must obey beyond those of its paths.

#include <vector>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/fused_stack.hpp"

namespace tileloom {

/// The structural rules broken by a fused tree below `homes`; the stack is that of the tree. Later
/// rules are asked only of stacks that obey the earlier ones.
std::vector<Violation> broken_stack_rules(const Workload& workload, const Architecture& arch,
                                          const LoopTree& tree, const FusedStack& stack);

}  // namespace tileloom
