#pragma once
// A stack of DeFiNES as a loop tree: docs/cost_model.md, section 9.

#include "tileloom/scheduler/defines/common_network.hpp"
#include "tileloom/scheduler/defines/exploration.hpp"
#include "tileloom/scheduler/fused_parts.hpp"

namespace tileloom::scheduler::defines {

/// What a stack's tree is made from.
struct StackSource {
  const NetworkProblem& problem;
  const Exploration& exploration;  ///< of `segment` on the problem's architecture
  const Segment& segment;
};

/// The stack as a loop tree, and its cost. The loops and Stores above the Sequence, with memories as
/// the tile type that occurs most was given them:
///     weights            above both loops, unless they stay in the outermost memory
///     fully recompute    below both loops, `keep same`
///     H cached           below both, `keep overlap`; if the columns live further out: there, and
///                        the tile below with `keep same`
///     fully cached       the same below a Store between y and x in the memory of the rows; the
///                        stack's inputs with or without it, whichever is better
/// What a memory may not hold for one of its users, or has no room for (the tree counts more exactly
/// than DeFiNES), moves to the next memory outwards, the largest first. Runs are mapped by `runs`.
/// Absent if the stack is not legal as a tree (something outside needs more of it than its tiles
/// compute), nothing fits, or a layer has no mapping.
std::optional<StackPart> stack_part(const StackSource& source, const StackRun& run, Mode mode,
                                    PlacedRunMapper& runs);

}  // namespace tileloom::scheduler::defines
