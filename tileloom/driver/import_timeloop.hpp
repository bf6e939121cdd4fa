#pragma once
// Timeloop's files as Tileloom's, and back.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/problem.hpp"
#include "tileloom/cost/profiles/timeloop/stats.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::driver {

/// What a mapping costs by Timeloop's own conventions, and what the figures are about.
struct TimeloopCost {
  cost::timeloop::Arch arch;
  cost::timeloop::Problem problem;
  cost::timeloop::Stats stats;
};

struct TimeloopImport {
  std::optional<Architecture> architecture;
  std::optional<Workload> workload;  ///< one operator
  std::optional<LoopTree> tree;      ///< the mapping
  std::optional<TimeloopCost> cost;  ///< of the mapping, before any conversion
  std::vector<std::string> notes;    ///< what was not carried over
};

/// Reads Timeloop's architecture, problem and mapping files (version 0.4 and older), in any number
/// and order, and turns them into Tileloom's nouns.
Result<TimeloopImport> import_timeloop(std::span<const std::string> paths);

/// What one operator's path costs by Timeloop's own conventions; what Timeloop has no counterpart
/// for is listed as mistakes.
Result<TimeloopCost> timeloop_cost(const Workload& workload, const Architecture& arch,
                                   const LoopTree& tree);

/// One operator's path as a Timeloop `mapping:`; what Timeloop cannot express is listed as
/// mistakes.
Result<std::string> export_timeloop(const Workload& workload, const Architecture& arch,
                                    const LoopTree& tree);

}  // namespace tileloom::driver
