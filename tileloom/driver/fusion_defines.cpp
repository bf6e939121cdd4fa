#include "tileloom/driver/fusion_defines.hpp"

#include "tileloom/scheduler/exact/network_bound.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::driver {

Result<scheduler::FusedSchedule> schedule_defines(const Workload& workload,
                                                  const Architecture& arch,
                                                  const SearchRequest& request,
                                                  const scheduler::defines::FusionOptions& options,
                                                  const scheduler::OnNetworkProgress& on_progress,
                                                  const OnFusionProgress& on_fusion) {
  const Result<scheduler::Schedule> alone = schedule_network(workload, arch, request, on_progress);
  if (!alone) return tl::unexpected(alone.error());
  const Result<std::unique_ptr<mapper::Mapper>> mapper = mapper::make_mapper("gamma", {});
  if (!mapper) return tl::unexpected(mapper.error());
  const scheduler::NetworkProblem problem{
      workload, arch, request.objective, request.constraints, request.latency_model, request.now};
  try {
    Result<scheduler::FusedSchedule> found = scheduler::defines::fuse_network(
        problem, **mapper, *alone, options, request.budget, on_fusion);
    if (found) found->bound = scheduler::network_bound(workload, arch);
    return found;
  } catch (const OverflowError& error) {
    return mistake({}, error.what(), "the operators or their tiles are too large");
  }
}

}  // namespace tileloom::driver
