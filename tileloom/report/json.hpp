#pragma once
#include <string>

#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::report {

/// Everything known of a schedule, as described in docs/report_schema.md ("tileloom.schedule/1").
/// Keys keep their order, counts are exact integers, bytes of names that are no UTF-8 are replaced.
std::string schedule_json(const Workload& workload, const Architecture& arch,
                          const scheduler::Schedule& schedule);

/// The same on one line, for machines.
std::string schedule_json_compact(const Workload& workload, const Architecture& arch,
                                  const scheduler::Schedule& schedule);

}  // namespace tileloom::report
