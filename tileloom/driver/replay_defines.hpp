#pragma once
// Replays the DeFiNES artifact's figures: full runs, the grid of case study 1, the sweep over
// networks and machines, and the automatic stack cuts.

#include "tileloom/driver/replay.hpp"

namespace tileloom::driver {

/// Full runs: {"profile": "defines2022", "points": [...]}.
Diagnostics replay_defines_runs(const io::JsonText& file, const Each& each);
/// Case study 1: {"tx", "ty", "lpf6": {mode: {"energy_pJ", "latency1"}}, "lpf8": ...}.
Diagnostics replay_defines_grid(const io::JsonText& file, const Each& each);
/// Single-layer, layer-by-layer and depth-first: {"rows": [{"workload", "arch", "SL", ...}]}.
Diagnostics replay_defines_cases(const io::JsonText& file, const Each& each);
/// {"arch/workload": {"stack_cuts_after_layer", "threshold_memory", "threshold_bits"}}.
Diagnostics replay_defines_cuts(const io::JsonText& file, const Each& each);

/// Energies to 1e-9, everything else exact.
Tolerance defines_tolerance(std::string_view quantity);

/// The profile of a DeFiNES file that names none, by its shape; empty if it has none of theirs.
std::string_view defines_profile_of(const nlohmann::json& root);

}  // namespace tileloom::driver
