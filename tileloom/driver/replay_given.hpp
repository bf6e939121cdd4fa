#pragma once
#include "tileloom/cost/evaluate.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"
#include "tileloom/report/stacks/replay_report.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::driver {

/// Equal but for the order in which quotients, the largest of them this large, were added up. What
/// is no number, is none either way.
bool same_result(double right, double got, double largest = 0);

/// Executes a legal tree of which `runs_in_parts` holds, element by element, and puts what happened
/// beside what the cost model says. A mistake if that would take too long.
Result<report::ReplayReport> replay_given(const Workload& workload, const Architecture& arch,
                                          const LoopTree& tree, cost::LatencyModel model);

}  // namespace tileloom::driver
