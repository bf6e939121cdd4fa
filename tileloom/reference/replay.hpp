#pragma once
// The machine of latency model `stalling`, event by event: docs/cost_model.md 4.2, "The machine".
// It knows no closed form: what moves at every step comes from executing the path.

#include <span>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::reference {

/// Cycles from the first fill to the last drain of one operator's path.
double replay_path(const Operator& op, const Architecture& arch, std::span<const PathNode> path);

}  // namespace tileloom::reference
