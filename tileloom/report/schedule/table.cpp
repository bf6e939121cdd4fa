#include "tileloom/report/schedule/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tileloom/report/format.hpp"
#include "tileloom/report/schedule/summary.hpp"
#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

using Groups = std::vector<std::vector<std::size_t>>;

constexpr const char* kNone = "-";

std::string heading(const std::string& text, bool colour) {
  return colour ? "\n\x1b[1;4m" + text + "\x1b[0m\n" : "\n" + text + "\n";
}

Groups every_layer_alone(std::size_t layers) {
  Groups groups;
  for (std::size_t i = 0; i < layers; ++i) groups.push_back({i});
  return groups;
}

std::string share_of(double part, double whole) {
  return whole <= 0 ? kNone : format_percent(part / whole);
}

/// "DRAM read port" as "DRAM read".
std::string short_bound(const std::string& bound) {
  const std::string_view port = " port";
  return bound.ends_with(port) ? bound.substr(0, bound.size() - port.size()) : bound;
}

std::string status_text(Proof proof) {
  return proof == Proof::budget_spent ? "budget spent" : to_string(proof);
}

std::vector<std::string> layer_row(const LayerSummary& layer, std::size_t count,
                                   const scheduler::Schedule& schedule) {
  const auto copies = static_cast<double>(count);
  const cost::Evaluation* evaluation = layer.evaluation();
  std::vector<std::string> row{printable(layer.op->name), printable(layer.op->kind),
                               count == 1 ? "" : fmt::format("x{}", count),
                               format_count(static_cast<double>(layer.macs))};
  if (evaluation == nullptr) {
    row.insert(row.end(), {kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone});
  } else {
    const auto cycles = static_cast<double>(evaluation->latency.total.value);
    row.push_back(format_count(cycles));
    row.push_back(share_of(cycles * copies, static_cast<double>(schedule.latency.value)));
    row.push_back(format_percent(evaluation->utilisation));
    row.push_back(format_energy(evaluation->energy));
    row.push_back(share_of(evaluation->energy.value * copies, schedule.energy.value));
    row.push_back(format_count(*layer.edp));
    row.push_back(short_bound(layer.bottleneck.bound));
    row.push_back(layer.gap ? format_gap(*layer.gap) : kNone);
  }
  row.push_back(status_text(layer.layer->result.proof));
  return row;
}

std::string layers_table(const Workload& workload, const Architecture& arch,
                         const scheduler::Schedule& schedule,
                         const std::vector<LayerSummary>& layers, const Groups& groups,
                         const TableOptions& options) {
  TextTable table;
  table.columns = {{.title = "layer", .align = Align::left, .least = 14},
                   {.title = "kind", .align = Align::left, .dispensable = 5, .least = 6},
                   {.title = "n", .align = Align::left},
                   {.title = "MACs", .dispensable = 4},
                   {.title = "cycles"},
                   {.title = "time", .dispensable = 3},
                   {.title = "util", .dispensable = 1},
                   {.title = "energy"},
                   {.title = "share", .dispensable = 6},
                   {.title = "EDP pJ*cyc", .dispensable = 7},
                   {.title = "bound by", .align = Align::left},
                   {.title = "gap", .dispensable = 2},
                   {.title = "status", .align = Align::left}};
  for (const auto& group : groups) {
    table.rows.push_back(layer_row(layers[group.front()], group.size(), schedule));
  }
  table.rows.push_back({"total", "", fmt::format("{}", schedule.layers.size()),
                        format_count(static_cast<double>(macs(workload))),
                        format_count(static_cast<double>(schedule.latency.value)), "",
                        format_percent(utilisation(workload, arch, schedule)),
                        format_energy(schedule.energy), "", format_count(edp(schedule)), "", "",
                        status_text(schedule.proof)});
  table.footer = 1;
  return render(table, options.width, options.colour);
}

