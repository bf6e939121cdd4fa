#pragma once
// Mappings that a user brings along.

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::driver {

/// What a legal tree costs, operator by operator, with the bounds of cost/bounds.
scheduler::Schedule evaluate_tree(const Workload& workload, const Architecture& arch,
                                  const LoopTree& tree,
                                  cost::LatencyModel model = cost::LatencyModel::overlapped);

}  // namespace tileloom::driver
