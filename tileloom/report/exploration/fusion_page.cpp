#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tileloom/report/exploration/fusion_table.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/report/markup.hpp"

namespace tileloom::report {
namespace {

using namespace scheduler::defines;

/// A colour from dark violet (least) over green to yellow (most), even to the eye and to the
/// colour-blind: nine points of "viridis" (Smith, van der Walt, Firing 2015), interpolated.
std::string colour(double share) {
  static constexpr int kPoints[][3] = {{68, 1, 84},    {71, 45, 123},  {59, 82, 139},
                                       {44, 114, 142}, {33, 145, 140}, {40, 174, 128},
                                       {94, 201, 98},  {173, 220, 48}, {253, 231, 37}};
  const double place = std::clamp(share, 0.0, 1.0) * 8;
  const int low = std::min(7, static_cast<int>(place));
  const double part = place - low;
  const auto mixed = [&](int channel) {
    return static_cast<int>(std::lround(kPoints[low][channel] * (1 - part) +
                                        kPoints[low + 1][channel] * part));
  };
  return fmt::format("#{:02x}{:02x}{:02x}", mixed(0), mixed(1), mixed(2));
}

constexpr double kCell = 62, kCellHeight = 30, kLeft = 70, kTop = 58, kGap = 60;

/// One quantity of all points.
struct Quantity {
  const char* title;
  double (*of)(const Totals&);
  std::string (*text)(double);
};
const Quantity kQuantities[] = {
    {"energy", [](const Totals& t) { return t.energy.value; },
     [](double value) { return format_energy({value}); }},
    {"cycles", [](const Totals& t) { return static_cast<double>(t.latency1.value); },
     [](double value) { return format_count(value); }},
};

struct Range {
  double low = 0, high = 0;
  double share(double value) const {
    return high > low ? std::log(value / low) / std::log(high / low) : 0;
  }
};

Range range_of(const FusionExploration& found, const Quantity& quantity) {
  Range range;
  for (const FusionPoint& point : found.points) {
    if (!point.totals) continue;
    const double value = quantity.of(*point.totals);
    range.low = range.low == 0 ? value : std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  return range;
}

/// The tile sizes on both axes, each a column or row of every map.
struct Axes {
  std::map<std::int64_t, std::size_t> columns, rows;
  explicit Axes(const FusionExploration& found) {
    for (const FusionPoint& point : found.points) {
      columns.emplace(point.point.tile.x, 0);
      rows.emplace(point.point.tile.y, 0);
    }
    std::size_t next = 0;
    for (auto& [size, place] : columns) place = next++;
    next = 0;
    for (auto& [size, place] : rows) place = next++;
  }
};

std::string cell(const FusionPoint& point, const Quantity& quantity, const Range& range, double x,
                 double y) {
  if (!point.totals)
    return fmt::format(
        "<g><title>{}</title><rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" "
        "fill=\"none\" stroke=\"#888\"/><text x=\"{:.0f}\" y=\"{:.0f}\">none</text></g>\n",
        escaped(point.infeasible), x, y, kCell, kCellHeight, x + kCell / 2, y + 19);
  const double value = quantity.of(*point.totals);
  const double share = range.share(value);
  return fmt::format(
      "<g><title>{} {}x{}: {}</title><rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" "
      "height=\"{:.0f}\" fill=\"{}\"/><text x=\"{:.0f}\" y=\"{:.0f}\" fill=\"{}\">{}</text></g>\n",
      short_name(point.point.mode), point.point.tile.x, point.point.tile.y, quantity.text(value), x,
      y, kCell, kCellHeight, colour(share), x + kCell / 2, y + 19, share > 0.6 ? "#000" : "#fff",
      quantity.text(value));
}

/// One mode and quantity.
std::string heat_map(const FusionExploration& found, Mode mode, const Quantity& quantity,
                     const Axes& axes, double left, double top) {
  const Range range = range_of(found, quantity);
  std::string svg = fmt::format(
      "<text x=\"{:.0f}\" y=\"{:.0f}\" class=\"head\">{}, {}</text>\n", left, top - 26,
      short_name(mode), quantity.title);
  for (const auto& [size, place] : axes.columns)
    svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\">{}</text>\n",
                       left + (static_cast<double>(place) + 0.5) * kCell, top - 6, size);
  for (const auto& [size, place] : axes.rows)
    svg += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" class=\"row\">{}</text>\n", left - 6,
                       top + static_cast<double>(place) * kCellHeight + 19, size);
  for (const FusionPoint& point : found.points)
    if (point.point.mode == mode)
      svg += cell(point, quantity, range,
                  left + static_cast<double>(axes.columns.at(point.point.tile.x)) * kCell,
                  top + static_cast<double>(axes.rows.at(point.point.tile.y)) * kCellHeight);
  return svg;
}

std::string percent(double share) { return share == 0 ? "none" : format_percent(share); }

/// The tile pyramid: each layer's tile and the halo it reads, drawn to a common scale.
std::string pyramid(const FusedStack& stack) {
  std::int64_t widest = 1;
  for (const FusedLayer& layer : stack.layers)
    widest = std::max({widest, layer.window.x, layer.tile.x});
  const double scale = 260.0 / static_cast<double>(widest);
  std::string svg;
  double y = 4;
  for (auto layer = stack.layers.rbegin(); layer != stack.layers.rend(); ++layer) {
    const double halo = static_cast<double>(layer->window.x) * scale;
    const double tile = static_cast<double>(layer->tile.x) * scale;
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"14\" fill=\"#cfd8e3\"/>"
        "<rect x=\"{:.1f}\" y=\"{:.0f}\" width=\"{:.1f}\" height=\"14\" fill=\"#31688e\"/>"
        "<text x=\"280\" y=\"{:.0f}\" class=\"left\">{}: {}x{} of {}x{}</text>\n",
        135 - halo / 2, y, halo, 135 - tile / 2, y, tile, y + 11, escaped(layer->id),
        layer->tile.x, layer->tile.y, layer->full.x, layer->full.y);
    y += 18;
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 560 {:.0f}\" width=\"560\" "
      "role=\"img\" aria-label=\"tile pyramid\">{}</svg>\n",
      y + 4, svg);
}

