#pragma once
#include "tileloom/driver/network.hpp"
#include "tileloom/scheduler/exact/exact.hpp"

namespace tileloom::driver {

/// News of fusion: distinct ranges of operators searched.
using OnFusionProgress = std::function<void(std::size_t done, std::size_t all)>;

/// A scheduler of stacks: the problem, the mapper of runs, the schedule layer by layer.
using Fuse = std::function<Result<scheduler::FusedSchedule>(
    const scheduler::NetworkProblem&, const mapper::Mapper&, const scheduler::Schedule&)>;

/// Schedules the workload layer by layer, then as `fuse` does; an overflow on the way is a mistake.
Result<scheduler::FusedSchedule> fuse_after_layers(
    const Workload& workload, const Architecture& arch, const SearchRequest& request,
    const scheduler::OnNetworkProgress& on_progress, const Fuse& fuse);

/// Schedules the workload layer by layer, then with the best stacks found by scheduler/exact.
Result<scheduler::FusedSchedule> schedule_fused(const Workload& workload, const Architecture& arch,
                                                const SearchRequest& request,
                                                const scheduler::ExactFusionOptions& options,
                                                const scheduler::OnNetworkProgress& on_progress,
                                                const OnFusionProgress& on_fusion);

}  // namespace tileloom::driver
