#pragma once
// A stack of operators under common tile loops: loops above a Sequence. docs/cost_model.md,
// section 9.

#include <optional>
#include <span>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom {

/// The part of a tree whose loops stand above a Sequence of single paths.
struct FusedStack {
  /// Outermost first: the homes above outer sequences that its operators use, then its own nodes.
  std::vector<PathNode> path;
  std::size_t homes = 0;           ///< how many of them come from outside
  std::vector<LeafPath> children;  ///< in order, each with its own nodes only
  /// The last child: every loop above the Sequence is over its ranks.
  OperatorId driver() const { return children.back().op; }
};

/// True if a loop of the tree's own path stands above a Sequence.
bool is_fused(const LoopTree& tree);

/// True if every operator of the tree runs by itself, one after the other: no loop above a Sequence,
/// no Parallel.
bool is_layer_by_layer(const LoopTree& tree);

/// The stack of a fused tree below `homes`; children that are no single paths are left out.
FusedStack fused_stack(const Workload& workload, const LoopTree& tree,
                       std::span<const PathNode> homes);

/// What a tensor is to a stack.
enum class StackRole : std::uint8_t {
  external,  ///< made elsewhere: weights, inputs, results of operators outside
  internal,  ///< written and read inside
  result     ///< written by the last operator, read by none inside
};

struct StackTensor {
  TensorId tensor{};
  StackRole role = StackRole::external;
  bool used_outside = false;          ///< written inside and needed after the stack
  std::vector<std::int64_t> extents;  ///< of its first writer's view, else its first reader's
  std::vector<std::size_t> stores;    ///< nodes of FusedStack::path that hold it, outermost first
  std::vector<std::size_t> writers;   ///< children
  std::vector<std::size_t> readers;   ///< children
};

/// The tensors of the stack, results and intermediates in the order of their writers, then the
/// external ones in the order of their readers.
std::vector<StackTensor> stack_tensors(const Workload& workload, const FusedStack& stack);

/// The loops of the stack's path, outermost first.
std::vector<Loop> stack_loops(const FusedStack& stack);
/// Loops above node `node` of the stack's path.
std::size_t depth(const FusedStack& stack, std::size_t node);

}  // namespace tileloom
