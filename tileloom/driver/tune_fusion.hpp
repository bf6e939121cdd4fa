#pragma once
// Calibration (remembered per machine), every strategy, and the event simulator's word on each.

#include <functional>
#include <optional>
#include <string>

#include "tileloom/report/tuning/tuned_fusion.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::driver {

struct TuneRequest {
  scheduler::OptimumOptions optimum;
  std::optional<std::int64_t> images;  ///< of a batch with blocks at the same time; absent = none
  Budget budget;
  std::optional<std::string> cache_folder;  ///< of calibrations; absent = none
  std::function<double()> now;              ///< seconds since some moment; may be empty
  /// Told what is done of how much, and what is next.
  std::function<void(std::size_t done, std::size_t all, const std::string& what)> on_progress;
};

/// `workload` has the machine's precision already (driver/precision).
Result<report::TunedFusion> tune_fusion(const Workload& workload, const Architecture& arch,
                                        const TuneRequest& request);

}  // namespace tileloom::driver
