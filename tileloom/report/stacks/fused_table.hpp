#pragma once
#include <string>

#include "tileloom/report/schedule/table.hpp"
#include "tileloom/scheduler/fused_schedule.hpp"

namespace tileloom::report {

/// The stacks of a fused schedule beside the same operators on their own, and the totals.
std::string fused_table(const Workload& workload, const Architecture& arch,
                        const scheduler::FusedSchedule& schedule, const TableOptions& options = {});

}  // namespace tileloom::report
