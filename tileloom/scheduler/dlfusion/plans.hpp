#pragma once
// The ways to run a block on a given number of cores, and the best of them.

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "tileloom/scheduler/dlfusion/plan_bounds.hpp"

namespace tileloom::scheduler {

/// More cycles than any block takes.
inline constexpr double kNever = std::numeric_limits<double>::infinity();

/// A block's cores, plan and cost.
struct BlockChoice {
  std::int64_t cores = 1;
  cost::BlockPlan plan;
  cost::BlockCost cost;
  double cycles = 0;  ///< as the back end told it (the cost model's: cost.cycles)
};

/// Core counts that are tried: powers of two; all, half and a quarter of them.
std::vector<std::int64_t> core_counts(std::int64_t cores);

/// The layouts of `cores` cores that leave none of them without work and compute no operator twice
/// for being cut by channels.
std::vector<Layout> layouts(const cost::NetworkWork& network, const Block& block,
                            std::int64_t cores);

/// The least extent of the block's outputs along each axis: finer cuts leave cores without work.
Layout output_extents(const cost::NetworkWork& network, const Block& block);

/// Gives each core so many tiles: batch first, then rows, columns and channels; false if so many
/// cannot be.
bool set_tiles(cost::BlockPlan& plan, const Layout& extents, std::int64_t tiles);

/// The best plan that takes fewer than `beat` cycles over layouts, tiles per core (doubled from one
/// until it fits, and on while it gets faster), resident or streamed weights, and, where the
/// machine can, halos exchanged. Absent if none fits. `evaluations` counts plans.
std::optional<BlockChoice> best_plan(cost::BlockEvaluator& evaluator, const PlanBounds& bounds,
                                     const BlockBound& bound, const cost::MulticoreMachine& machine,
                                     const cost::NetworkWork& network, std::int64_t cores,
                                     double beat, std::int64_t& evaluations);

}  // namespace tileloom::scheduler
