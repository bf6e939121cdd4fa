#pragma once
// The whole flow from a workload and an architecture to a schedule.

#include <functional>
#include <optional>
#include <string>

#include "tileloom/mapper/registry.hpp"
#include "tileloom/scheduler/layer_by_layer/layer_by_layer.hpp"

namespace tileloom::driver {

/// How to search.
struct SearchRequest {
  cost::Objective objective;
  std::string mapper = "exact";
  mapper::MapperOptions options;
  Budget budget;
  mapper::Constraints constraints;
  cost::LatencyModel latency_model = cost::LatencyModel::overlapped;  ///< of the answers
  bool pipeline = false;                    ///< layers as stages of a pipeline (mapper gamma only)
  std::optional<std::string> cache_folder;  ///< absent = no cache
  std::function<double()> now;              ///< seconds since some moment; may be empty
};

/// Evaluations per operator that a mapper gets unless the user says otherwise.
std::int64_t default_evaluations(const std::string& mapper);

/// Schedules the workload layer by layer. `workload` has the machine's precision already
/// (driver/precision).
Result<scheduler::Schedule> schedule_network(const Workload& workload, const Architecture& arch,
                                             const SearchRequest& request,
                                             const scheduler::OnNetworkProgress& on_progress);

}  // namespace tileloom::driver
