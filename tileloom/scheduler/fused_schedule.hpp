#pragma once
// A schedule in which some operators run fused: stacks one after the other.

#include <optional>
#include <string>
#include <vector>

#include "tileloom/cost/fused_evaluate.hpp"
#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::scheduler {

/// Cost under a model of the method's own, which is not the common one.
struct OwnCost {
  Cycles latency{};
  Picojoules energy{};
};

/// Operators that run under common loops, or one operator on its own.
struct StackPart {
  std::vector<OperatorId> operators;
  /// Below the homes of a network's tree: a fused tree, or the operator's path without its homes.
  LoopTree tree;
  std::optional<cost::FusedEvaluation> fused;  ///< absent for one operator on its own
  std::string tiling;                          ///< of a fused stack, in words
  Cycles latency{};                            ///< with the dispatch
  Picojoules energy{};
  std::optional<OwnCost> own;  ///< of the same stack
};

struct FusedSchedule {
  std::string method = "exact";
  Schedule layer_by_layer;  ///< what every operator costs on its own
  std::vector<StackPart> parts;
  Cycles latency{};
  Picojoules energy{};
  Proof proof = Proof::budget_spent;
  std::string space;                 ///< in which `proof` holds
  cost::LowerBound bound;            ///< of any schedule whatever
  std::int64_t evaluations = 0;      ///< fused stacks evaluated
  std::optional<LoopTree> tree;      ///< the whole, checked; absent if an operator has no mapping
  std::vector<std::string> reasons;  ///< why the whole is infeasible
  std::vector<std::string> notes;    ///< what the method left out, and where its model differs
};

}  // namespace tileloom::scheduler
