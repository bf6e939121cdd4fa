#include "tileloom/report/stacks/fused_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/report/format.hpp"
#include "tileloom/report/stacks/stacks.hpp"
#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

std::string names(const Workload& workload, const scheduler::StackPart& part) {
  std::string text = printable(workload.operators[part.operators.front()].name);
  if (part.operators.size() > 1) {
    text += fmt::format(" .. {}", printable(workload.operators[part.operators.back()].name));
  }
  return text;
}

double ratio(double before, double after) { return after > 0 ? before / after : 1; }

std::vector<std::string> row(const Workload& workload, const scheduler::FusedSchedule& schedule,
                             const scheduler::StackPart& part) {
  const AloneCost before = alone(schedule, part);
  const bool fused = part.fused.has_value();
  return {names(workload, part),
          std::to_string(part.operators.size()),
          part.tiling,
          fused ? std::to_string(part.fused->iterations) : "",
          fused ? format_percent(recompute_share(workload, part)) : "",
          format_count(static_cast<double>(part.latency.value)),
          fused ? format_factor(ratio(static_cast<double>(before.latency.value),
                                      static_cast<double>(part.latency.value)))
                : "",
          format_energy(part.energy),
          fused ? format_factor(ratio(before.energy.value, part.energy.value)) : ""};
}

/// Without a schedule layer by layer there is nothing to gain over.
void leave_out_gains(TextTable& table) {
  for (std::size_t i = table.columns.size(); i-- > 0;) {
    if (table.columns[i].title != "gain") continue;
    const auto at = static_cast<std::ptrdiff_t>(i);
    table.columns.erase(table.columns.begin() + at);
    for (std::vector<std::string>& row : table.rows) row.erase(row.begin() + at);
  }
}

std::string whose(const scheduler::FusedSchedule& schedule) {
  if (!schedule.compared) return "a given schedule";
  return fmt::format("stacks by {}, objective {}", schedule.method,
                     to_string(schedule.layer_by_layer.objective));
}

/// Of many points the table shows some, evenly chosen.
constexpr std::size_t kMostRows = 24;

std::string front_proof(const scheduler::FusedFront& front) {
  if (front.factor == 1) return "every other schedule of the space is beaten by one of them";
  return fmt::format("no schedule of the space beats all of them by more than {}",
                     format_percent(front.factor - 1));
}

std::string front_table(const scheduler::FusedFront& front, const TableOptions& options) {
  TextTable table;
  table.columns = {{.title = "cycles"}, {.title = "energy"}, {.title = "EDP pJ*cyc"}};
  if (front.traffic) table.columns.push_back({.title = "outer memory B"});
  if (front.memory) table.columns.push_back({.title = "inner memories B"});
  const std::size_t rows = std::min(front.points.size(), kMostRows);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t at = rows < 2 ? 0 : i * (front.points.size() - 1) / (rows - 1);
    const scheduler::FrontPoint& point = front.points[at];
    table.rows.push_back(
        {format_exact(point.latency.value), format_energy(point.energy),
         format_count(static_cast<double>(point.latency.value) * point.energy.value)});
    if (front.traffic) table.rows.back().push_back(format_count(point.home_bits / 8));
    if (front.memory) table.rows.back().push_back(format_count(point.inner_bits / 8));
  }
  std::string text = fmt::format("\n{} best compromises, {} of them here; {}\n", front.found, rows,
                                 front_proof(front));
  return text + render(table, options.width, options.colour);
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
  if (!schedule.compared) leave_out_gains(table);
  const scheduler::Schedule& before = schedule.layer_by_layer;
  std::string text = fmt::format("{} on {}, {}\n\n", printable(workload.name), printable(arch.name),
                                 whose(schedule));
  text += render(table, options.width, options.colour);
  if (schedule.compared) {
    text += fmt::format(
        "\n{} cycles = {} of layer by layer ({})\n{} = {} of layer by layer ({})\n",
        format_exact(schedule.latency.value),
        format_percent(ratio(static_cast<double>(schedule.latency.value),
                             static_cast<double>(before.latency.value))),
        format_exact(before.latency.value), format_energy(schedule.energy),
        format_percent(ratio(schedule.energy.value, before.energy.value)),
        format_energy(before.energy));
  } else {
    text += fmt::format("\n{} cycles\n{}\n", format_exact(schedule.latency.value),
                        format_energy(schedule.energy));
  }
  if (schedule.bound.latency.value > 0 || schedule.bound.energy.value > 0) {
    text += fmt::format("no schedule takes less than {} cycles or {}\n",
                        format_exact(schedule.bound.latency.value),
                        format_energy(schedule.bound.energy));
  }
  if (schedule.compared)
    text += fmt::format("{} in: {}; {} stacks evaluated\n", to_string(schedule.proof),
                        schedule.space, format_exact(schedule.evaluations));
  if (schedule.front) text += front_table(*schedule.front, options);
  for (const std::string& note : schedule.notes) text += fmt::format("{}\n", printable(note));
  for (const std::string& reason : schedule.reasons) text += fmt::format("{}\n", printable(reason));
  return text;
}

}  // namespace tileloom::report
