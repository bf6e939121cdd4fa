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
  std::string tiling;                          ///< of a fused stack, in words; or of a single
                                               ///< operator not mapped as layer by layer
  Cycles latency{};                            ///< with the dispatch
  Picojoules energy{};
  std::optional<OwnCost> own;  ///< of the same stack
};

/// A schedule that no other one beats in all that a front weighs.
struct FrontPoint {
  Cycles latency{};
  Picojoules energy{};
  double home_bits = 0;   ///< through the outermost memory, if weighed
  double inner_bits = 0;  ///< most bits in the memories inside it, if weighed
  std::string stacks;     ///< its parts that are not as layer by layer, a line each
};

/// Best compromises of energy and latency and, if asked for, traffic and memory.
struct FusedFront {
  std::vector<FrontPoint> points;  ///< fastest first; each a tree that was checked
  bool traffic = false;
  bool memory = false;
  std::size_t found = 0;  ///< compromises there are; `points` are some, evenly chosen, if many
  double factor = 1;      ///< no schedule of the space beats all that were found by more than this
};

struct FusedSchedule {
  std::string method = "exact";
  Schedule layer_by_layer;  ///< what every operator costs on its own
  bool compared = true;     ///< with `layer_by_layer`; else that holds the parts of one operator only
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
  std::optional<FusedFront> front;   ///< if the objective asks for it; the parts are of least EDP
};

}  // namespace tileloom::scheduler
