#pragma once
// The one representation of a schedule. What a tree means is defined in docs/cost_model.md,
// section 1.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/support/id.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom {

/// Iterates a rank of an operator in steps of `tile`. The trip count is ⌈extent / tile⌉, where
/// extent is the (possibly partial) tile of the enclosing loop over the same rank; the last trip
/// may be partial.
struct Loop {
  OperatorId op{};
  RankId rank{};
  std::int64_t tile = 1;
  std::optional<AxisId> axis;  ///< spatial along this axis; absent = temporal
  bool operator==(const Loop&) const = default;
};

/// What stays in a buffer when its box moves.
enum class Keep : std::uint8_t {
  overlap,  ///< the elements that the new box shares with the previous one
  same      ///< everything if the box does not change at all, else nothing
};

/// From here inward the current tile of `tensor` lives in `memory`.
struct Store {
  TensorId tensor{};
  MemoryId memory{};
  Keep keep = Keep::overlap;
  /// One copy in a double-buffered memory, too: nothing arrives there while it is in use.
  bool single = false;
  bool operator==(const Store&) const = default;
};

/// One point of the operator's iteration space.
struct ComputeLeaf {
  OperatorId op{};
  bool operator==(const ComputeLeaf&) const = default;
};

struct LoopTree;

/// Children run one after the other inside the enclosing loops: fusion.
struct Sequence {
  std::vector<LoopTree> children;
  bool operator==(const Sequence&) const = default;
};

/// Children run at the same time on disjoint hardware. One may read what an earlier one writes if
/// both take the same images one after the other: a pipeline.
struct Parallel {
  std::vector<LoopTree> children;
  bool operator==(const Parallel&) const = default;
};

using PathNode = std::variant<Loop, Store>;

/// A tree is a path of loops and stores from the outside in, ending in a leaf or a branching.
struct LoopTree {
  std::vector<PathNode> path;
  std::variant<ComputeLeaf, Sequence, Parallel> tail;
  bool operator==(const LoopTree&) const = default;
};

/// True if the tree is one path that ends in a leaf: the mapping of a single operator.
bool is_single_path(const LoopTree& tree);

/// Visits every leaf with the path nodes above it, outermost first.
struct LeafPath {
  OperatorId op{};
  std::vector<PathNode> path;
};
std::vector<LeafPath> leaf_paths(const LoopTree& tree);

}  // namespace tileloom
