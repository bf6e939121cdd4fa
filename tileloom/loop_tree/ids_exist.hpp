#pragma once
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom {

/// True if every id in the tree exists; nothing else can be said about one that does not.
bool ids_exist(const Workload& workload, const Architecture& arch, const LoopTree& tree);

}  // namespace tileloom
