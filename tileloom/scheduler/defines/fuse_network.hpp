#pragma once
// DeFiNES on a common workload and architecture: its stacks as loop trees, under the common cost
// model.

#include <functional>

#include "tileloom/scheduler/defines/options.hpp"
#include "tileloom/scheduler/fused_schedule.hpp"
#include "tileloom/scheduler/network_problem.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::scheduler::defines {

struct FusionOptions {
  Options model;
  std::vector<Mode> modes{kModes.begin(), kModes.end()};
  std::int64_t most_tiles = 4096;       ///< of a stack; a tree counts every one
  std::size_t tried = 8;                ///< points of each segment that become trees
  std::int64_t run_evaluations = 1000;  ///< of the mapper of runs, per distinct run
};

/// Tile sizes worth a look on one axis of a map: 1, 4, 16, 64, … and the whole, its half, quarter.
std::vector<std::int64_t> tile_sizes(std::int64_t full);

/// Cuts the workload into networks DeFiNES can tile (common_network), sweeps each over tile sizes
/// and modes under DeFiNES' own model, and makes loop trees of the best points: one tile and mode
/// for all stacks of a network, as in the paper. Of these the one that is best under the common
/// model is kept; a stack that is no legal tree or costs more than its layers on their own is left
/// to them. `StackPart::own` says what DeFiNES' model says of a stack. A mistake if DeFiNES has no
/// such machine.
Result<FusedSchedule> fuse_network(
    const NetworkProblem& problem, const mapper::Mapper& run_mapper, const scheduler::Schedule& layer_by_layer,
    const FusionOptions& options, const Budget& budget,
    const std::function<void(std::size_t done, std::size_t all)>& progress);

}  // namespace tileloom::scheduler::defines
