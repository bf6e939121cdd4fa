#pragma once
// How one core runs one operator: weights in pieces, lanes, and then point by point.

#include "tileloom/cost/block_plan.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::scheduler {

/// The memories of a machine as blocks see it: the one above the cores, and inside a core those of
/// activations and of weights (cost/multicore_machine).
struct BlockMemories {
  MemoryId shared{};
  std::optional<MemoryId> activations;
  std::optional<MemoryId> weights;
  std::size_t above = 1;  ///< memories outside the cores
};
BlockMemories block_memories(const Architecture& arch);
/// The one inside a core for operands of a role.
std::optional<MemoryId> room_of(const BlockMemories& memories, Role role);

/// The path of an operator in a core of which the largest part has `lengths` per rank: `pieces` of
/// weights if they stream in (0: they are there already), each stored before its use; loops on the
/// axes of lanes; then every rank down to 1.
/// @param extents  what the loops above leave of each rank
std::vector<PathNode> child_path(const Workload& workload, const Architecture& arch, OperatorId op,
                                 std::optional<RankId> channels,
                                 const std::vector<std::int64_t>& lengths,
                                 const std::vector<std::int64_t>& extents, std::int64_t pieces);

}  // namespace tileloom::scheduler
