#pragma once
// A stack on several cores: loops over cores above everything else of it give every core a share of
// the last operator, and each core runs the rest for itself. docs/cost_model.md 9.6.

#include <functional>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/loop_tree/fused_stack.hpp"

namespace tileloom {

/// True if loops in space stand above the Sequence.
bool on_cores(const FusedStack& stack);

/// What one core runs: the stack without its loops over cores, of a workload in which the last
/// operator is restricted to the core's share. Loops are no larger than what there is to divide.
using VisitCore = std::function<void(const Workload&, const FusedStack&)>;

/// Visits the cores of a stack in the order of its loops; a stack without loops over cores as it is.
void for_each_core(const Workload& workload, const FusedStack& stack, const VisitCore& visit);

/// The Π trips of its loops over cores.
std::int64_t cores_of(const Workload& workload, const FusedStack& stack);

/// True if no memory stands between axes of cores.
bool one_level_of_cores(const Architecture& arch);

}  // namespace tileloom
