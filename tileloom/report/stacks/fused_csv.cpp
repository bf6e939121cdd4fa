#include <fmt/format.h>

#include <map>

#include "tileloom/report/csv_line.hpp"
#include "tileloom/report/schedule/summary.hpp"
#include "tileloom/report/stacks/fused_files.hpp"

namespace tileloom::report {
namespace {

constexpr std::array<Role, kRoles> kRolesInOrder{Role::input, Role::weight, Role::output};
constexpr std::array<Phase, 2> kPhases{Phase::compute, Phase::copy};

std::vector<std::string> columns_of(const Architecture& arch) {
  std::vector<std::string> columns{"operators",
                                   "tiling",
                                   "tiles",
                                   "recomputed_share",
                                   "cycles",
                                   "energy_pj",
                                   "layer_by_layer_cycles",
                                   "layer_by_layer_energy_pj",
                                   "own_model_cycles",
                                   "own_model_energy_pj",
                                   "arithmetic_pj"};
  for (const Memory& memory : arch.memories)
    for (const Role role : kRolesInOrder)
      for (const Phase phase : kPhases)
        columns.push_back(
            fmt::format("{}_{}_{}_pj", memory.name, to_string(role), to_string(phase)));
  return columns;
}

/// Energy by memory, role and phase of a stack or of an operator on its own.
double energy_at(const scheduler::FusedSchedule& schedule, const scheduler::StackPart& part,
                 const std::optional<StackDetail>& detail, MemoryId memory, Role role,
                 Phase phase) {
  double sum = 0;
  if (detail) {
    for (const PhaseEnergy& energy : detail->energies)
      if (energy.memory == memory && energy.role == role && energy.phase == phase)
        sum += energy.energy.value;
  } else if (phase == Phase::compute) {
    const auto& layer = schedule.layer_by_layer.layers[index(part.operators.front())];
    for (const EnergyShare& share : energy_breakdown(*layer.result.evaluation).shares)
      if (share.memory == memory && share.role == role) sum += share.total().value;
  }
  return sum;
}

}  // namespace

std::string fused_csv(const Workload& workload, const Architecture& arch,
                      const scheduler::FusedSchedule& schedule, const StackDetails& details) {
  std::string csv = csv_line(columns_of(arch));
  for (std::size_t i = 0; i < schedule.parts.size(); ++i) {
    const scheduler::StackPart& part = schedule.parts[i];
    const std::optional<StackDetail>& detail = details[i];
    std::string names;
    for (const OperatorId op : part.operators)
      names += (names.empty() ? "" : " ") + workload.operators[op].name;
    const AloneCost before = alone(schedule, part);
    const auto& evaluation =
        schedule.layer_by_layer.layers[index(part.operators.front())].result.evaluation;
    const double arithmetic =
        detail ? detail->arithmetic.value : evaluation ? evaluation->compute_energy.value : 0;
    std::vector<std::string> fields{
        names,
        part.tiling,
        part.fused ? std::to_string(part.fused->iterations) : "",
        fmt::format("{}", recompute_share(workload, part)),
        std::to_string(part.latency.value),
        fmt::format("{}", part.energy.value),
        std::to_string(before.latency.value),
        fmt::format("{}", before.energy.value),
        part.own ? std::to_string(part.own->latency.value) : "",
        part.own ? fmt::format("{}", part.own->energy.value) : "",
        fmt::format("{}", arithmetic)};
    for (const MemoryId memory : ids<MemoryId>(arch.memories.size()))
      for (const Role role : kRolesInOrder)
        for (const Phase phase : kPhases)
          fields.push_back(
              fmt::format("{}", energy_at(schedule, part, detail, memory, role, phase)));
    csv += csv_line(fields);
  }
  return csv;
}

}  // namespace tileloom::report
