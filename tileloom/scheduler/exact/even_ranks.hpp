#pragma once
// Ranks whose tiles neither overlap nor leave gaps, in any tensor of a stack: what a tiling of such
// ranks costs depends on how many tiles there are, not on where they end. docs/cost_model.md 9.8

#include <optional>
#include <vector>

#include "tileloom/loop_tree/fused_stack.hpp"

namespace tileloom::scheduler::exact {

/// Per tensor of the stack the axis along which the needs of single indices follow each other;
/// absent where all need the same.
using EvenRank = std::vector<std::optional<std::size_t>>;

/// Absent if tiles of this rank of the last operator overlap in a tensor, leave something out, or
/// are not cut along one axis of it.
std::optional<EvenRank> even_rank(const Workload& workload, const FusedStack& stack, RankId rank);

/// Whether two ranks cut no tensor along the same axis.
bool apart(const EvenRank& a, const EvenRank& b);

}  // namespace tileloom::scheduler::exact
