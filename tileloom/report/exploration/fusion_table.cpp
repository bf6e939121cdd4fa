#include "tileloom/report/exploration/fusion_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tileloom/report/format.hpp"
#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

using namespace scheduler::defines;

std::string tile_text(Extent tile) { return fmt::format("{}x{}", tile.x, tile.y); }
std::string cycles_text(Cycles cycles) { return format_count(static_cast<double>(cycles.value)); }
std::string times_text(double factor) { return fmt::format("{:.2f}x", factor); }

std::string share(Picojoules part, Picojoules whole) {
  return whole.value > 0 ? format_percent(part.value / whole.value) : "-";
}

std::vector<std::string> row_of(const std::string& first, const FusionPoint& point) {
  if (!point.totals) return {first, tile_text(point.point.tile), "infeasible", "", "", "", ""};
  const Totals& totals = *point.totals;
  return {first,
          tile_text(point.point.tile),
          format_energy(totals.energy),
          cycles_text(totals.latency1),
          cycles_text(totals.latency2),
          share(totals.copy_energy, totals.energy),
          format_percent(totals.latency1.value > 0
                             ? static_cast<double>(totals.copy_latency.value) /
                                   static_cast<double>(totals.latency1.value)
                             : 0.0)};
}

std::string points_table(const FusionExploration& found, const TableOptions& options) {
  TextTable table;
  table.columns = {{"mode", Align::left}, {"tile"},           {"energy"},      {"cycles"},
                   {"with off-load", Align::right, 3}, {"copies: energy", Align::right, 1},
                   {"cycles", Align::right, 2}};
  for (const FusionPoint& point : found.points)
    table.rows.push_back(row_of(std::string(short_name(point.point.mode)), point));
  table.rows.push_back(row_of("layer by layer", found.layer_by_layer));
  table.rows.push_back(row_of("single layers", found.single_layer));
  table.footer = 2;
  return render(table, options.width, options.colour);
}

std::string memory_text(const std::string& name, Bits bits) {
  return name.empty() ? std::string()
                      : fmt::format("{} in {}", format_bits(static_cast<double>(bits.value)), name);
}

std::string stacks_table(const FusionDetail& detail, const TableOptions& options) {
  TextTable table;
  table.columns = {{"stack", Align::left},      {"layers", Align::left, 0, 12},
                   {"tiles"},                   {"types", Align::right, 4},
                   {"columns kept", Align::left, 2}, {"rows kept", Align::left, 2},
                   {"weights", Align::left, 3}, {"recomputed"}};
  for (std::size_t i = 0; i < detail.stacks.size(); ++i) {
    const FusedStack& stack = detail.stacks[i];
    std::vector<std::string> names;
    double most = 0;
    for (const FusedLayer& layer : stack.layers) {
      if (!layer.output_memory.empty()) names.push_back(layer.id);
      most = std::max(most, layer.recomputed);
    }
    table.rows.push_back({std::to_string(i + 1), printable(fmt::format("{}", fmt::join(names, " "))),
                          std::to_string(stack.tiles), std::to_string(stack.tile_types),
                          memory_text(stack.columns_memory, stack.columns),
                          memory_text(stack.rows_memory, stack.rows),
                          memory_text(stack.weights_memory, stack.weights),
                          most > 0 ? "up to " + format_percent(most) : "none"});
  }
  return render(table, options.width, options.colour);
}

std::string gain_line(const char* over, const FusionPoint& base, const Totals& best) {
  if (!base.totals) return {};
  return fmt::format("  over {}: energy {}, latency {}\n", over,
                     times_text(base.totals->energy.value / best.energy.value),
                     times_text(static_cast<double>(base.totals->latency1.value) /
                                static_cast<double>(best.latency1.value)));
}

std::string best_text(const FusionExploration& found, const FusionDetail& detail,
                      const char* what) {
  const Totals& totals = *detail.point.totals;
  return fmt::format("least {}: {} {}: {}, {} cycles\n", what,
                     short_name(detail.point.point.mode), tile_text(detail.point.point.tile),
                     format_energy(totals.energy), cycles_text(totals.latency1)) +
         gain_line("layer by layer", found.layer_by_layer, totals) +
         gain_line("single layers", found.single_layer, totals);
}

}  // namespace

std::string fusion_table(const FusionExploration& found, const TableOptions& options) {
  std::string text = fmt::format(
      "{} on {}: {} points, {} {}, at most {} loops ordered{}\n\n", printable(found.network),
      printable(found.machine), found.points.size(), found.cuts.empty() ? 1 : found.cuts.size() + 1,
      found.cuts.empty() ? "stack" : "stacks at most", found.options.lpf_limit,
      found.options.repairs == as_published() ? ", as published" : "");
  text += points_table(found, options);
  for (const FusionPoint& point : found.points)
    if (!point.totals) {
      text += fmt::format("\ninfeasible, the first: {} {}: {}\n", short_name(point.point.mode),
                          tile_text(point.point.tile), printable(point.infeasible));
      break;
    }
  if (found.least_energy)
    text += "\n" + best_text(found, *found.least_energy, "energy") + "\n" +
            stacks_table(*found.least_energy, options);
  if (found.least_latency && found.least_latency->point.point != found.least_energy->point.point)
    text += "\n" + best_text(found, *found.least_latency, "latency");
  return text;
}

}  // namespace tileloom::report
