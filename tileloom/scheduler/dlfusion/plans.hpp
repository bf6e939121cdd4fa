#pragma once
// The ways to run a block on a given number of cores, and the best of them.

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "tileloom/cost/block_cost.hpp"

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

/// Core counts that are tried: powers of two and all of them.
std::vector<std::int64_t> core_counts(std::int64_t cores);

/// How the parts for `cores` cores may be laid out: rows; a grid of rows and columns; batch; batch
/// and rows; output channels; channels and rows. Axes that would leave cores without work are left
/// out unless nothing else remains.
std::vector<PerSplit<std::int64_t>> layouts(const cost::NetworkWork& network, const Block& block,
                                            std::int64_t cores);

/// The best plan that takes fewer than `beat` cycles over layouts, tiles per core (doubled from one
/// until it fits, and on while it gets faster), resident or streamed weights, and, where the
/// machine can, halos exchanged. Absent if none fits. `evaluations` counts plans.
std::optional<BlockChoice> best_plan(cost::BlockEvaluator& evaluator,
                                     const cost::MulticoreMachine& machine,
                                     const cost::NetworkWork& network, std::int64_t cores,
                                     double beat, std::int64_t& evaluations);

/// What every plan of a block has to compute and move.
struct BlockBound {
  double compute = 0;             ///< cycles of one core
  double activations = 0;         ///< bits in and out
  double weights = 0;             ///< bits
  bool weights_per_core = false;  ///< every core reads all of them: channels cannot be divided
};
BlockBound block_bound(const cost::MulticoreMachine& machine, const cost::NetworkWork& network,
                       const Block& block);

/// No plan of the block takes fewer cycles on so many cores: dispatch, and the longer of the
/// operators on perfectly divided lanes and the traffic of the bound over all channels.
double least_cycles(const cost::MulticoreMachine& machine, const BlockBound& bound,
                    std::int64_t cores);

}  // namespace tileloom::scheduler
