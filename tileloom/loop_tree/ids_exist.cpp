#include "tileloom/loop_tree/ids_exist.hpp"

#include <algorithm>

namespace tileloom {

bool ids_exist(const Workload& workload, const Architecture& arch, const LoopTree& tree) {
  const auto op_exists = [&](OperatorId op) { return index(op) < workload.operators.size(); };
  for (const PathNode& node : tree.path) {
    if (const Store* store = std::get_if<Store>(&node)) {
      if (index(store->tensor) >= workload.tensors.size()) return false;
      if (index(store->memory) >= arch.memories.size()) return false;
      continue;
    }
    const Loop& loop = std::get<Loop>(node);
    if (!op_exists(loop.op)) return false;
    if (index(loop.rank) >= workload.operators[loop.op].ranks.size()) return false;
    if (loop.axis && index(*loop.axis) >= arch.axes.size()) return false;
  }
  if (const ComputeLeaf* leaf = std::get_if<ComputeLeaf>(&tree.tail)) return op_exists(leaf->op);
  const Sequence* sequence = std::get_if<Sequence>(&tree.tail);
  return std::ranges::all_of(
      sequence != nullptr ? sequence->children : std::get<Parallel>(tree.tail).children,
      [&](const LoopTree& child) { return ids_exist(workload, arch, child); });
}

}  // namespace tileloom
