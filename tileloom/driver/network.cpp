#include "tileloom/driver/network.hpp"

#include <fmt/format.h>

#include "tileloom/driver/disk_cache.hpp"
#include "tileloom/scheduler/pipeline/pipeline.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::driver {

std::int64_t default_evaluations(const std::string& mapper) {
  if (mapper == "gamma") return 10'000;  // as its published program
  return mapper == "exact" ? 300'000 : 20'000;
}

namespace {

/// The network as a pipeline; what stage 2 finds depends on its bound, so the bound is part of the
/// name under which it is remembered.
Result<scheduler::Schedule> schedule_pipeline(const Workload& workload, const Architecture& arch,
                                              const SearchRequest& request,
                                              const scheduler::OnNetworkProgress& on_progress) {
  const std::string identity = mapper::identity(request.mapper, request.options);
  std::optional<DiskCache> first;
  mapper::StageStores stores;
  if (request.cache_folder) {
    first.emplace(*request.cache_folder, identity + " stage 1", request.budget);
    stores.first = &*first;
    stores.second = [&](double limit) {
      return std::make_unique<DiskCache>(*request.cache_folder,
                                         fmt::format("{} stage 2 within {}", identity, limit),
                                         request.budget);
    };
  }
  const scheduler::NetworkProblem problem{
      workload, arch, request.objective, request.constraints, request.latency_model, request.now};
  try {
    return scheduler::pipeline(problem, mapper::gamma_options(request.options), request.budget,
                               stores, on_progress);
  } catch (const OverflowError& error) {
    return mistake({}, error.what(), "the operator or its tiles are too large");
  }
}

}  // namespace

Result<scheduler::Schedule> schedule_network(const Workload& workload, const Architecture& arch,
                                             const SearchRequest& request,
                                             const scheduler::OnNetworkProgress& on_progress) {
  const Result<std::unique_ptr<mapper::Mapper>> chosen =
      mapper::make_mapper(request.mapper, request.options);
  if (!chosen) return tl::unexpected(chosen.error());
  if (request.pipeline) return schedule_pipeline(workload, arch, request, on_progress);
  std::optional<DiskCache> cache;
  if (request.cache_folder) {
    cache.emplace(*request.cache_folder, mapper::identity(request.mapper, request.options),
                  request.budget);
  }
  const scheduler::NetworkProblem problem{
      workload, arch, request.objective, request.constraints, request.latency_model, request.now};
  try {
    return scheduler::layer_by_layer(problem, **chosen, request.mapper, request.budget,
                                     cache ? &*cache : nullptr, on_progress);
  } catch (const OverflowError& error) {
    return mistake({}, error.what(), "the operator or its tiles are too large");
  }
}

}  // namespace tileloom::driver
