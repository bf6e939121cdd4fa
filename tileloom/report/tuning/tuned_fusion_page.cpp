#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tileloom/report/format.hpp"
#include "tileloom/report/markup.hpp"
#include "tileloom/report/tuning/tuned_batch.hpp"

namespace tileloom::report {
namespace {

using scheduler::FusedBlock;
using scheduler::Fusion;

constexpr double kWidth = 1040;
constexpr double kMargin = 130;

std::string svg(double height, const std::string& content) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\">\n{}</svg>\n",
                     kWidth + kMargin + 20, height, content);
}

/// One bar per strategy, its length the speed-up over none.
std::string strategies_chart(const TunedFusion& report) {
  const double none = strategy(report, "none").fusion.cycles;
  double most = 1;
  for (const TunedStrategy& entry : report.strategies) {
    if (entry.fusion.cycles > 0) most = std::max(most, none / entry.fusion.cycles);
  }
  std::string content;
  double y = 6;
  for (const TunedStrategy& entry : report.strategies) {
    const Fusion& f = entry.fusion;
    const bool solved = f.proof != Proof::infeasible && f.cycles > 0 && none > 0;
    const double speedup = solved ? none / f.cycles : 0;
    content += fmt::format(
        "<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>"
        "<rect x=\"{:.0f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"16\" fill=\"{}\"/>"
        "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
        kMargin - 8, y + 13, f.strategy, kMargin, y, (kWidth - 260) * speedup / most,
        series_colour(0), kMargin + (kWidth - 260) * speedup / most + 6, y + 13,
        solved ? fmt::format("{} ({} cycles)", format_factor(speedup),
                             format_exact(std::llround(f.cycles)))
               : "does not fit");
    y += 23;
  }
  return svg(y, content);
}

/// A strip of units in execution order, in the colour of their block.
std::string network_strip(const TunedFusion& report, const Fusion& fusion, double y) {
  const double step = kWidth / static_cast<double>(std::max<std::size_t>(report.units.size(), 1));
  std::string content =
      fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kMargin - 8,
                  y + 17, fusion.strategy);
  for (std::size_t b = 0; b < fusion.blocks.size(); ++b) {
    for (const scheduler::UnitId unit : fusion.blocks[b].units) {
      const OperatorId op = report.units[unit].operators.front();
      content += fmt::format(
          "<rect x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"24\" fill=\"{}\"><title>{}: "
          "block "
          "{}, {}</title></rect>\n",
          kMargin + step * static_cast<double>(index(unit)), y, step - 1, series_colour(b),
          escaped(report.operators[index(op)]), b + 1, partition_text(fusion.blocks[b].choice));
    }
  }
  return content;
}

/// Cores over time: a block is as high as the cores it has and as wide as its cycles; the dark part
/// is the time that the busiest core computes.
std::string cores_chart(const TunedFusion& report, const Fusion& fusion) {
  constexpr double kHeight = 180;
  std::string content = fmt::format(
      "<text x=\"{:.0f}\" y=\"16\" text-anchor=\"end\">{} cores</text><text x=\"{:.0f}\" "
      "y=\"{:.0f}\" text-anchor=\"end\">0</text>\n",
      kMargin - 8, report.cores, kMargin - 8, kHeight + 4);
  double at = 0;
  for (std::size_t b = 0; b < fusion.blocks.size(); ++b) {
    const FusedBlock& block = fusion.blocks[b];
    const double x = kMargin + kWidth * at / fusion.cycles;
    const double width = kWidth * block.choice.cycles / fusion.cycles;
    const double height =
        kHeight * static_cast<double>(block.choice.cores) / static_cast<double>(report.cores);
    const double busy = std::min(1.0, block.choice.cost.compute / block.choice.cycles);
    content += fmt::format(
        "<g><title>block {}: {}; {} cycles, busiest core computes {}</title><rect x=\"{:.2f}\" "
        "y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\" fill-opacity=\"0.35\"/><rect "
        "x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"/></g>\n",
        b + 1, partition_text(block.choice), format_exact(std::llround(block.choice.cycles)),
        format_percent(busy), x, kHeight - height, std::max(width - 0.5, 0.2), height,
        series_colour(b), x, kHeight - height, std::max(width * busy - 0.5, 0.1), height,
        series_colour(b));
    at += block.choice.cycles;
  }
  return svg(kHeight + 10, content);
}

