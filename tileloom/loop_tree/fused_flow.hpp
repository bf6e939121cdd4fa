#pragma once
// What happens to an intermediate tensor of a fused stack in its buffers: what is handed down and
// up between them, and how much of it is alive. docs/cost_model.md 9.3.

#include <cstdint>
#include <vector>

#include "tileloom/loop_tree/fused_plan.hpp"

namespace tileloom {

/// The flow of plan.tensors[tensor], which is internal: the plan's, if it knows its flows.
TensorFlow internal_flow(const Workload& workload, const FusedStack& stack, const FusedPlan& plan,
                         std::size_t tensor);

/// Follows all internal tensors, for those who ask more than once.
void follow(const Workload& workload, const FusedStack& stack, FusedPlan& plan);

}  // namespace tileloom
