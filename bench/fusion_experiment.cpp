// DeFiNES' case studies: run time of the 108 points of case study 1, and depth-first against
// layer-by-layer on every pair of network and machine.
//
//     build/release/bench/fusion_experiment [FOLDER]      writes FOLDER/fusion.csv and fusion.svg

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "fusion_grid.hpp"
#include "tileloom/driver/explore_fusion.hpp"
#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/io/zigzag/read_network.hpp"
#include "tileloom/support/file.hpp"

namespace {

using namespace tileloom;
using namespace tileloom::scheduler::defines;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}
double wall_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void case_study_1() {
  for (const int lpf : {6, 8}) {
    driver::FusionRequest request;
    request.points = bench::points_of({1, 4, 16, 60, 240, 960}, {1, 4, 18, 72, 270, 540});
    request.options.lpf_limit = lpf;
    request.options.repairs = as_published();
    request.budget.threads = 1;
    const double begin = processor_seconds();
    const auto found =
        driver::explore_fusion(io::zigzag::load_network("fsrcnn").value(),
                               io::zigzag::load_machine("Meta_prototype_DF").value(), request);
    const Totals& best = *report::least_energy(found->points)->totals;
    fmt::print("case study 1, lpf {}: 108 points in {:.3f} CPU-s, best {:.4f} mJ, {:.3f} Mcycles\n",
               lpf, processor_seconds() - begin, best.energy.value * 1e-9,
               static_cast<double>(best.latency1.value) * 1e-6);
  }
}

struct Row {
  std::string network, machine;
  double energy_gain = 0, latency_gain = 0, energy_gain_single = 0;
};

/// Bars of the energy gain over layer-by-layer, a group for each network.
std::string chart(const std::vector<Row>& rows) {
  double top = 1;
  for (const Row& row : rows) top = std::max(top, row.energy_gain);
  std::string body;
  double x = 60;
  std::string last;
  for (const Row& row : rows) {
    if (row.network != last) {
      x += 24;
      body += fmt::format("<text x=\"{:.0f}\" y=\"318\" class=\"head\">{}</text>\n", x, row.network);
      last = row.network;
    }
    const double height = 260 * row.energy_gain / top;
    const double latency = 260 * row.latency_gain / top;
    body += fmt::format(
        "<g><title>{} on {}: energy {:.2f}x, latency {:.2f}x</title><rect x=\"{:.0f}\" "
        "y=\"{:.1f}\" width=\"9\" height=\"{:.1f}\" fill=\"#31688e\"/><rect x=\"{:.0f}\" "
        "y=\"{:.1f}\" width=\"5\" height=\"{:.1f}\" fill=\"#e69f00\"/></g>\n",
        row.network, row.machine, row.energy_gain, row.latency_gain, x, 300 - height, height, x + 9,
        300 - latency, latency);
    x += 17;
  }
  for (double tick = 1; tick <= top; tick += tick < 2 ? 1 : 2)
    body += fmt::format(
        "<path d=\"M60 {0:.1f}H{1:.0f}\" stroke=\"#ccc\"/><text x=\"54\" y=\"{2:.1f}\" "
        "text-anchor=\"end\">{3:g}x</text>\n",
        300 - 260 * tick / top, x, 304 - 260 * tick / top, tick);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} 340\" "
      "font-family=\"sans-serif\" font-size=\"11\"><style>.head{{font-size:13px}}</style>\n"
      "<text x=\"60\" y=\"20\" class=\"head\">Gain of depth-first over layer-by-layer: energy "
      "(wide, blue), latency of the point of least latency (narrow, orange); machines in the "
      "table's order</text>\n{}</svg>\n",
      x + 20, body);
}

double ratio(const report::FusionPoint& base, double of, bool energy) {
  if (!base.totals) return 0;
  return (energy ? base.totals->energy.value : static_cast<double>(base.totals->latency1.value)) /
         of;
}

void all_pairs(const std::string& folder) {
  std::vector<Row> rows;
  std::string csv =
      "network,machine,points,single_layer_pJ,single_layer_cycles,layer_by_layer_pJ,"
      "layer_by_layer_cycles,mode,tile_x,tile_y,best_pJ,its_cycles,least_cycles\n";
  const double cpu = processor_seconds(), wall = wall_seconds();
  std::size_t points = 0;
  for (const char* name : {"fsrcnn", "dmcnnvd", "mccnn", "mobilenetv1", "resnet18"}) {
    const Network network = io::zigzag::load_network(name).value();
    for (const std::string& machine : io::zigzag::machine_names()) {
      driver::FusionRequest request;
      request.points = bench::fusion_grid(network);
      points += request.points.size();
      const auto found =
          driver::explore_fusion(network, io::zigzag::load_machine(machine).value(), request);
      const report::FusionPoint* energy = report::least_energy(found->points);
      const report::FusionPoint* latency = report::least_latency(found->points);
      if (!energy || !found->layer_by_layer.totals || !found->single_layer.totals) {
        fmt::print("{} on {}: infeasible: {}\n", name, machine,
                   found->points.empty() ? "" : found->points[0].infeasible);
        continue;
      }
      const Totals& sl = *found->single_layer.totals;
      const Totals& lbl = *found->layer_by_layer.totals;
      const Totals& best = *energy->totals;
      rows.push_back({name, machine, ratio(found->layer_by_layer, best.energy.value, true),
                      ratio(found->layer_by_layer,
                            static_cast<double>(latency->totals->latency1.value), false),
                      ratio(found->single_layer, best.energy.value, true)});
      csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", name, machine,
                         request.points.size(), sl.energy.value, sl.latency1.value,
                         lbl.energy.value, lbl.latency1.value,
                         scheduler::defines::name(energy->point.mode), energy->point.tile.x,
                         energy->point.tile.y, best.energy.value, best.latency1.value,
                         latency->totals->latency1.value);
      fmt::print("| {} | {} | {:.3f} / {:.2f} | {:.3f} / {:.2f} | {} {}x{} | {:.3f} / {:.2f} | "
                 "{:.2f} | {:.2f} | {:.2f} | {:.2f} |\n",
                 name, machine, sl.energy.value * 1e-9, static_cast<double>(sl.latency1.value) * 1e-6,
                 lbl.energy.value * 1e-9, static_cast<double>(lbl.latency1.value) * 1e-6,
                 short_name(energy->point.mode), energy->point.tile.x, energy->point.tile.y,
                 best.energy.value * 1e-9, static_cast<double>(best.latency1.value) * 1e-6,
                 rows.back().energy_gain_single, rows.back().energy_gain,
                 static_cast<double>(latency->totals->latency1.value) * 1e-6,
                 rows.back().latency_gain);
    }
  }
  fmt::print("{} points on {} pairs: {:.1f} CPU-s, {:.1f} s\n", points, rows.size(),
             processor_seconds() - cpu, wall_seconds() - wall);
  if (folder.empty()) return;
  for (const auto& [name, text] : {std::pair<std::string, std::string>{"fusion.csv", csv},
                                   {"fusion.svg", chart(rows)}})
    if (const auto written = write_file(folder + "/" + name, text); !written)
      fmt::print(stderr, "{}", to_string(written.error()));
}

}  // namespace

int main(int argc, char** argv) {
  case_study_1();
  all_pairs(argc > 1 ? argv[1] : "");
  return 0;
}
