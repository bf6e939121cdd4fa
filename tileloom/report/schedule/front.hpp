#pragma once
// Pareto fronts of energy and latency: as tables, CSV and JSON.

#include "tileloom/report/schedule/json_layer.hpp"
#include "tileloom/report/schedule/table.hpp"

namespace tileloom::report {

/// One table per layer that has a front: its points, and what bounds a front that is not complete.
/// Empty if no layer has one.
std::string fronts_table(const Workload& workload, const scheduler::Schedule& schedule,
                         const TableOptions& options = {});

/// One line per point (kind "point") and per corner of the bound (kind "bound") of every layer.
std::string fronts_csv(const Workload& workload, const scheduler::Schedule& schedule);

/// {complete, gap, points: [{cycles, energy_pj, edp_pj_cycles, mapping}], lower_bounds: [{cycles,
/// energy_pj}]}
Json front_json(const Workload& workload, const Architecture& arch, const mapper::ParetoFront& front);

}  // namespace tileloom::report