/// "conv1 (12.3 % of the time), DRAM read port:" and its remedies, one per line.
std::string relief_text(const scheduler::Schedule& schedule,
                        const std::vector<LayerSummary>& layers, const Groups& groups,
                        const TableOptions& options) {
  std::string text;
  const std::size_t width = options.width == 0 ? 0 : std::max<std::size_t>(options.width, 40) - 4;
  for (const auto& group : groups) {
    const LayerSummary& layer = layers[group.front()];
    const std::string copies = group.size() > 1 ? fmt::format(" x{}", group.size()) : "";
    std::vector<std::string> sentences = layer.bottleneck.relief;
    if (const cost::Evaluation* evaluation = layer.evaluation()) {
      const double cycles =
          static_cast<double>(evaluation->latency.total.value) * static_cast<double>(group.size());
      text += fmt::format("{}{} ({} of the time): {}\n", printable(layer.op->name), copies,
                          share_of(cycles, static_cast<double>(schedule.latency.value)),
                          layer.bottleneck.bound);
    } else {
      text += fmt::format("{}{}: no mapping\n", printable(layer.op->name), copies);
      sentences = {printable(layer.layer->result.reason)};
    }
    for (const std::string& sentence : sentences) {
      const char* mark = "  - ";
      for (const std::string& line : wrap(sentence, width)) {
        text += mark + line + "\n";
        mark = "    ";
      }
    }
  }
  return text;
}

std::string energy_table(const Architecture& arch, const scheduler::Schedule& schedule,
                         const TableOptions& options) {
  const EnergyBreakdown breakdown = energy_breakdown(schedule);
  const double total = breakdown.total().value;
  TextTable table;
  table.columns = {{.title = "memory", .align = Align::left, .least = 8},
                   {.title = "input"},
                   {.title = "weight"},
                   {.title = "output"},
                   {.title = "network"},
                   {.title = "total"},
                   {.title = "share", .dispensable = 1}};
  EnergyShare all;
  std::array<Picojoules, kRoles> by_role{};
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    std::array<Picojoules, kRoles> roles{};
    Picojoules network{};
    bool used = false;
    for (const EnergyShare& share : breakdown.shares) {
      if (share.memory != memory) continue;
      used = true;
      const auto role = static_cast<std::size_t>(share.role);
      roles[role] += share.reads + share.writes;
      by_role[role] += share.reads + share.writes;
      network += share.network;
      all.network += share.network;
    }
    if (!used) continue;
    const Picojoules sum = roles[0] + roles[1] + roles[2] + network;
    table.rows.push_back({printable(arch.memories[memory].name), format_energy(roles[0]),
                          format_energy(roles[1]), format_energy(roles[2]), format_energy(network),
                          format_energy(sum), share_of(sum.value, total)});
  }
  table.rows.push_back({printable(arch.compute.name), "", "", "", "",
                        format_energy(breakdown.compute),
                        share_of(breakdown.compute.value, total)});
  table.rows.push_back({"total", format_energy(by_role[0]), format_energy(by_role[1]),
                        format_energy(by_role[2]), format_energy(all.network),
                        format_energy(breakdown.total()), ""});
  table.footer = 1;
  return render(table, options.width, options.colour);
}

/// How often a pipeline gives a result, and what its second stage saved.
std::string pipeline_line(const Workload& workload, const scheduler::Schedule& schedule) {
  const scheduler::Pipeline& pipeline = *schedule.pipeline;
  const double before = pipeline.first_stage.value;
  const double saved = before > 0 ? 1 - schedule.energy.value / before : 0;
  return fmt::format(
      "pipeline: a result every {} cycles (slowest layer {}); {} instead of {} with every layer as "
      "fast as it can be, {} less\n",
      format_exact(pipeline.interval.value), printable(workload.operators[pipeline.slowest].name),
      format_energy(schedule.energy), format_energy(pipeline.first_stage), format_percent(saved));
}

