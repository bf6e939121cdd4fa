#pragma once
// The best mappings by Timeloop's own conventions.

#include <vector>

#include "tileloom/driver/network.hpp"
#include "tileloom/mapper/exact/timeloop_search.hpp"

namespace tileloom::driver {

/// Evaluations per operator unless the user says otherwise: one costs some hundred times as much as
/// by our own model.
inline constexpr std::int64_t kTimeloopEvaluations = 10'000;

/// One operator's answer, and the nouns its figures are about.
struct MappedByTimeloop {
  OperatorId op{};
  mapper::TimeloopNouns nouns;
  mapper::TimeloopAnswer answer;
  double seconds = 0;  ///< by the request's clock; 0 without one
};

/// Every operator by itself, in order. What Timeloop has no counterpart for (see
/// cost/profiles/timeloop/from_tileloom.hpp) is listed as mistakes, of all operators at once.
Result<std::vector<MappedByTimeloop>> map_by_timeloop(const Workload& workload,
                                                      const Architecture& arch,
                                                      const SearchRequest& request);

}  // namespace tileloom::driver
