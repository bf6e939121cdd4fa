#pragma once
#include "tileloom/driver/network.hpp"
#include "tileloom/scheduler/exact/exact.hpp"

namespace tileloom::driver {

/// News of fusion: distinct ranges of operators searched.
using OnFusionProgress = std::function<void(std::size_t done, std::size_t all)>;

/// Schedules the workload layer by layer, then with the best stacks found by scheduler/exact.
Result<scheduler::FusedSchedule> schedule_fused(const Workload& workload, const Architecture& arch,
                                                const SearchRequest& request,
                                                const scheduler::ExactFusionOptions& options,
                                                const scheduler::OnNetworkProgress& on_progress,
                                                const OnFusionProgress& on_fusion);

}  // namespace tileloom::driver