std::string kept(const char* what, const std::string& memory, Bits bits) {
  if (memory.empty()) return {};
  return fmt::format("{} {} in {}; ", what, format_bits(static_cast<double>(bits.value)),
                     escaped(memory));
}

std::string stack_section(const FusedStack& stack, std::size_t number) {
  std::string html = fmt::format(
      "<h3>Stack {}</h3>\n<p>{} tiles of {} types; {}{}{}</p>\n{}<table>\n<tr><th>layer</th>"
      "<th>tile</th><th>reads</th><th>computed again</th><th>input in</th><th>output in</th>"
      "<th>energy</th><th>of it copies</th><th>cycles</th></tr>\n",
      number, stack.tiles, stack.tile_types,
      kept("columns", stack.columns_memory, stack.columns),
      kept("rows", stack.rows_memory, stack.rows),
      kept("weights", stack.weights_memory, stack.weights), pyramid(stack));
  for (const FusedLayer& layer : stack.layers)
    html += fmt::format(
        "<tr><td>{}</td><td>{}x{}</td><td>{}x{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td><td>{}</td></tr>\n",
        escaped(layer.id), layer.tile.x, layer.tile.y, layer.window.x, layer.window.y,
        percent(std::max(0.0, layer.recomputed)), escaped(layer.input_memory),
        escaped(layer.output_memory), format_energy(layer.energy),
        format_energy(layer.copy_energy),
        format_count(static_cast<double>(layer.latency.value)));
  return html + "</table>\n";
}

