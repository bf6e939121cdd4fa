#include "tileloom/report/schedule/front.hpp"

#include <fmt/format.h>

#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/csv_line.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

double edp_of(Cycles latency, Picojoules energy) {
  return static_cast<double>(latency.value) * energy.value;
}

std::string points_table(const mapper::ParetoFront& front, const TableOptions& options) {
  TextTable table;
  table.columns = {{.title = "cycles"},
                   {.title = "energy"},
                   {.title = "EDP pJ*cyc"},
                   {.title = "util", .dispensable = 1}};
  for (const mapper::ParetoPoint& point : front.points) {
    const Cycles cycles = point.evaluation.latency.total;
    table.rows.push_back({format_exact(cycles.value), format_energy(point.evaluation.energy),
                          format_count(edp_of(cycles, point.evaluation.energy)),
                          format_percent(point.evaluation.utilisation)});
  }
  return render(table, options.width, options.colour);
}

std::string what_is_proved(const mapper::ParetoFront& front) {
  if (front.complete()) return "proved complete: no other mapping of the space is better in one of both\n";
  std::string text = fmt::format(
      "not proved complete: other mappings may be better in one of both by {}; every one has at "
      "least the cycles and energy of\n",
      format_gap(gap(front)));
  for (const mapper::ParetoCorner& corner : front.corners) {
    text += fmt::format("  {} cycles and {}\n", format_exact(corner.latency.value),
                        format_energy(corner.energy));
  }
  return text + "or is no better than one of the points\n";
}

}  // namespace

std::string fronts_table(const Workload& workload, const scheduler::Schedule& schedule,
                         const TableOptions& options) {
  std::string text;
  for (const scheduler::Layer& layer : schedule.layers) {
    const std::optional<mapper::ParetoFront>& front = layer.result.front;
    if (!front || (layer.same_as && options.group)) continue;
    text += fmt::format("\nbest compromises of energy and latency: {}\n",
                        printable(workload.operators[layer.op].name));
    text += points_table(*front, options) + what_is_proved(*front);
  }
  return text;
}

std::string fronts_csv(const Workload& workload, const scheduler::Schedule& schedule) {
  std::string text =
      csv_line({"layer", "same_as", "complete", "kind", "cycles", "energy_pj", "edp_pj_cycles"});
  for (const scheduler::Layer& layer : schedule.layers) {
    const std::optional<mapper::ParetoFront>& front = layer.result.front;
    if (!front) continue;
    const auto add = [&](const char* kind, Cycles cycles, Picojoules energy) {
      text += csv_line({workload.operators[layer.op].name,
                        layer.same_as ? workload.operators[*layer.same_as].name : "",
                        front->complete() ? "true" : "false", kind, fmt::format("{}", cycles.value),
                        fmt::format("{}", energy.value),
                        fmt::format("{}", edp_of(cycles, energy))});
    };
    for (const mapper::ParetoPoint& point : front->points) {
      add("point", point.evaluation.latency.total, point.evaluation.energy);
    }
    for (const mapper::ParetoCorner& corner : front->corners) {
      add("bound", corner.latency, corner.energy);
    }
  }
  return text;
}

Json front_json(const Workload& workload, const Architecture& arch, const mapper::ParetoFront& front) {
  Json points = Json::array();
  for (const mapper::ParetoPoint& point : front.points) {
    const Cycles cycles = point.evaluation.latency.total;
    points.push_back({{"cycles", cycles.value},
                      {"energy_pj", point.evaluation.energy.value},
                      {"edp_pj_cycles", edp_of(cycles, point.evaluation.energy)},
                      {"mapping", print_tree(workload, arch, point.tree)}});
  }
  Json corners = Json::array();
  for (const mapper::ParetoCorner& corner : front.corners) {
    corners.push_back({{"cycles", corner.latency.value}, {"energy_pj", corner.energy.value}});
  }
  return {{"complete", front.complete()},
          {"gap", gap(front)},
          {"points", std::move(points)},
          {"lower_bounds", std::move(corners)}};
}

}  // namespace tileloom::report
