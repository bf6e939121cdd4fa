#pragma once
// Every operator on an accelerator of its own, one input after the other streaming through them.

#include "tileloom/mapper/gamma/two_stage.hpp"
#include "tileloom/scheduler/network_problem.hpp"
#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::scheduler {

/// GAMMA's two-stage mode: the slowest layer as fast as it can be, all others as frugal as they can
/// be without becoming slower than it. The objective's two metrics are those of the stages (latency
/// and energy). Identical operators are solved once. `stores`: remembered answers of either
/// stage.
Schedule pipeline(const NetworkProblem& problem, const mapper::GammaOptions& options,
                  const Budget& budget, const mapper::StageStores& stores,
                  const OnNetworkProgress& on_progress);

}  // namespace tileloom::scheduler
