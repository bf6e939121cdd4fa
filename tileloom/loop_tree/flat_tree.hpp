#pragma once
// A tree as the checker looks at it: its leaves in the order of their turns, and what stands above
// several of them.

#include <optional>
#include <vector>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/fused_stack.hpp"

namespace tileloom {

struct FlatTree {
  /// A leaf with the Stores above its sequence that concern it, then its own path.
  struct Leaf {
    OperatorId op{};
    std::vector<PathNode> path;
    std::size_t turn = 0;               ///< leaves of one Parallel take the same turn
    std::optional<std::size_t> stack;   ///< the fused stack it belongs to
    std::optional<std::size_t> branch;  ///< the child of a Parallel it stands in
  };

  /// A fused stack with what is known of it when the tree has been read.
  struct Stack {
    FusedStack stack;
    std::size_t turn = 0;  ///< of its first leaf
    bool sound = true;     ///< obeys the rules of stacks
  };

  /// A child of a Parallel.
  struct Branch {
    const LoopTree* tree = nullptr;
    std::vector<PathNode> homes;  ///< above it
  };

  /// A Store above a sequence: a home that lives from the first leaf that uses it to the last.
  struct Home {
    Store store;
    std::size_t first = 0;
    std::size_t last = 0;
    bool used = false;
  };

  std::vector<Leaf> leaves;
  std::vector<Home> homes;
  std::vector<Stack> stacks;
  std::vector<Branch> branches;
  std::vector<Violation> violations;  ///< of rules about what may stand above what, and of stacks
};

/// Of a tree whose ids exist. It points into `tree`.
FlatTree flat_tree(const Workload& workload, const Architecture& arch, const LoopTree& tree);

}  // namespace tileloom
