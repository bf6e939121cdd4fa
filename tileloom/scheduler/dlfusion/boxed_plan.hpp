#pragma once
// The plan for a unit by itself that no cut along the split axes makes small or frugal enough.

#include "tileloom/cost/boxed_operator.hpp"
#include "tileloom/scheduler/dlfusion/plans.hpp"

namespace tileloom::scheduler {

/// Every operator of the block by itself, in boxes of its own ranks: halved, the rank first that
/// then leaves the least product of traffic and room, until a box fits, on until the boxes of the
/// output are as many as the cores, and further while that saves cycles. Absent if even boxes of one point do not fit.
std::optional<BlockChoice> boxed_plan(const cost::MulticoreMachine& machine,
                                      const Workload& workload, const cost::NetworkWork& network,
                                      const Block& block, std::int64_t cores);

}  // namespace tileloom::scheduler
