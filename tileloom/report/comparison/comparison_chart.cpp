#include "tileloom/report/comparison/comparison_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "tileloom/report/format.hpp"
#include "tileloom/report/markup.hpp"

namespace tileloom::report {
namespace {

constexpr double kPanelWidth = 420;
constexpr double kPanelHeight = 300;
constexpr double kLeft = 70;
constexpr double kTop = 62;
constexpr double kGap = 80;
constexpr int kSteps = 120;  ///< points of a curve

/// Where colours begin again, dashes differ.
std::string dashes(std::size_t mapper) {
  static constexpr std::array<const char*, 3> kDashes = {"", " stroke-dasharray=\"7 4\"",
                                                         " stroke-dasharray=\"2 3\""};
  return kDashes[std::min<std::size_t>(mapper / kSeriesColours, 2)];
}

struct Range {
  double low = 1;
  double high = 10;
};

struct CurvePoint {
  double x = 0;
  Spread y;
};

/// What is shown against what.
struct Panel {
  std::string title;
  double left = 0;
  Range x;
  Range y;
  std::vector<std::vector<CurvePoint>> curves;  ///< by mapper

  double place_x(double value) const {
    return left + kPanelWidth * std::log(value / x.low) / std::log(x.high / x.low);
  }
  double place_y(double value) const {
    const double inside = std::clamp(value, y.low, y.high);
    return kTop + kPanelHeight * (1 - std::log(inside / y.low) / std::log(y.high / y.low));
  }
};

using Lookup = std::function<std::optional<Spread>(std::size_t mapper, double x)>;

Panel make_panel(const std::string& title, double left, const Range& x, std::size_t mappers,
                 const Lookup& lookup) {
  Panel panel{title, left, x, {}, {}};
  for (std::size_t m = 0; m < mappers; ++m) {
    std::vector<CurvePoint> curve;
    for (int i = 0; i <= kSteps; ++i) {
      const double at = x.low * std::pow(x.high / x.low, static_cast<double>(i) / kSteps);
      if (const std::optional<Spread> y = lookup(m, at)) curve.push_back({at, *y});
    }
    panel.curves.push_back(std::move(curve));
  }
  return panel;
}

/// Both panels share the vertical axis: from just below the least figure to the largest.
Range common_heights(const std::vector<Panel>& panels) {
  Range range{0.98, 1.5};
  for (const Panel& panel : panels) {
    for (const std::vector<CurvePoint>& curve : panel.curves) {
      for (const CurvePoint& point : curve) {
        range.low = std::min(range.low, point.y.least * 0.98);
        range.high = std::max(range.high, point.y.most * 1.05);
      }
    }
  }
  return range;
}

/// 1, 2 and 5 times powers of ten within the range; powers only if there are many.
std::vector<double> ticks(const Range& range) {
  std::vector<double> all, powers;
  for (double power = std::pow(10.0, std::floor(std::log10(range.low))); power <= range.high;
       power *= 10) {
    for (const double digit : {1.0, 2.0, 5.0}) {
      const double tick = digit * power;
      if (tick < range.low * (1 - 1e-9) || tick > range.high * (1 + 1e-9)) continue;
      all.push_back(tick);
      if (digit == 1.0) powers.push_back(tick);
    }
  }
  return all.size() > 9 && powers.size() > 2 ? powers : all;
}

std::string axes_svg(const Panel& panel) {
  std::string svg = fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" class=\"frame\"/>\n",
      panel.left, kTop, kPanelWidth, kPanelHeight);
  for (const double tick : ticks(panel.x)) {
    const double x = panel.place_x(tick);
    svg += fmt::format(
        "<path d=\"M{:.1f} {:.1f}v{:.1f}\" class=\"grid\"/><text x=\"{:.1f}\" y=\"{:.1f}\" "
        "text-anchor=\"middle\">{:g}</text>\n",
        x, kTop, kPanelHeight, x, kTop + kPanelHeight + 16, tick);
  }
  for (const double tick : ticks(panel.y)) {
    const double y = panel.place_y(tick);
    svg += fmt::format(
        "<path d=\"M{:.1f} {:.1f}h{:.1f}\" class=\"{}\"/><text x=\"{:.1f}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{:g}</text>\n",
        panel.left, y, kPanelWidth, tick == 1.0 ? "floor" : "grid", panel.left - 6, y + 4, tick);
  }
  return svg + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                           panel.left + kPanelWidth / 2, kTop + kPanelHeight + 36, panel.title);
}

