#pragma once
// Which elements a fused stack needs, holds and computes in every iteration, element by element.
// docs/cost_model.md 9.2; knows nothing of loop_tree/fused_plan but the type of a run.

#include <vector>

#include "tileloom/loop_tree/fused_plan.hpp"

namespace tileloom::reference {

/// One flag per element of a tensor.
using ElementSet = std::vector<char>;

struct FusedSets {
  std::vector<StackTensor> tensors;
  std::size_t iterations = 0;
  std::vector<std::size_t> moved;                       ///< outermost loop that went on
  std::vector<std::vector<std::vector<RankBox>>> runs;  ///< [child][iteration]
  std::vector<std::vector<ElementSet>> written;         ///< [child][iteration]
  /// [tensor][child][iteration]: what a reader reads; no iterations if it is none.
  std::vector<std::vector<std::vector<ElementSet>>> read;
  std::vector<std::vector<ElementSet>> need;   ///< [tensor][iteration]
  std::vector<std::vector<ElementSet>> boxes;  ///< [node of the path][iteration]
};

FusedSets fused_sets(const Workload& workload, const FusedStack& stack);

}  // namespace tileloom::reference
