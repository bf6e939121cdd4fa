#include "tileloom/report/schedule/co_design.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/report/schedule/json_layer.hpp"
#include "tileloom/report/text_table.hpp"
#include "tileloom/support/version.hpp"

namespace tileloom::report {
namespace {

std::string capacity_text(const std::optional<Bits>& capacity) {
  return capacity ? format_bits(static_cast<double>(capacity->value)) : "unlimited";
}

std::optional<Bits> limit_of(const mapper::HardwareBudget& hardware, MemoryId memory) {
  for (const auto& [limited, most] : hardware.capacities) {
    if (limited == memory) return most;
  }
  return std::nullopt;
}

std::string machine_table(const CoDesignReport& report, const TableOptions& options) {
  const Architecture& found = report.design.arch;
  const mapper::HardwareBudget& hardware = report.hardware;
  TextTable table{{{"machine", Align::left}, {"given"}, {"at most"}, {"found"}}, {}};
  table.rows.push_back({"lanes", format_exact(lanes(report.base)),
                        hardware.lanes ? format_exact(*hardware.lanes) : "",
                        format_exact(lanes(found))});
  for (const AxisId axis : ids<AxisId>(found.axes.size())) {
    table.rows.push_back({"  " + printable(found.axes[axis].name),
                          format_exact(report.base.axes[axis].size), "",
                          format_exact(found.axes[axis].size)});
  }
  for (const MemoryId memory : ids<MemoryId>(found.memories.size())) {
    const std::optional<Bits> most = limit_of(hardware, memory);
    table.rows.push_back({printable(found.memories[memory].name),
                          capacity_text(report.base.memories[memory].capacity),
                          most ? capacity_text(most) : "", capacity_text(found.memories[memory].capacity)});
  }
  table.rows.push_back({"area, um2", fmt::format("{:.0f}", mapper::area_um2(report.base)),
                        hardware.area ? fmt::format("{:.0f}", *hardware.area) : "",
                        fmt::format("{:.0f}", report.design.area)});
  return render(table, options.width, options.colour);
}

Json sizes_json(const Architecture& arch) {
  Json axes = Json::object();
  for (const SpatialAxis& axis : arch.axes) axes[axis.name] = axis.size;
  Json memories = Json::object();
  for (const Memory& memory : arch.memories) {
    memories[memory.name] = memory.capacity ? Json(memory.capacity->value) : Json(nullptr);
  }
  return {{"lanes", lanes(arch)},
          {"axes", std::move(axes)},
          {"capacity_bits", std::move(memories)},
          {"area_um2", mapper::area_um2(arch)}};
}

Json limits_json(const CoDesignReport& report) {
  Json capacities = Json::object();
  for (const auto& [memory, most] : report.hardware.capacities) {
    capacities[report.base.memories[memory].name] = most.value;
  }
  return {{"area_um2", or_null(report.hardware.area)},
          {"lanes", or_null(report.hardware.lanes)},
          {"capacity_bits", std::move(capacities)}};
}

}  // namespace

std::string co_design_table(const CoDesignReport& report, const TableOptions& options) {
  const mapper::MapResult& result = report.design.result;
  const Operator& op = report.workload.operators[OperatorId{0}];
  std::string text = fmt::format("{} on a machine like {}, least {}: {} machines and mappings\n",
                                 printable(op.name), printable(report.base.name),
                                 to_string(report.objective), format_exact(result.evaluations));
  if (!result.tree) {
    return text +
           (result.reason.empty() ? "nothing within the limits was found"
                                  : "infeasible: " + result.reason) +
           "\n";
  }
  const double cycles = static_cast<double>(result.evaluation->latency.total.value);
  return text + "\n" + machine_table(report, options) +
         fmt::format("\n{} cycles = {}, {}, EDP {:.4g} pJ x cycles\n\nmapping\n{}",
                     format_exact(result.evaluation->latency.total.value),
                     format_seconds(cycles / report.design.arch.clock_hz),
                     format_energy(result.evaluation->energy),
                     cycles * result.evaluation->energy.value,
                     print_tree(report.workload, report.design.arch, *result.tree));
}

std::string co_design_json(const CoDesignReport& report) {
  const mapper::MapResult& result = report.design.result;
  const bool found = result.tree.has_value();
  Json text = {{"schema", "tileloom.co_search/1"},
               {"tool", std::string("tileloom ") + kVersion},
               {"operator", report.workload.operators[OperatorId{0}].name},
               {"architecture", report.base.name},
               {"objective", to_string(report.objective)},
               {"status", to_string(result.proof)},
               {"reason", result.reason},
               {"evaluations", result.evaluations},
               {"limits", limits_json(report)},
               {"given", sizes_json(report.base)},
               {"found", found ? sizes_json(report.design.arch) : Json(nullptr)},
               {"cycles", nullptr},
               {"energy_pj", nullptr},
               {"mapping", nullptr}};
  if (found) {
    text["cycles"] = result.evaluation->latency.total.value;
    text["energy_pj"] = result.evaluation->energy.value;
    text["mapping"] = print_tree(report.workload, report.design.arch, *result.tree);
  }
  return text.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report