std::string energies_table(const FusionDetail& detail) {
  std::map<std::string, std::map<std::string, double>> by_memory;
  std::set<std::string> kinds;
  for (const MemoryEnergy& energy : detail.energies) {
    by_memory[energy.memory][energy.on] += energy.energy.value;
    kinds.insert(energy.on);
  }
  std::string html = "<table>\n<tr><th>memory</th>";
  for (const std::string& kind : kinds) html += "<th>" + escaped(kind) + "</th>";
  html += "</tr>\n";
  for (const auto& [memory, parts] : by_memory) {
    html += "<tr><td>" + escaped(memory) + "</td>";
    for (const std::string& kind : kinds) {
      const auto part = parts.find(kind);
      html += "<td>" + (part == parts.end() ? "" : format_energy({part->second})) + "</td>";
    }
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

std::string comparison_rows(const FusionExploration& found) {
  std::string html;
  const auto row = [&](const char* what, const FusionPoint& point) {
    if (!point.totals) return;
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}x{}</td><td>{}</td><td>{}</td></tr>\n",
                        what, short_name(point.point.mode), point.point.tile.x,
                        point.point.tile.y, format_energy(point.totals->energy),
                        format_count(static_cast<double>(point.totals->latency1.value)));
  };
  if (found.least_energy) row("least energy", found.least_energy->point);
  if (found.least_latency) row("least latency", found.least_latency->point);
  row("layer by layer", found.layer_by_layer);
  row("single layers", found.single_layer);
  return html;
}

}  // namespace

std::string fusion_heat_maps(const FusionExploration& found) {
  const Axes axes(found);
  const double width = static_cast<double>(axes.columns.size()) * kCell;
  const double height = static_cast<double>(axes.rows.size()) * kCellHeight;
  std::string body;
  double top = kTop + 22;
  for (const Mode mode : kModes) {
    if (std::ranges::none_of(found.points,
                             [&](const FusionPoint& p) { return p.point.mode == mode; }))
      continue;
    double left = kLeft;
    for (const Quantity& quantity : kQuantities) {
      body += heat_map(found, mode, quantity, axes, left, top);
      left += width + kGap;
    }
    top += height + kGap;
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"11\" text-anchor=\"middle\">\n"
      "<style>.head,.left{{text-anchor:start;font-size:13px}}.row{{text-anchor:end}}</style>\n"
      "<text x=\"{:.0f}\" y=\"22\" class=\"head\">{} on {}: tile width across, height down; "
      "logarithmic colours</text>\n{}</svg>\n",
      kLeft + 2 * (width + kGap), top, kLeft, escaped(found.network), escaped(found.machine),
      body);
}

std::string fusion_page(const FusionExploration& found) {
  std::string body = fmt::format(
      "<h1>{} on {}: depth-first schedules</h1>\n{}<h2>Depth-first beside layer by layer</h2>\n"
      "<table>\n<tr><th></th><th>mode</th><th>tile</th><th>energy</th><th>cycles</th></tr>\n{}"
      "</table>\n",
      escaped(found.network), escaped(found.machine), fusion_heat_maps(found),
      comparison_rows(found));
  if (found.least_energy) {
    body += "<h2>The point of least energy</h2>\n" + energies_table(*found.least_energy);
    for (std::size_t i = 0; i < found.least_energy->stacks.size(); ++i)
      body += stack_section(found.least_energy->stacks[i], i + 1);
  }
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" +
         escaped(found.network) +
         "</title>\n<style>body{font-family:sans-serif;margin:2em;max-width:75em}"
         "table{border-collapse:collapse}td,th{padding:2px 10px;border-bottom:1px solid #ddd;"
         "text-align:right}td:first-child,th:first-child{text-align:left}svg{max-width:100%}"
         ".left{font-size:11px}</style></head>\n<body>\n" +
         body + "</body></html>\n";
}

}  // namespace tileloom::report