std::string blocks_rows(const TunedFusion& report, const Fusion& fusion) {
  std::string rows;
  for (std::size_t b = 0; b < fusion.blocks.size(); ++b) {
    const FusedBlock& block = fusion.blocks[b];
    const cost::BlockCost& cost = block.choice.cost;
    const std::string differs =
        disagreement(report, block.choice, strategy(report, fusion.strategy).simulated[b]);
    rows += fmt::format(
        "<tr><td><i style=\"background:{}\"></i>{}</td><td class=\"l\">{}</td><td>{}</td><td "
        "class=\"l\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td "
        "class=\"l\">{}</td></tr>\n",
        series_colour(b), b + 1, escaped(block_name(report, block.units)), block.units.size(),
        partition_text(block.choice), format_exact(std::llround(block.choice.cycles)),
        format_exact(std::llround(cost.compute)), format_exact(std::llround(cost.memory)),
        cost.useful > 0 ? format_percent(cost.work / cost.useful - 1) : "",
        escaped(block.boundary + (differs.empty() ? "" : " (" + differs + ")")));
  }
  return rows;
}

constexpr const char* kStyle =
    ":root{color-scheme:light dark}body{font:14px/1.5 "
    "system-ui,sans-serif;max-width:1240px;margin:0 "
    "auto;padding:20px}svg{width:100%;font-size:12px}svg "
    "text{fill:currentColor}table{border-collapse:"
    "collapse;font-size:13px;font-variant-numeric:tabular-nums}th,td{text-align:right;padding:4px "
    "8px;border-bottom:1px solid "
    "#8884;vertical-align:top}.l{text-align:left}i{display:inline-block;"
    "width:11px;height:11px;margin-right:6px}.note{opacity:.75;max-width:120ch}";

std::string section(const TunedFusion& report, const Fusion& fusion, const char* title) {
  return fmt::format(
      "<h2>{}</h2>\n<p class=\"note\">Cores over time: a block is as high as it has cores; the "
      "dark part "
      "is how long its busiest core computes.</p>\n{}<div "
      "style=\"overflow-x:auto\"><table>\n<tr><th></th>"
      "<th class=\"l\">block</th><th>units</th><th "
      "class=\"l\">on</th><th>cycles</th><th>compute</th><th>"
      "memory</th><th>done twice</th><th class=\"l\">why it ends "
      "here</th></tr>\n{}</table></div>\n",
      title, cores_chart(report, fusion), blocks_rows(report, fusion));
}

}  // namespace

std::string tuned_fusion_page(const TunedFusion& report) {
  const scheduler::Calibration& c = report.calibration;
  std::string strips;
  double y = 4;
  for (const TunedStrategy& entry : report.strategies) {
    if (entry.fusion.proof == Proof::infeasible) continue;
    strips += network_strip(report, entry.fusion, y);
    y += 30;
  }
  std::string body = fmt::format(
      "<h1>{} on {}</h1>\n<p class=\"note\">{} operators in {} units, {} cores. Calibration, {} "
      "measurements on the event simulator: cores = 2^{:.2f} · operations^{:.3f} · channels^{:.3f} "
      "(R² "
      "{:.2f}); a core is worth {} operations; halo penalty {:.2f} · layers · cores / rows (R² "
      "{:.2f}).</p>\n<h2>Strategies</h2>\n{}<h2>Blocks on the network</h2>\n<p "
      "class=\"note\">Units in "
      "execution order; neighbours of one colour run as one block.</p>\n{}",
      escaped(report.model), escaped(report.architecture), report.operators.size(),
      report.units.size(), report.cores, c.measurements, c.constant, c.per_operations,
      c.per_channels, c.cores_fit.r2, format_count(c.critical_operations), c.halo_slope,
      c.halo_fit.r2, strategies_chart(report), svg(y, strips));
  for (const auto& [name, title] :
       {std::pair{"optimal", "The optimum"}, std::pair{"dlfusion", "DLFusion's joint strategy"}}) {
    const Fusion& fusion = strategy(report, name).fusion;
    if (fusion.proof != Proof::infeasible && !fusion.blocks.empty()) {
      body += section(report, fusion, title);
    }
  }
  if (report.batch) body += batch_section(report, *report.batch);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
      "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\"><title>Tileloom "
      "fusion</title><style>{}</style></head><body>\n{}</body></html>\n",
      kStyle, body);
}

}  // namespace tileloom::report
