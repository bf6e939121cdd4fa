#include "tileloom/driver/fusion.hpp"

#include "tileloom/support/checked.hpp"

namespace tileloom::driver {

Result<scheduler::FusedSchedule> fuse_after_layers(const Workload& workload,
                                                   const Architecture& arch,
                                                   const SearchRequest& request,
                                                   const scheduler::OnNetworkProgress& on_progress,
                                                   const Fuse& fuse) {
  const Result<scheduler::Schedule> alone = schedule_network(workload, arch, request, on_progress);
  if (!alone) return tl::unexpected(alone.error());
  // Thousands of runs are mapped: by the search that is good soonest.
  const Result<std::unique_ptr<mapper::Mapper>> mapper = mapper::make_mapper("gamma", {});
  if (!mapper) return tl::unexpected(mapper.error());
  try {
    return fuse({workload, arch, request.objective, request.constraints, request.latency_model,
                 request.now},
                **mapper, *alone);
  } catch (const OverflowError& error) {
    return mistake({}, error.what(), "the operators or their tiles are too large");
  }
}

Result<scheduler::FusedSchedule> schedule_fused(const Workload& workload, const Architecture& arch,
                                                const SearchRequest& request,
                                                const scheduler::ExactFusionOptions& options,
                                                const scheduler::OnNetworkProgress& on_progress,
                                                const OnFusionProgress& on_fusion) {
  return fuse_after_layers(
      workload, arch, request, on_progress,
      [&](const scheduler::NetworkProblem& problem, const mapper::Mapper& mapper,
          const scheduler::Schedule& alone) -> Result<scheduler::FusedSchedule> {
        scheduler::ExactFusionOptions all = options;
        // The least product of two sums is not made of least products.
        if (request.objective.first == cost::Metric::edp) {
          for (const cost::Metric metric : {cost::Metric::latency, cost::Metric::energy}) {
            SearchRequest other = request;
            other.objective = {metric, {}};
            const Result<scheduler::Schedule> found =
                schedule_network(workload, arch, other, on_progress);
            if (!found) return tl::unexpected(found.error());
            all.alternatives.push_back(*found);
          }
        }
        return scheduler::exact_fusion(problem, mapper, alone, all, request.budget, on_fusion);
      });
}

}  // namespace tileloom::driver
