#pragma once
// A DeFiNES schedule as the figures of the artifact's reference file: decisions in order, layers
// with their tile types, totals.

#include <nlohmann/json.hpp>

#include "tileloom/scheduler/defines/exploration.hpp"

namespace tileloom::driver {

/// {"energy_pJ", "latency_total1_cycles", "latency_total0_layers_cycles", "mac_energy_pJ",
/// "energy_by_memory", "energy_by_operand", "stack_cuts", "cost_model_evaluations", "events",
/// "layers"} in the meaning of the reference's README, section 1.
nlohmann::json defines_figures(const scheduler::defines::Exploration& exploration,
                               const scheduler::defines::Schedule& schedule);

/// The decisions of a schedule, in the order in which the artifact takes them.
nlohmann::json defines_events(const scheduler::defines::Exploration& exploration,
                              const scheduler::defines::Schedule& schedule);

}  // namespace tileloom::driver
