#pragma once
// One run of a child of a fused stack as the path of an operator of its own: everything known of
// single paths holds for it. docs/cost_model.md 9.2.

#include <vector>

#include "tileloom/loop_tree/fused_plan.hpp"

namespace tileloom {

/// The operator restricted to a part of its iteration space: ranks begin at 0, offsets are moved
/// along, so that the same elements are read and written at the same points.
Operator restricted(const Operator& op, const RankBox& run);

/// The same for counting only: axes that the run does not see to their ends are cut to what it
/// sees, so that runs that differ only in their place are equal.
Operator normalised(const Operator& op, const RankBox& run);

/// What tells runs of one operator apart that count differently: lengths, and where an axis is cut
/// by its ends. Equal for runs that are equal once normalised.
std::vector<std::int64_t> run_class(const Operator& op, const RankBox& run);

/// The path of a run of the child: as homes the innermost Stores of the stack, then its own nodes,
/// no tile larger than what there is to divide.
std::vector<PathNode> run_path(const Workload& workload, const FusedStack& stack, std::size_t child,
                               const Operator& restricted);

/// The nodes of the stack's path that are the homes of a child's runs, in path order.
std::vector<std::size_t> run_homes(const Workload& workload, const FusedStack& stack,
                                   std::size_t child);

}  // namespace tileloom
