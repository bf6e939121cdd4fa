#pragma once
#include <string>

#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::report {

/// One line per layer under a line of column names, quoted as RFC 4180 demands, lines ending in
/// CRLF. Columns: docs/report_schema.md.
std::string schedule_csv(const Workload& workload, const Architecture& arch,
                         const scheduler::Schedule& schedule);

}  // namespace tileloom::report
