#pragma once
// What happens to an intermediate tensor of a fused stack in its buffers: what is handed down and
// up between them, and how much of it is alive. docs/cost_model.md 9.3.

#include <cstdint>
#include <vector>

#include "tileloom/loop_tree/fused_plan.hpp"

namespace tileloom {

/// Elements that cross between one buffer and the next outer one, over the whole run.
struct BufferFlow {
  std::int64_t fills = 0;   ///< copied in from the outer buffer
  std::int64_t drains = 0;  ///< copied out to it
};

/// Live elements of one buffer while one child runs in one iteration.
struct Live {
  std::int64_t old = 0;    ///< complete
  std::int64_t fresh = 0;  ///< being computed by this child
};

struct TensorFlow {
  std::vector<BufferFlow> buffers;  ///< per Store of the tensor, outermost first
  /// [Store][iteration · children + child]
  std::vector<std::vector<Live>> live;
};

/// The flow of plan.tensors[tensor], which is internal.
TensorFlow internal_flow(const Workload& workload, const FusedStack& stack, const FusedPlan& plan,
                         std::size_t tensor);

}  // namespace tileloom
