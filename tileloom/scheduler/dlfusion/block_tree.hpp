#pragma once
// Blocks on several cores as loop trees: docs/cost_model.md 9.6 and 9.7.

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/scheduler/dlfusion/pipelined.hpp"

namespace tileloom::scheduler {

/// A schedule of blocks as a loop tree of `workload`: the network, repeated for the images of a
/// batch (workload/repeat).
struct ScheduleTree {
  Workload workload;
  std::optional<LoopTree> tree;       ///< that obeys all rules
  std::vector<Violation> violations;  ///< else those that the tree would break
};

/// The blocks one after the other, one image.
ScheduleTree tree_of(const FusionProblem& problem, const Architecture& arch, const Fusion& fusion);

/// The segments one after the other, all images: a pipeline is a Parallel of its stages, each with
/// a loop over the images; a block that is launched for every image has that loop, too, so that
/// weights that stay are read once.
ScheduleTree tree_of(const FusionProblem& problem, const Architecture& arch,
                     const Pipelined& schedule);

/// One block: loops over cores, images and tiles above a Sequence of its operators. Inputs, results
/// and what is made inside live in the core's memory and are fetched or computed anew for every
/// tile; weights live there, too, or are fetched in pieces by every operator that needs them.
/// @param workload  with `images` images
LoopTree block_tree(const Workload& workload, std::int64_t images, const NetworkField& field,
                    const Architecture& arch, const Block& block, const cost::BlockPlan& plan);

}  // namespace tileloom::scheduler
