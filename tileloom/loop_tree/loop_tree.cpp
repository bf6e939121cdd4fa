#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom {
namespace {

void collect(const LoopTree& tree, std::vector<PathNode> above, std::vector<LeafPath>& leaves) {
  above.insert(above.end(), tree.path.begin(), tree.path.end());
  if (const auto* leaf = std::get_if<ComputeLeaf>(&tree.tail)) {
    leaves.push_back({leaf->op, std::move(above)});
    return;
  }
  const auto* sequence = std::get_if<Sequence>(&tree.tail);
  const std::vector<LoopTree>& children =
      sequence != nullptr ? sequence->children : std::get<Parallel>(tree.tail).children;
  for (const LoopTree& child : children) collect(child, above, leaves);
}

}  // namespace

bool is_single_path(const LoopTree& tree) { return std::holds_alternative<ComputeLeaf>(tree.tail); }

std::vector<LeafPath> leaf_paths(const LoopTree& tree) {
  std::vector<LeafPath> leaves;
  collect(tree, {}, leaves);
  return leaves;
}

}  // namespace tileloom
