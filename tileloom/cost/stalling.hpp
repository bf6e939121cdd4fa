#pragma once
// Latency model `stalling`: what the lanes wait for with the buffering actually declared.
// docs/cost_model.md 4.2.

#include <span>
#include <vector>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/cost/occupancy.hpp"

namespace tileloom::cost {

/// Replaces the total of model `overlapped` in `latency` by that of model `stalling`, never
/// smaller, and says where the difference goes.
void add_stalls(const Operator& op, const Architecture& arch, std::span<const PathNode> path,
                const PathCounts& counts, const std::vector<StoreWidth>& widths, Latency& latency);

}  // namespace tileloom::cost
