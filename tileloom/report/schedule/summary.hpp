#pragma once
// What every report says of a schedule, worked out once.

#include <optional>
#include <string>
#include <vector>

#include "tileloom/report/schedule/bottleneck.hpp"
#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::report {

/// Energy of one role's tensors in one memory, and on the network between it and what is inside.
struct EnergyShare {
  MemoryId memory{};
  Role role = Role::input;
  Picojoules reads{};
  Picojoules writes{};
  Picojoules network{};
  Picojoules total() const { return reads + writes + network; }
};

/// Where the picojoules go: memory × role, outermost memory first, and compute.
struct EnergyBreakdown {
  std::vector<EnergyShare> shares;  ///< one per memory and role that holds something
  Picojoules compute{};
  Picojoules total() const;
};

EnergyBreakdown energy_breakdown(const cost::Evaluation& evaluation);
EnergyBreakdown energy_breakdown(const scheduler::Schedule& schedule);

/// Figures of one layer beside those in its evaluation. What needs a mapping is absent without one.
struct LayerSummary {
  const scheduler::Layer* layer = nullptr;  ///< lives as long as the schedule
  const Operator* op = nullptr;             ///< lives as long as the workload
  std::int64_t macs = 0;
  std::int64_t points = 0;
  std::optional<double> edp;  ///< energy · latency, pJ·cycles
  std::optional<double> gap;  ///< mapper::gap
  Bottleneck bottleneck;
  const cost::Evaluation* evaluation() const {
    return layer->result.evaluation ? &*layer->result.evaluation : nullptr;
  }
};

/// Layers in execution order.
std::vector<LayerSummary> summaries(const Workload& workload, const Architecture& arch,
                                    const scheduler::Schedule& schedule);

/// Layers that were solved once: positions in Schedule::layers, in order; groups in the order of
/// their first layer.
std::vector<std::vector<std::size_t>> identical_layers(const scheduler::Schedule& schedule);

/// One line of the coverage summary: nodes of one status and their shares of the whole.
struct CoverageShare {
  NodeStatus status = NodeStatus::mapped;
  std::int64_t nodes = 0;
  std::int64_t macs = 0;
  std::int64_t bits = 0;
  double macs_share = 0;  ///< of all nodes' MACs, 0 if there are none
  double bits_share = 0;
};

/// Mapped, folded, unmapped, in this order, also those without nodes.
std::vector<CoverageShare> coverage_shares(const Workload& workload);

/// energy · latency of the whole schedule, pJ·cycles.
double edp(const scheduler::Schedule& schedule);

/// points · cycles per operation / (lanes · total cycles) over all mapped layers.
double utilisation(const Workload& workload, const Architecture& arch,
                   const scheduler::Schedule& schedule);

}  // namespace tileloom::report
