#pragma once
#include "tileloom/driver/fusion.hpp"
#include "tileloom/scheduler/defines/fuse_network.hpp"

namespace tileloom::driver {

/// Schedules the workload layer by layer, then with the stacks DeFiNES chooses.
Result<scheduler::FusedSchedule> schedule_defines(const Workload& workload,
                                                  const Architecture& arch,
                                                  const SearchRequest& request,
                                                  const scheduler::defines::FusionOptions& options,
                                                  const scheduler::OnNetworkProgress& on_progress,
                                                  const OnFusionProgress& on_fusion);

}  // namespace tileloom::driver
