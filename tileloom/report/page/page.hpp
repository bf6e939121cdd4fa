#pragma once
#include <string>

#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::report {

/// The schedule as one HTML file that needs nothing else: charts, layers, loop trees, machine,
/// coverage. It holds the JSON report, in which no name can end the element it stands in.
std::string schedule_page(const Workload& workload, const Architecture& arch,
                          const scheduler::Schedule& schedule);

/// The same for the answer of `map`, with its Pareto fronts.
std::string mapping_page(const Workload& workload, const Architecture& arch,
                         const scheduler::Schedule& schedule);

/// The page of a JSON report on one line.
std::string page_of(const std::string& json);

}  // namespace tileloom::report
