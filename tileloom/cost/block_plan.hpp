#pragma once
// How a block runs on several cores.

#include <cstdint>
#include <vector>

#include "tileloom/workload/receptive_field.hpp"

namespace tileloom::cost {

/// Along every axis the block's outputs are cut evenly into cores · tiles parts; a core takes
/// `tiles` consecutive parts, one after the other. Each part runs all operators of the block in
/// order, its intermediate results on chip.
struct BlockPlan {
  PerSplit<std::int64_t> cores{{1, 1, 1, 1}};
  PerSplit<std::int64_t> tiles{{1, 1, 1, 1}};
  /// Weights are read once, before the first tile, and stay; else they stream in for every tile.
  bool resident_weights = false;
  /// Streamed weights of an operator arrive in so many pieces (fewer if its lanes need fewer
  /// steps).
  std::int64_t pieces = 8;
  /// What other parts need too comes from them (the machine must have an exchange between cores).
  Halo halo = Halo::recomputed;
  /// If not empty, nothing of the above but the number of cores counts: the operators run one after
  /// the other by themselves, the i-th in boxes of boxes[i][r] values of its rank r. (M9)
  std::vector<std::vector<std::int64_t>> boxes;
  bool operator==(const BlockPlan&) const = default;
};

inline std::int64_t product(const PerSplit<std::int64_t>& values) {
  return values[0] * values[1] * values[2] * values[3];
}
inline std::int64_t cores_used(const BlockPlan& plan) { return product(plan.cores); }
inline std::int64_t tiles_of(const BlockPlan& plan) { return product(plan.tiles); }

}  // namespace tileloom::cost
