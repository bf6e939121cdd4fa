#include "tileloom/driver/network.hpp"

#include "tileloom/driver/disk_cache.hpp"
#include "tileloom/scheduler/pipeline/pipeline.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::driver {

std::int64_t default_evaluations(const std::string& mapper) {
  if (mapper == "gamma") return 10'000;  // as its published program
  return mapper == "exact" ? 300'000 : 20'000;
}

Result<scheduler::Schedule> schedule_network(const Workload& workload, const Architecture& arch,
                                             const SearchRequest& request,
                                             const scheduler::OnNetworkProgress& on_progress) {
  const Result<std::unique_ptr<mapper::Mapper>> chosen =
      mapper::make_mapper(request.mapper, request.options);
  if (!chosen) return tl::unexpected(chosen.error());
  std::optional<DiskCache> cache;
  if (request.cache_folder) {
    cache.emplace(*request.cache_folder, mapper::identity(request.mapper, request.options),
                  request.budget);
  }
  const scheduler::NetworkProblem problem{
      workload, arch, request.objective, request.constraints, request.latency_model, request.now};
  try {
    if (request.pipeline) {
      return scheduler::pipeline(problem, mapper::gamma_options(request.options), request.budget,
                                 on_progress);
    }
    return scheduler::layer_by_layer(problem, **chosen, request.mapper, request.budget,
                                     cache ? &*cache : nullptr, on_progress);
  } catch (const OverflowError& error) {
    return mistake({}, error.what(), "the operator or its tiles are too large");
  }
}

}  // namespace tileloom::driver