/// Totals in full, how far they may be from the best, and what they leave out.
std::string closing_lines(const Workload& workload, const Architecture& arch,
                          const scheduler::Schedule& schedule) {
  // Of all layers; no figure to measure the totals by if some are left out of these.
  const bool whole = std::ranges::all_of(
      schedule.layers, [](const scheduler::Layer& layer) { return layer.result.tree.has_value(); });
  const auto over = [&](double found, double bound, const std::string& text) {
    if (!whole || bound <= 0) return std::string();
    return fmt::format(", {} the bound of any mapping ({})", format_factor(found / bound), text);
  };
  const double cycles = static_cast<double>(schedule.latency.value);
  const cost::LowerBound& bound = schedule.bound;
  std::string text =
      fmt::format("{} cycles = {} at {:.4g} MHz{}\n{}{}\n", format_exact(schedule.latency.value),
                  format_seconds(cycles / arch.clock_hz), arch.clock_hz / 1e6,
                  over(cycles, static_cast<double>(bound.latency.value),
                       format_exact(bound.latency.value)),
                  format_energy(schedule.energy),
                  over(schedule.energy.value, bound.energy.value, format_energy(bound.energy)));
  if (schedule.pipeline) text += pipeline_line(workload, schedule);
  if (schedule.dispatch.value > 0) {
    text += fmt::format("{} of the cycles start operators and synchronise cores\n",
                        format_exact(schedule.dispatch.value));
  }
  std::int64_t without = 0;
  for (const scheduler::Layer& layer : schedule.layers) {
    without += layer.result.tree.has_value() ? 0 : 1;
  }
  if (without > 0) {
    text += fmt::format("{} of {} layers have no mapping: the totals leave them out\n", without,
                        schedule.layers.size());
  }
  const auto unmapped =
      std::ranges::count(workload.coverage, NodeStatus::unmapped, &NodeCoverage::status);
  if (unmapped > 0) {
    text += fmt::format("{} of {} nodes are unmapped: the totals leave them out\n", unmapped,
                        workload.coverage.size());
  }
  for (const std::string& reason : schedule.reasons) {
    text += fmt::format("infeasible: {}\n", printable(reason));
  }
  return text;
}

}  // namespace

std::string coverage_table(const Workload& workload, const TableOptions& options) {
  TextTable table;
  table.columns = {{.title = "nodes", .align = Align::left},
                   {.title = "number"},
                   {.title = "MACs"},
                   {.title = "of MACs"},
                   {.title = "bytes moved"},
                   {.title = "of bytes"}};
  for (const CoverageShare& share : coverage_shares(workload)) {
    table.rows.push_back(
        {to_string(share.status), format_exact(share.nodes),
         format_count(static_cast<double>(share.macs)), format_percent(share.macs_share),
         format_bits(static_cast<double>(share.bits)), format_percent(share.bits_share)});
  }
  std::string text = render(table, options.width, options.colour);
  for (const NodeCoverage& node : workload.coverage) {
    if (node.status != NodeStatus::unmapped) continue;
    text += fmt::format("unmapped: {} ({}): {}\n", printable(node.node), printable(node.type),
                        printable(node.note));
  }
  return text;
}

std::string schedule_table(const Workload& workload, const Architecture& arch,
                           const scheduler::Schedule& schedule, const TableOptions& options) {
  const std::vector<LayerSummary> layers = summaries(workload, arch, schedule);
  const Groups groups =
      options.group ? identical_layers(schedule) : every_layer_alone(layers.size());
  const std::string timed = schedule.latency_model == cost::LatencyModel::overlapped
                                ? ""
                                : fmt::format(", latency {}", to_string(schedule.latency_model));
  const std::string sought = schedule.objective.front
                                 ? "best compromises of energy and latency (shown: least EDP)"
                                 : fmt::format("least {}", to_string(schedule.objective));
  std::string text = fmt::format("{} on {}, {}, mapper {}{}\n\n", printable(schedule.model),
                                 printable(schedule.architecture), sought, schedule.mapper, timed);
  text += layers_table(workload, arch, schedule, layers, groups, options);
  text += heading("What bounds each layer, and what would relieve it", options.colour);
  text += relief_text(schedule, layers, groups, options);
  text += heading("Energy by memory and tensor", options.colour);
  text += energy_table(arch, schedule, options);
  text += heading("Coverage of the model", options.colour);
  text += coverage_table(workload, options);
  text += "\n";
  text += closing_lines(workload, arch, schedule);
  return text;
}

}  // namespace tileloom::report
