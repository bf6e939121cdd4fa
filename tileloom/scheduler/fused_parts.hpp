#pragma once
// What every scheduler of stacks needs: runs of a stack mapped, parts put together.

#include <functional>
#include <map>

#include "tileloom/loop_tree/fused_plan.hpp"
#include "tileloom/scheduler/fused_schedule.hpp"
#include "tileloom/scheduler/mapped_runs.hpp"

namespace tileloom::scheduler {

/// The run of a child that occurs most often; of several the first. Absent if it never runs.
std::optional<RankBox> most_frequent_run(const FusedPlan& plan, std::size_t child);

/// Where the tensors of a child live on the stack's path, and what is left for its own Stores.
struct RunPlace {
  std::map<TensorId, MemoryId> homes;     ///< the innermost memory of each
  std::map<MemoryId, std::int64_t> room;  ///< bits that its Stores may take where others live too
};

/// Maps runs of operators below the Stores of a stack. Equal runs are mapped once.
class PlacedRunMapper {
 public:
  PlacedRunMapper(const NetworkProblem& problem, const mapper::Mapper& mapper, const Budget& budget)
      : problem_(problem), runs_(problem, mapper, budget) {}

  /// The path below the homes for runs of these lengths: first a loop per rank that is not whole,
  /// then what the mapper found. Absent if it found nothing.
  std::optional<std::vector<PathNode>> path(OperatorId op, const RankBox& run,
                                            const RunPlace& place);

 private:
  Architecture inner(const Operator& part, const RunPlace& place) const;

  const NetworkProblem& problem_;
  MappedRuns runs_;
};

/// An operator on its own as in the schedule layer by layer; it has a mapping.
StackPart part_alone(const Schedule& layer_by_layer, OperatorId op);

/// All homes, then the parts in order.
LoopTree tree_of(const Workload& workload, const Schedule& layer_by_layer,
                 const std::vector<StackPart>& parts);

/// Appends the parts' sum, the whole tree, and the rules it breaks as reasons.
void close_schedule(FusedSchedule& schedule, const NetworkProblem& problem);

}  // namespace tileloom::scheduler
