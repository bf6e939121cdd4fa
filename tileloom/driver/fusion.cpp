#include "tileloom/driver/fusion.hpp"

#include "tileloom/support/checked.hpp"

namespace tileloom::driver {

Result<scheduler::FusedSchedule> schedule_fused(const Workload& workload, const Architecture& arch,
                                                const SearchRequest& request,
                                                const scheduler::ExactFusionOptions& options,
                                                const scheduler::OnNetworkProgress& on_progress,
                                                const OnFusionProgress& on_fusion) {
  const Result<scheduler::Schedule> alone = schedule_network(workload, arch, request, on_progress);
  if (!alone) return tl::unexpected(alone.error());
  // Thousands of runs are mapped: by the search that is good soonest.
  const Result<std::unique_ptr<mapper::Mapper>> mapper = mapper::make_mapper("gamma", {});
  if (!mapper) return tl::unexpected(mapper.error());
  const scheduler::NetworkProblem problem{
      workload, arch, request.objective, request.constraints, request.latency_model, request.now};
  try {
    return scheduler::exact_fusion(problem, **mapper, *alone, options, request.budget, on_fusion);
  } catch (const OverflowError& error) {
    return mistake({}, error.what(), "the operators or their tiles are too large");
  }
}

}  // namespace tileloom::driver
