#pragma once
// The best way to cut a network into stacks.

#include <functional>

#include "tileloom/scheduler/chains.hpp"
#include "tileloom/scheduler/fused_schedule.hpp"
#include "tileloom/scheduler/network_problem.hpp"

namespace tileloom::scheduler {

struct ExactFusionOptions {
  std::size_t deepest = 8;              ///< operators in a stack
  std::int64_t run_evaluations = 1000;  ///< of the mapper of runs, per distinct run
  std::size_t patience = 6;  ///< of the largest tiles of a stack, so many in a row may be no better
  chains::Aim aim = chains::Aim::none;  ///< minimised before the problem's objective
  bool each_edge = false;               ///< try an overlap of its own for each edge of a stack
  bool near_boundaries = true;          ///< also between parts in the memory of activations
  bool front = false;                   ///< also find all best compromises
  bool front_traffic = false;           ///< they weigh bits through the outermost memory, too
  bool front_memory = false;            ///< and bits in the memories inside it
  /// The operators on their own, mapped for other objectives: every part may be one of these.
  std::vector<Schedule> alternatives = {};
};

/// Chooses stacks, their tilings and overlaps by dynamic programming over cuts of the workload's
/// order of operators, with all (energy, latency) pairs that no other beats; operators on their own
/// as in `layer_by_layer`. `run_mapper` maps the runs of stacks. README.md states the space.
FusedSchedule exact_fusion(const NetworkProblem& problem, const mapper::Mapper& run_mapper,
                           const Schedule& layer_by_layer, const ExactFusionOptions& options,
                           const Budget& budget,
                           const std::function<void(std::size_t done, std::size_t all)>& progress);

}  // namespace tileloom::scheduler
