#pragma once
#include <string>

#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::report {

struct TableOptions {
  std::size_t width = 100;  ///< terminal columns; 0 = as wide as it takes
  bool colour = false;      ///< only for a terminal
  bool group = true;        ///< layers solved once share a line ("x3", figures of one of them)
};

/// The answer of `schedule` for a terminal: layers, what bounds them and what would relieve it,
/// energy by memory and role, coverage, totals.
std::string schedule_table(const Workload& workload, const Architecture& arch,
                           const scheduler::Schedule& schedule, const TableOptions& options = {});

/// Coverage of the model: nodes mapped, folded and unmapped with their shares of MACs and bytes,
/// and every unmapped node with the reason.
std::string coverage_table(const Workload& workload, const TableOptions& options = {});

}  // namespace tileloom::report