std::string curve_svg(const Panel& panel, std::size_t mapper) {
  const std::vector<CurvePoint>& curve = panel.curves[mapper];
  if (curve.empty()) return "";
  std::string line, upper, lower;
  for (const CurvePoint& point : curve) {
    const double x = panel.place_x(point.x);
    line +=
        fmt::format("{}{:.1f} {:.1f}", line.empty() ? "M" : "L", x, panel.place_y(point.y.median));
    upper +=
        fmt::format("{}{:.1f} {:.1f}", upper.empty() ? "M" : "L", x, panel.place_y(point.y.most));
    lower = fmt::format("L{:.1f} {:.1f}", x, panel.place_y(point.y.least)) + lower;
  }
  return fmt::format(
      "<path d=\"{}{}Z\" fill=\"{}\" fill-opacity=\"0.12\"/>\n"
      "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\"{}/>\n",
      upper, lower, series_colour(mapper), line, series_colour(mapper), dashes(mapper));
}

std::string legend_svg(const Comparison& comparison, double left) {
  std::string svg;
  for (std::size_t m = 0; m < comparison.mappers.size(); ++m) {
    const double y = kTop + 10 + 20 * static_cast<double>(m);
    svg += fmt::format(
        "<path d=\"M{:.1f} {:.1f}h26\" stroke=\"{}\" stroke-width=\"2.4\"{}/>"
        "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        left, y, series_colour(m), dashes(m), left + 34, y + 4, escaped(comparison.mappers[m]));
  }
  return svg;
}

/// Processor time from the first improvement of any search to the end of the longest.
Range seconds_range(const Comparison& comparison) {
  Range range{1e9, 0};
  for (const ComparedLayer& layer : comparison.layers) {
    for (const std::vector<SearchRun>& runs : layer.runs) {
      for (const SearchRun& run : runs) {
        if (!run.trace.empty()) {
          range.low = std::min(range.low, std::max(run.trace.front().seconds, 1e-6));
        }
        range.high = std::max(range.high, run.seconds);
      }
    }
  }
  if (range.low >= range.high) return {1e-3, 1};
  return range;
}

}  // namespace

std::string comparison_chart(const Comparison& comparison) {
  const Range samples{1, static_cast<double>(std::max<std::int64_t>(comparison.evaluations, 2))};
  std::vector<Panel> panels;
  panels.push_back(make_panel(
      "evaluations", kLeft, samples, comparison.mappers.size(), [&](std::size_t m, double x) {
        return after_evaluations(comparison, m, static_cast<std::int64_t>(std::round(x)));
      }));
  panels.push_back(
      make_panel("seconds of processor time", kLeft + kPanelWidth + kGap, seconds_range(comparison),
                 comparison.mappers.size(),
                 [&](std::size_t m, double x) { return after_seconds(comparison, m, x); }));
  const double legend = kLeft + 2 * kPanelWidth + kGap + 24;
  std::string body;
  const Range heights = common_heights(panels);
  for (Panel& panel : panels) {
    panel.y = heights;
    body += axes_svg(panel);
    for (std::size_t m = 0; m < comparison.mappers.size(); ++m) body += curve_svg(panel, m);
  }
  const double width = legend + 170;
  const double height = std::max(kTop + kPanelHeight + 56,
                                 kTop + 30 + 20.0 * static_cast<double>(comparison.mappers.size()));
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n"
      "<style>.frame{{fill:none;stroke:#666}}.grid{{stroke:#ddd}}.floor{{stroke:#333;"
      "stroke-dasharray:4 3}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      "<text x=\"{:.1f}\" y=\"24\" font-size=\"15\">{} on {}: least {}</text>\n"
      "<text x=\"{:.1f}\" y=\"44\">times the proved optimum (dashed, {} of {} layers; else the "
      "lower bound), geometric mean; median, best and worst of {} seeds</text>\n{}{}</svg>\n",
      width, height, kLeft, escaped(comparison.model), escaped(comparison.architecture),
      to_string(comparison.objective), kLeft, comparison.proved(), comparison.layers.size(),
      comparison.seeds.size(), body, legend_svg(comparison, legend));
}

}  // namespace tileloom::report
