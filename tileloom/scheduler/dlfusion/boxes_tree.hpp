#pragma once
// A block whose operators run by themselves in boxes of their own ranks (M9), as a loop tree.

#include "tileloom/cost/block_plan.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::scheduler {

/// A Sequence of single paths: loops over cores share out the output's boxes rank by rank, every
/// core takes its boxes one after the other, each in the steps of its sum.
LoopTree boxes_tree(const Workload& workload, std::int64_t images, const Architecture& arch,
                    const NetworkField& field, const Block& block, const cost::BlockPlan& plan);

}  // namespace tileloom::scheduler
