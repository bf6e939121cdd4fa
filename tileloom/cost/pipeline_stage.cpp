#include "tileloom/cost/pipeline_stage.hpp"

#include <algorithm>

namespace tileloom::cost {

std::vector<std::size_t> stages_before(std::span<const PipelineStage> stages, std::size_t s) {
  std::vector<std::size_t> before;
  const std::vector<TensorId>& inputs = stages[s].block.inputs;
  for (std::size_t b = 0; b < s; ++b) {
    const bool feeds = std::ranges::any_of(stages[b].block.outputs, [&](TensorId made) {
      return std::ranges::find(inputs, made) != inputs.end();
    });
    if (feeds) before.push_back(b);
  }
  return before;
}

}  // namespace tileloom::cost
