#pragma once
// Several mappers on the same operators, with the proved optimum as the floor.

#include <functional>
#include <string>
#include <vector>

#include "tileloom/mapper/registry.hpp"
#include "tileloom/report/comparison/comparison.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::driver {

/// Seconds of processor time that the calling thread has used. The library has no clock of its own:
/// the command line gives it one.
using ThreadClock = std::function<double()>;

struct CompareRequest {
  cost::Objective objective;
  std::vector<std::string> mappers;
  mapper::MapperOptions options;
  Budget budget;  ///< of every search; the seed is replaced by each of `seeds`
  std::vector<std::uint64_t> seeds;
  std::int64_t floor_evaluations = 0;  ///< for `exact` as the floor
  mapper::Constraints constraints;
};

/// How far a comparison is.
struct CompareProgress {
  std::size_t done = 0;  ///< searches
  std::size_t all = 0;
  std::string search;  ///< the one the news is about: "mapper on layer"
  mapper::Progress news;
};
using OnCompareProgress = std::function<void(const CompareProgress&)>;

/// Runs every mapper with every seed on every distinct operator, and `exact` once for the floor.
/// Each search runs on one thread; several run side by side. All but the times is independent of
/// the number of threads.
Result<report::Comparison> compare(const Workload& workload, const Architecture& arch,
                                   const CompareRequest& request, const ThreadClock& clock,
                                   const OnCompareProgress& on_progress);

}  // namespace tileloom::driver
