#pragma once
#include <string>

#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::report {

/// Everything known of a schedule, as described in docs/report_schema.md ("tileloom.schedule/1").
/// Keys keep their order, counts are exact integers, bytes of names that are no UTF-8 are replaced.
std::string schedule_json(const Workload& workload, const Architecture& arch,
                          const scheduler::Schedule& schedule);

/// The answer of `map`: the same with a list `operators` of name, status, value, lower bound,
/// seconds and mapping, for readers who want no more.
std::string mapping_json(const Workload& workload, const Architecture& arch,
                         const scheduler::Schedule& schedule);

/// `mapping_json` on one line.
std::string mapping_json_compact(const Workload& workload, const Architecture& arch,
                                 const scheduler::Schedule& schedule);

/// `schedule_json` on one line, for machines.
std::string schedule_json_compact(const Workload& workload, const Architecture& arch,
                                  const scheduler::Schedule& schedule);

}  // namespace tileloom::report
