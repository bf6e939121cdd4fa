#pragma once
// What a pipeline is made of.

#include <span>
#include <vector>

#include "tileloom/cost/block_plan.hpp"

namespace tileloom::cost {

/// A block and how the cores of its group run it; a plan without boxes.
struct PipelineStage {
  Block block;
  BlockPlan plan;
  bool operator==(const PipelineStage&) const = default;
};

/// The stages before `s` that write a tensor which `s` reads.
std::vector<std::size_t> stages_before(std::span<const PipelineStage> stages, std::size_t s);

}  // namespace tileloom::cost
