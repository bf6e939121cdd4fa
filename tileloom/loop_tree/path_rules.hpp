#pragma once
// The rules of docs/cost_model.md 1.6 that one path must obey by its structure: 1 to 5 and 7.

#include <span>
#include <string>
#include <vector>

#include "tileloom/loop_tree/check.hpp"

namespace tileloom {

/// One leaf of a tree with the nodes above it that concern it.
struct CheckedPath {
  const Workload& workload;
  const Architecture& arch;
  OperatorId op;
  std::span<const PathNode> path;
  bool fused = false;  ///< below the loops of a stack, whose rules say where homes stand
};

/// The structural rules the path breaks; an illegal path is described as far as it makes sense.
std::vector<Violation> broken_rules(const CheckedPath& at);

/// A node as a statement of the text form, in quotation marks.
std::string quote(const CheckedPath& at, const PathNode& node);

}  // namespace tileloom
