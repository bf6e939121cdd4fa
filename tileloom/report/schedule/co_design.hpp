#pragma once
// What `co-search` found, for a terminal and as JSON.

#include <string>

#include "tileloom/mapper/gamma/co_search.hpp"
#include "tileloom/report/schedule/table.hpp"

namespace tileloom::report {

/// The question of a co-search and its answer.
struct CoDesignReport {
  const Workload& workload;  ///< of one operator
  const Architecture& base;  ///< the machine whose sizes were searched
  cost::Objective objective;
  mapper::HardwareBudget hardware;
  mapper::CoDesign design;
};

/// The machine found beside the one given, the value of the objective, and the mapping.
std::string co_design_table(const CoDesignReport& report, const TableOptions& options = {});

/// docs/report_schema.md, "tileloom.co_search/1".
std::string co_design_json(const CoDesignReport& report);

}  // namespace tileloom::report
