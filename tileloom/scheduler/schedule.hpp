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
  std::vector<Layer> layers;  ///< in execution order
  Proof proof = Proof::budget_spent;
  Cycles latency{};
  Picojoules energy{};
  cost::LowerBound bound;  ///< Σ of the layers' bounds (layer by layer)
  std::optional<Pipeline> pipeline;
};

}  // namespace tileloom::scheduler
