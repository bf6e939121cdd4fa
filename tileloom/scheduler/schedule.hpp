#pragma once
// The schedule of a network: one answer per operator, and what they add up to.

#include <string>
#include <vector>

#include "tileloom/cost/bounds.hpp"
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::scheduler {

/// One operator's part.
struct Layer {
  OperatorId op{};
  mapper::MapResult result;
  cost::LowerBound bound;             ///< of any mapping (cost/bounds)
  std::optional<OperatorId> same_as;  ///< solved once: the identical operator it was copied from
  bool from_cache = false;
  Cycles dispatch{};  ///< beside its own latency (L10); 0 without a mapping
  double seconds = 0;  ///< the search took; of the original for a copy; 0 without a clock
};

/// The layers as stages of a pipeline, each on an accelerator of its own.
struct Pipeline {
  Cycles interval{};         ///< between two results: the cycles of the slowest layer
  OperatorId slowest{};      ///< that layer
  Picojoules first_stage{};  ///< energy of all layers, each as fast as it can be
};

struct Schedule {
  std::string model;  ///< workload name
  std::string architecture;
  cost::Objective objective;
  std::string mapper;
  cost::LatencyModel latency_model = cost::LatencyModel::overlapped;
  std::vector<Layer> layers;  ///< in execution order
  Proof proof = Proof::budget_spent;
  /// Why the whole is infeasible although its layers may not be, with the numbers.
  std::vector<std::string> reasons;
  Cycles latency{};   ///< Σ of the layers' latencies and dispatches
  Cycles dispatch{};  ///< the dispatches among it
  Picojoules energy{};
  cost::LowerBound bound;  ///< Σ of the layers' bounds and launches (layer by layer)
  std::optional<Pipeline> pipeline;
};

/// A schedule is as well proved as its worst part.
Proof weaker(Proof a, Proof b);

/// Appends a layer that has its operator and result; works out its bound and dispatch and adds it
/// to the totals.
void add_layer(Schedule& schedule, const Workload& workload, const Architecture& arch, Layer layer);

}  // namespace tileloom::scheduler
