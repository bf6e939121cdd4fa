#pragma once
// Fusion and core count together: every strategy on one network and one machine, under one
// evaluator. DLFusion (Liu et al., 2020) beside its rivals and the true optimum.

#include <functional>

#include "tileloom/scheduler/dlfusion/calibration.hpp"
#include "tileloom/scheduler/dlfusion/fusion.hpp"
#include "tileloom/scheduler/dlfusion/greedy.hpp"
#include "tileloom/scheduler/dlfusion/optimum.hpp"

namespace tileloom::scheduler {

struct DlfusionOptions {
  GreedyOptions greedy;
  OptimumOptions optimum;
  /// Makes the back end of one strategy, which counts its plans; empty = the cost model's.
  std::function<TimeBlock(std::int64_t& plans)> back_end;
  std::function<double()> now;                          ///< seconds since some moment; may be empty
  std::function<void(const std::string&)> on_strategy;  ///< before each strategy; may be empty
};

/// The strategies in the order of the paper's comparison: none, fixed_cores, dynamic_cores,
/// all_fused, fixed_blocks, dlfusion, brute_force, optimal. Each asks a back end of its own, so
/// that evaluations can be compared.
std::vector<Fusion> compare_strategies(const FusionProblem& problem, const Calibration& calibration,
                                       const DlfusionOptions& options, const Budget& budget);

/// Says for every block why it ends where it does: what it would cost to go on by one unit.
void explain_boundaries(BlockTimes& times, Fusion& fusion);

}  // namespace tileloom::scheduler
