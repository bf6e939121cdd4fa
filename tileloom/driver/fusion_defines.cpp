#include "tileloom/driver/fusion_defines.hpp"

#include "tileloom/scheduler/exact/network_bound.hpp"

namespace tileloom::driver {

Result<scheduler::FusedSchedule> schedule_defines(const Workload& workload,
                                                  const Architecture& arch,
                                                  const SearchRequest& request,
                                                  const scheduler::defines::FusionOptions& options,
                                                  const scheduler::OnNetworkProgress& on_progress,
                                                  const OnFusionProgress& on_fusion) {
  return fuse_after_layers(workload, arch, request, on_progress,
                           [&](const scheduler::NetworkProblem& problem,
                               const mapper::Mapper& mapper, const scheduler::Schedule& alone) {
                             Result<scheduler::FusedSchedule> found =
                                 scheduler::defines::fuse_network(problem, mapper, alone, options,
                                                                  request.budget, on_fusion);
                             if (found) found->bound = scheduler::network_bound(workload, arch);
                             return found;
                           });
}

}  // namespace tileloom::driver
