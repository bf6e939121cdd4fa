// The best stacks under DeFiNES' model (scheduler/defines/joint) against DeFiNES' own best point, on every
// pair of its five networks and ten machines.
//
//     build/release/bench/joint_experiment [FOLDER]      writes FOLDER/joint.csv and joint.svg

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
#include "tileloom/scheduler/defines/joint.hpp"
#include "tileloom/support/file.hpp"

namespace {

using namespace tileloom;
using namespace tileloom::scheduler;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// "0-12 cached 4x2, 13-29 whole": nodes of each stack, its mode and tile.
std::string words(const defines::JointSpace& space, const defines::JointSchedule& schedule) {
  std::string text;
  for (const defines::JointStack& stack : schedule.stacks) {
    const defines::Node& last =
        space.graph().nodes[static_cast<defines::NodeId>(stack.range.last)];
    const std::string& from =
        space.graph().nodes[static_cast<defines::NodeId>(stack.range.first)].id;
    const std::string layers = from == last.id ? from : from + " to " + last.id;
    const bool whole = stack.point.tile == last.full;
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", layers,
                        whole ? "whole"
                              : fmt::format("{} {}x{}", short_name(stack.point.mode),
                                            stack.point.tile.x, stack.point.tile.y));
  }
  return text;
}

struct Row {
  std::string network, machine;
  double energy = 0, latency = 0;  ///< ours / DeFiNES' best
};

/// For each pair the share of DeFiNES' best that is saved, in percent: energy wide, latency narrow.
std::string chart(const std::vector<Row>& rows) {
  constexpr double kTop = 260, kFloor = 300;
  double most = 0.01;
  for (const Row& row : rows) most = std::max({most, 1 - row.energy, 1 - row.latency});
  std::string body;
  double x = 60;
  std::string last;
  const auto bar = [&](double left, double width, double share, const char* fill) {
    const double height = kTop * share / most;
    return fmt::format(
        "<rect x=\"{:.0f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.1f}\" fill=\"{}\"/>", left,
        kFloor - height, width, height, fill);
  };
  for (const Row& row : rows) {
    if (row.network != last) {
      x += 24;
      body += fmt::format("<text x=\"{:.0f}\" y=\"318\" class=\"head\">{}</text>\n", x, row.network);
      last = row.network;
    }
    body += fmt::format("<g><title>{} on {}: energy -{:.1f} %, latency -{:.1f} %</title>{}{}</g>\n",
                        row.network, row.machine, 100 * (1 - row.energy), 100 * (1 - row.latency),
                        bar(x, 9, 1 - row.energy, "#31688e"),
                        bar(x + 9, 5, 1 - row.latency, "#e69f00"));
    x += 17;
  }
  for (double tick = 0; tick <= most; tick += 0.1)
    body += fmt::format(
        "<path d=\"M60 {0:.1f}H{1:.0f}\" stroke=\"#ccc\"/><text x=\"54\" y=\"{2:.1f}\" "
        "text-anchor=\"end\">{3:.0f} %</text>\n",
        kFloor - kTop * tick / most, x, kFloor + 4 - kTop * tick / most, 100 * tick);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} 340\" "
      "font-family=\"sans-serif\" font-size=\"11\"><style>.head{{font-size:13px}}</style>\n"
      "<text x=\"60\" y=\"20\" class=\"head\">Saved against DeFiNES' best point: least energy "
      "(wide, blue), least latency (narrow, orange); machines in the table's order</text>\n{}"
      "</svg>\n",
      x + 20, body);
}

struct Experiment {
  std::vector<Row> rows;
  std::string csv =
      "network,machine,defines_pJ,defines_cycles,same_tiles_pJ,same_tiles_cycles,joint_pJ,its_cycles,joint_cycles,its_pJ,joint_edp,"
      "front,ranges,evaluations,layer_tiles,cpu_seconds,least_energy_schedule,"
      "least_latency_schedule\n";
  double longest = 0;

  void pair(const defines::Network& network, const std::string& machine_name) {
    const defines::Machine machine = io::zigzag::load_machine(machine_name).value();
    driver::FusionRequest request;
    request.points = bench::fusion_grid(network);
    const auto grid = driver::explore_fusion(network, machine, request);
    const double theirs_energy = report::least_energy(grid->points)->totals->energy.value;
    const auto theirs_latency =
        static_cast<double>(report::least_latency(grid->points)->totals->latency1.value);
    const double begin = processor_seconds();
    defines::JointOptions options;
    for (const defines::Point& point : request.points)
      if (point.mode == defines::Mode::fully_cached) options.tiles.push_back(point.tile);
    const defines::JointSpace space(network, machine, {});
    const defines::JointResult found = best_joint(space, options);
    const double seconds = processor_seconds() - begin;
    longest = std::max(longest, seconds);
    const defines::JointSchedule& energy = best_of(found, {cost::Metric::energy, cost::Metric::latency});
    const defines::JointSchedule& latency =
        best_of(found, {cost::Metric::latency, cost::Metric::energy});
    const defines::JointSchedule& edp = best_of(found, {cost::Metric::edp, {}});
    const auto cycles = [](const defines::JointSchedule& schedule) {
      return static_cast<double>(schedule.latency.value);
    };
    rows.push_back({network.name, machine_name, energy.energy.value / theirs_energy,
                    cycles(latency) / theirs_latency});
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{:.2f},{},{}\n", network.name,
                       machine_name, theirs_energy, theirs_latency, found.least_energy.value,
                       found.least_latency.value, energy.energy.value,
                       energy.latency.value, latency.latency.value, latency.energy.value,
                       edp.energy.value * cycles(edp), found.front.size(), found.ranges,
                       found.evaluations, found.layer_tiles, seconds, words(space, energy),
                       words(space, latency));
    fmt::print("| {} | {} | {:.3f} | {:.3f} | {:.3f} | {:+.1f} % | {} | {:.2f} | {:.2f} | {:.2f} | "
               "{:+.1f} % | {} | "
               "{:.1f} |\n",
               network.name, machine_name, theirs_energy * 1e-9, found.least_energy.value * 1e-9,
               energy.energy.value * 1e-9,
               100 * (rows.back().energy - 1), words(space, energy), theirs_latency * 1e-6,
               static_cast<double>(found.least_latency.value) * 1e-6, cycles(latency) * 1e-6, 100 * (rows.back().latency - 1), found.front.size(), seconds);
    std::fflush(stdout);
  }
};

}  // namespace

int main(int argc, char** argv) {
  Experiment experiment;
  const double begin = processor_seconds();
  for (const char* name : {"fsrcnn", "dmcnnvd", "mccnn", "mobilenetv1", "resnet18"}) {
    const defines::Network network = io::zigzag::load_network(name).value();
    for (const std::string& machine : io::zigzag::machine_names()) experiment.pair(network, machine);
  }
  fmt::print("{} pairs: {:.1f} CPU-s with DeFiNES' own sweeps, the longest joint search {:.1f}\n",
             experiment.rows.size(), processor_seconds() - begin, experiment.longest);
  if (argc < 2) return 0;
  const std::string folder = argv[1];
  for (const auto& [name, text] : {std::pair<std::string, std::string>{"joint.csv", experiment.csv},
                                   {"joint.svg", chart(experiment.rows)}})
    if (const auto written = write_file(folder + "/" + name, text); !written)
      fmt::print(stderr, "{}", to_string(written.error()));
  return 0;
}
