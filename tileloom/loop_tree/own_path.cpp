#include "tileloom/loop_tree/own_path.hpp"

#include <algorithm>
#include <iterator>

#include "tileloom/loop_tree/boxes.hpp"

namespace tileloom {

std::vector<PathNode> own_path(const Workload& workload, std::span<const PathNode> above,
                               const LeafPath& leaf) {
  const Operator& op = workload.operators[leaf.op];
  std::vector<PathNode> path;
  std::ranges::copy_if(above, std::back_inserter(path), [&](const PathNode& node) {
    const Store* store = std::get_if<Store>(&node);
    return store != nullptr ? find_operand(op, store->tensor) != nullptr
                            : std::get<Loop>(node).op == leaf.op;
  });
  path.insert(path.end(), leaf.path.begin(), leaf.path.end());
  return path;
}

}  // namespace tileloom
