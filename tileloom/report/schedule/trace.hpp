#pragma once
#include <string>

#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::report {

/// The schedule on a time axis in the Trace Event format (Perfetto, chrome://tracing): layers one
/// after the other; per layer how long compute and every port are busy; counters of power,
/// cumulative energy and occupancy. One cycle lasts 1 / Architecture::clock_hz.
std::string schedule_trace(const Workload& workload, const Architecture& arch,
                           const scheduler::Schedule& schedule);

}  // namespace tileloom::report
