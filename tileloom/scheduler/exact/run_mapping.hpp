#pragma once
// How one operator of a stack is mapped below the memories in which tiles live.

#include <optional>
#include <vector>

#include "tileloom/loop_tree/fused_plan.hpp"
#include "tileloom/scheduler/mapped_runs.hpp"

namespace tileloom::scheduler::exact {

/// The memories a stack uses: tiles of activations live in one, weights in one.
struct StackMemories {
  MemoryId home{};         ///< the outermost: of everything that enters or leaves a stack
  MemoryId activations{};  ///< the outermost memory on the machine that holds inputs and outputs
  MemoryId weights{};      ///< the outermost that holds weights; if there is none, `home`: runs fetch
};

/// Absent if no memory besides the outermost holds activations and is shared by all lanes.
std::optional<StackMemories> stack_memories(const Architecture& arch);

/// Maps runs: operators restricted to a box, homes in the memories of the stack. Equal runs are
/// mapped once; may be used from several threads.
class RunMapper {
 public:
  RunMapper(const NetworkProblem& problem, const mapper::Mapper& mapper, const Budget& budget,
            const StackMemories& memories);

  /// The path below the homes for runs of these lengths: first a loop per rank that is not whole,
  /// then what the mapper found. Absent if it found nothing.
  std::optional<std::vector<PathNode>> path(OperatorId op, const RankBox& run);

  /// The machine on which runs are mapped.
  const Architecture& machine() const { return inner_; }
  /// Whether inputs and results of runs have their homes in this memory of the whole machine.
  bool homes_are(MemoryId activations) const;

 private:
  const NetworkProblem& problem_;
  MappedRuns runs_;
  Architecture inner_;           ///< the machine without the memories outside, but for the weights'
  std::vector<MemoryId> outer_;  ///< the memory of `arch` by that of `inner_`
};

}  // namespace tileloom::scheduler::exact
