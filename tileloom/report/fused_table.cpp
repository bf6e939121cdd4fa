#include "tileloom/report/fused_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;

/// What the operators of a part cost one by one.
struct Alone {
  Cycles latency{};
  Picojoules energy{};
};

Alone alone(const scheduler::FusedSchedule& schedule, const scheduler::StackPart& part) {
  Alone sum;
  for (const OperatorId op : part.operators) {
    const scheduler::Layer& layer = schedule.layer_by_layer.layers[index(op)];
    if (!layer.result.evaluation) continue;
    sum.latency += layer.result.evaluation->latency.total + layer.dispatch;
    sum.energy += layer.result.evaluation->energy;
  }
  return sum;
}

std::string names(const Workload& workload, const scheduler::StackPart& part) {
  std::string text = printable(workload.operators[part.operators.front()].name);
  if (part.operators.size() > 1) {
    text += fmt::format(" .. {}", printable(workload.operators[part.operators.back()].name));
  }
  return text;
}

double ratio(double before, double after) { return after > 0 ? before / after : 1; }

/// Points computed again, as a share of those computed once.
double recompute_share(const Workload& workload, const scheduler::StackPart& part) {
  if (!part.fused) return 0;
  double once = 0;
  for (const OperatorId op : part.operators) {
    once += static_cast<double>(points(workload.operators[op]));
  }
  return static_cast<double>(part.fused->recomputed) / once;
}

std::vector<std::string> row(const Workload& workload, const scheduler::FusedSchedule& schedule,
                             const scheduler::StackPart& part) {
  const Alone before = alone(schedule, part);
  const bool fused = part.fused.has_value();
  return {names(workload, part),
          std::to_string(part.operators.size()),
          fused ? part.tiling : "",
          fused ? std::to_string(part.fused->iterations) : "",
          fused ? format_percent(recompute_share(workload, part)) : "",
          format_count(static_cast<double>(part.latency.value)),
          fused ? format_factor(ratio(static_cast<double>(before.latency.value),
                                      static_cast<double>(part.latency.value)))
                : "",
          format_energy(part.energy),
          fused ? format_factor(ratio(before.energy.value, part.energy.value)) : ""};
}

}  // namespace

std::string fused_table(const Workload& workload, const Architecture& arch,
                        const scheduler::FusedSchedule& schedule, const TableOptions& options) {
  TextTable table;
  table.columns = {
      {"operators", Align::left, 0, 20}, {"n", Align::right},        {"tiles", Align::left, 0, 12},
      {"count", Align::right, 3},        {"again", Align::right, 2}, {"cycles", Align::right},
      {"gain", Align::right, 1},         {"energy", Align::right},   {"gain", Align::right, 1}};
  for (const scheduler::StackPart& part : schedule.parts) {
    table.rows.push_back(row(workload, schedule, part));
  }
  const scheduler::Schedule& before = schedule.layer_by_layer;
  std::string text =
      fmt::format("{} on {}, stacks by exact, objective {}\n\n", printable(workload.name),
                  printable(arch.name), to_string(before.objective));
  text += render(table, options.width, options.colour);
  text += fmt::format("\n{} cycles = {} of layer by layer ({})\n{} = {} of layer by layer ({})\n",
                      format_exact(schedule.latency.value),
                      format_percent(ratio(static_cast<double>(schedule.latency.value),
                                           static_cast<double>(before.latency.value))),
                      format_exact(before.latency.value), format_energy(schedule.energy),
                      format_percent(ratio(schedule.energy.value, before.energy.value)),
                      format_energy(before.energy));
  text +=
      fmt::format("no schedule takes less than {} cycles or {}\n",
                  format_exact(schedule.bound.latency.value), format_energy(schedule.bound.energy));
  text += fmt::format("{} in: {}; {} stacks evaluated\n", to_string(schedule.proof), schedule.space,
                      format_exact(schedule.evaluations));
  for (const std::string& reason : schedule.reasons) text += fmt::format("{}\n", printable(reason));
  return text;
}

std::string fused_json(const Workload& workload, const Architecture& arch,
                       const scheduler::FusedSchedule& schedule) {
  Json parts = Json::array();
  for (const scheduler::StackPart& part : schedule.parts) {
    Json operators = Json::array();
    for (const OperatorId op : part.operators) operators.push_back(workload.operators[op].name);
    const Alone before = alone(schedule, part);
    Json json = {{"operators", std::move(operators)},
                 {"cycles", part.latency.value},
                 {"picojoules", part.energy.value},
                 {"layer_by_layer",
                  {{"cycles", before.latency.value}, {"picojoules", before.energy.value}}}};
    if (part.fused) {
      json["tiling"] = part.tiling;
      json["tiles"] = part.fused->iterations;
      json["recomputed_points"] = part.fused->recomputed;
      Json occupancy = Json::object();
      for (const cost::Occupancy& at : part.fused->occupancy) {
        occupancy[arch.memories[at.memory].name] = at.used.value;
      }
      json["peak_bits"] = std::move(occupancy);
    }
    parts.push_back(std::move(json));
  }
  const scheduler::Schedule& before = schedule.layer_by_layer;
  Json json = {
      {"format", "tileloom.fused/1"},
      {"model", workload.name},
      {"architecture", arch.name},
      {"objective", to_string(before.objective)},
      {"cycles", schedule.latency.value},
      {"picojoules", schedule.energy.value},
      {"layer_by_layer", {{"cycles", before.latency.value}, {"picojoules", before.energy.value}}},
      {"bound",
       {{"cycles", schedule.bound.latency.value}, {"picojoules", schedule.bound.energy.value}}},
      {"status", to_string(schedule.proof)},
      {"space", schedule.space},
      {"stacks_evaluated", schedule.evaluations},
      {"reasons", schedule.reasons},
      {"stacks", std::move(parts)}};
  if (schedule.tree) json["tree"] = print_tree(workload, arch, *schedule.tree);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report
