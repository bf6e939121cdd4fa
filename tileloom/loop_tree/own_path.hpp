#pragma once
#include <span>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom {

/// What of the nodes above a leaf concerns its operator (its loops, and the Stores of its operands'
/// tensors), then the leaf's own nodes, all of them.
std::vector<PathNode> own_path(const Workload& workload, std::span<const PathNode> above,
                               const LeafPath& leaf);

}  // namespace tileloom
