#pragma once
#include <span>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::cost {

/// Cycles beside the operator's own latency: to start it and, if its mapping runs on more than one
/// core, to synchronise the cores after it. (L10)
Cycles dispatch(const Operator& op, const Architecture& arch, std::span<const PathNode> path);

}  // namespace tileloom::cost
