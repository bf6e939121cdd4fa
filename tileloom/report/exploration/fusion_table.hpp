#pragma once
#include <string>

#include "tileloom/report/exploration/fusion.hpp"
#include "tileloom/report/schedule/table.hpp"

namespace tileloom::report {

/// The answer of `explore-fusion` for a terminal: the points, the best of each mode, what fusing
/// gains over layer-by-layer, and the stacks of the best point.
std::string fusion_table(const FusionExploration& found, const TableOptions& options = {});

/// {"schema": "tileloom.fusion/1", ...}: README.md of scheduler/defines names the quantities.
std::string fusion_json(const FusionExploration& found);
/// One line per point: mode, tile, energies, latencies, why infeasible.
std::string fusion_csv(const FusionExploration& found);

/// Heat maps of energy and latency over tile width and height, one pair for each mode.
std::string fusion_heat_maps(const FusionExploration& found);
/// A page that stands alone: heat maps, the stacks of the best points, energy by memory.
std::string fusion_page(const FusionExploration& found);

}  // namespace tileloom::report
