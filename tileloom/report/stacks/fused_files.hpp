#pragma once
// A fused schedule as JSON, CSV, page and trace. docs/report_schema.md, "tileloom.fused/1".

#include <string>

#include "tileloom/report/stacks/stacks.hpp"

namespace tileloom::report {

/// Everything known of the stacks: tile pyramid, recomputed share, what sits in which memory when,
/// energy by memory, operand and phase, beside the operators one by one.
std::string fused_json(const Workload& workload, const Architecture& arch,
                       const scheduler::FusedSchedule& schedule, const StackDetails& details);

/// A line per stack: what it costs, fused and one by one, and its energy by memory, operand and
/// phase.
std::string fused_csv(const Workload& workload, const Architecture& arch,
                      const scheduler::FusedSchedule& schedule, const StackDetails& details);

/// The page of the schedule layer by layer, with the stacks before it.
std::string fused_page(const Workload& workload, const Architecture& arch,
                       const scheduler::FusedSchedule& schedule, const StackDetails& details);

/// In time: stacks, the operators inside each with all their runs together, and what fills the
/// memories while they run.
std::string fused_trace(const Workload& workload, const Architecture& arch,
                        const scheduler::FusedSchedule& schedule, const StackDetails& details);

}  // namespace tileloom::report
