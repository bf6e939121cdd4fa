#pragma once
// The strategies that DLFusion is compared with, under one evaluator.

#include "tileloom/scheduler/dlfusion/fusion.hpp"

namespace tileloom::scheduler {

/// S0: every unit by itself on one core.
Fusion no_optimisation(BlockTimes& times);
/// S1: every unit by itself, all on the same number of cores: the best such number.
Fusion fixed_cores(BlockTimes& times);
/// S2: every unit by itself on the number of cores that is best for it.
Fusion dynamic_cores(BlockTimes& times);
/// S3: all cores, and blocks as long as they fit.
Fusion all_fused(BlockTimes& times);
/// S4: blocks of the same number of units on the same number of cores: the best such pair.
Fusion fixed_blocks(BlockTimes& times);
/// S6: the paper's oracle. Every way to cut the execution order into blocks of at most four units
/// at the places where one tensor only crosses, each block on 1, a quarter, half or all of the
/// cores. The cuts do not influence one another, so the best is put together from left to right.
Fusion reduced_brute_force(BlockTimes& times);

}  // namespace tileloom::scheduler
