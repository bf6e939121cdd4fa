#include "tileloom/report/tuning/tuned_fusion.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tileloom/report/format.hpp"
#include "tileloom/report/text_table.hpp"
#include "tileloom/report/tuning/tuned_batch.hpp"

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;
using scheduler::BlockChoice;
using scheduler::FusedBlock;
using scheduler::Fusion;

bool solved(const Fusion& fusion) {
  return fusion.proof != Proof::infeasible && !fusion.blocks.empty();
}

std::int64_t whole(double cycles) { return std::llround(cycles); }

double total(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

/// A sum in whole cycles: the parts are rounded so that they add up to the rounded whole, which
/// leaves what is least least.
class WholeSum {
 public:
  /// What `cycles` more add to it.
  std::int64_t add(double cycles) {
    const std::int64_t before = value();
    sum_ += cycles;
    return value() - before;
  }
  std::int64_t value() const { return whole(sum_); }

 private:
  double sum_ = 0;
};

Json block_json(const TunedFusion& report, const FusedBlock& block, double simulated,
                WholeSum& cycles, WholeSum& simulated_cycles) {
  const BlockChoice& choice = block.choice;
  Json json = plan_json(report, block.units, choice.cores, choice.plan);
  json["cycles"] = cycles.add(choice.cycles);
  json["simulated_cycles"] = simulated_cycles.add(simulated);
  json["disagreement"] = disagreement(report, choice, simulated);
  json["dispatch_cycles"] = whole(choice.cost.dispatch);
  json["compute_cycles"] = whole(choice.cost.compute);
  json["memory_cycles"] = whole(choice.cost.memory);
  json["exchange_cycles"] = whole(choice.cost.exchange);
  json["dram_bytes"] = whole(choice.cost.dram_bits / 8);
  json["on_chip_bytes_per_core"] = whole(choice.cost.room / 8);
  json["redundancy"] = choice.cost.useful > 0 ? choice.cost.work / choice.cost.useful : 1.0;
  json["boundary"] = block.boundary;
  return json;
}

Json strategy_json(const TunedFusion& report, const TunedStrategy& entry) {
  const Fusion& fusion = entry.fusion;
  if (!solved(fusion)) {
    return {{"cycles", nullptr},
            {"status", to_string(fusion.proof)},
            {"reason", fusion.reason},
            {"evaluations", fusion.evaluations},
            {"plans", fusion.plans},
            {"search_seconds", fusion.seconds},
            {"blocks", Json::array()},
            {"tree", nullptr},
            {"tree_obstacles", Json::array()}};
  }
  Json blocks = Json::array();
  WholeSum cycles;
  WholeSum simulated;
  double compute = 0, dram = 0, work = 0, useful = 0;
  for (std::size_t i = 0; i < fusion.blocks.size(); ++i) {
    blocks.push_back(block_json(report, fusion.blocks[i], entry.simulated[i], cycles, simulated));
    const BlockChoice& choice = fusion.blocks[i].choice;
    compute += choice.cost.compute * static_cast<double>(choice.cores);
    dram += choice.cost.dram_bits / 8;
    work += choice.cost.work;
    useful += choice.cost.useful;
  }
  const Fusion& none = strategy(report, "none").fusion;
  const Fusion& best = strategy(report, "optimal").fusion;
  const auto ratio = [](double a, const Fusion& f, bool over) -> Json {
    if (!solved(f)) return nullptr;
    return over ? f.cycles / a : a / f.cycles - 1;
  };
  Json json{
      {"cycles", cycles.value()},
      {"simulated_cycles", simulated.value()},
      {"seconds", fusion.cycles / report.clock_hz},
      {"speedup", ratio(fusion.cycles, none, true)},
      {"gap_to_optimal", ratio(fusion.cycles, best, false)},
      {"gap_to_brute_force", ratio(fusion.cycles, strategy(report, "brute_force").fusion, false)},
      {"status", to_string(fusion.proof)},
      {"space", fusion.space},
      {"evaluations", fusion.evaluations},
      {"plans", fusion.plans},
      {"search_seconds", fusion.seconds},
      {"dram_bytes", whole(dram)},
      {"redundancy", useful > 0 ? work / useful : 1.0},
      {"core_utilisation", compute / (fusion.cycles * static_cast<double>(report.cores))},
      {"blocks", std::move(blocks)}};
  add_tree(json, entry.tree);
  return json;
}

Json calibration_json(const TunedFusion& report) {
  const scheduler::Calibration& c = report.calibration;
  const auto fit = [](const scheduler::Fit& f) -> Json {
    return {{"r2", f.r2}, {"residual", f.residual}};
  };
  return {{"cached", report.calibration_cached},
          {"measurements", c.measurements},
          {"seconds", report.calibration_seconds},
          {"log2_cores",
           {{"constant", c.constant},
            {"per_log2_operations", c.per_operations},
            {"per_log2_channels", c.per_channels},
            {"fit", fit(c.cores_fit)}}},
          {"critical_operations_per_core", c.critical_operations},
          {"critical_operations_spread", c.critical_spread},
          {"halo_penalty", {{"slope", c.halo_slope}, {"fit", fit(c.halo_fit)}}},
          {"mean_slowdown_of_the_fit", c.mean_slowdown}};
}

TextTable strategies_table(const TunedFusion& report) {
  TextTable table;
  table.columns = {{"strategy", Align::left},
                   {"cycles"},
                   {"speed-up"},
                   {"above optimum"},
                   {"simulated", Align::right, 3},
                   {"blocks"},
                   {"evaluations", Align::right, 2},
                   {"search", Align::right, 1}};
  const Fusion& none = strategy(report, "none").fusion;
  const Fusion& best = strategy(report, "optimal").fusion;
  for (const TunedStrategy& entry : report.strategies) {
    const Fusion& f = entry.fusion;
    if (!solved(f)) {
      table.rows.push_back({f.strategy, "does not fit", "", "", "", "", format_exact(f.evaluations),
                            format_seconds(f.seconds)});
      continue;
    }
    table.rows.push_back({f.strategy, format_exact(whole(f.cycles)),
                          solved(none) ? format_factor(none.cycles / f.cycles) : "",
                          solved(best) ? format_gap(f.cycles / best.cycles - 1) : "",
                          format_exact(whole(total(entry.simulated))),
                          std::to_string(f.blocks.size()), format_exact(f.evaluations),
                          format_seconds(f.seconds)});
  }
  return table;
}

TextTable blocks_table(const TunedFusion& report, const Fusion& fusion) {
  TextTable table;
  table.columns = {{"block", Align::left, 0, 20}, {"units"},
                   {"on", Align::left},           {"cycles"},
                   {"compute", Align::right, 3},  {"memory", Align::right, 3},
                   {"twice", Align::right, 2}};
  for (const FusedBlock& block : fusion.blocks) {
    const cost::BlockCost& cost = block.choice.cost;
    table.rows.push_back({printable(block_name(report, block.units)),
                          std::to_string(block.units.size()), partition_text(block.choice),
                          format_exact(whole(block.choice.cycles)),
                          format_exact(whole(cost.compute)), format_exact(whole(cost.memory)),
                          cost.useful > 0 ? format_percent(cost.work / cost.useful - 1) : ""});
  }
  return table;
}

}  // namespace

const TunedStrategy& strategy(const TunedFusion& report, const std::string& name) {
  return *std::ranges::find(report.strategies, name,
                            [](const TunedStrategy& entry) { return entry.fusion.strategy; });
}

std::string block_name(const TunedFusion& report, const std::vector<scheduler::UnitId>& units) {
  const auto name = [&](scheduler::UnitId unit) {
    return report.operators[index(report.units[unit].operators.front())];
  };
  if (units.size() == 1) return name(units.front());
  return name(units.front()) + " … " + name(units.back());
}

std::string partition_text(const BlockChoice& choice) {
  return partition_text(choice.cores, choice.plan);
}

std::string partition_text(std::int64_t cores, const cost::BlockPlan& plan) {
  std::string text = fmt::format("{} core{}", cores, cores == 1 ? "" : "s");
  if (!plan.boxes.empty()) return text + ": boxes of its own ranks";
  std::string parts;
  for (const SplitAxis axis : kAllSplitAxes) {
    const std::int64_t n = plan.cores[static_cast<std::size_t>(axis)];
    if (n > 1) parts += fmt::format("{}{} {}", parts.empty() ? ": " : " x ", n, to_string(axis));
  }
  text += parts;
  const std::int64_t tiles = cost::tiles_of(plan);
  if (tiles > 1) text += fmt::format(", {} tiles", tiles);
  if (plan.halo == Halo::exchanged) text += ", exchanged";
  return text;
}

std::string disagreement(const TunedFusion& report, const BlockChoice& choice, double simulated) {
  if (choice.cycles <= 0 || std::abs(simulated / choice.cycles - 1) <= 0.05) return "";
  const auto why = [&] {
    if (!choice.plan.boxes.empty())
      return "boxes at the border and first and last steps are not the mean ones";
    if (simulated < choice.cycles) {
      return "parts at the border are smaller and leave the channels to the others, and weights "
             "arrive while inputs do";
    }
    if (report.multicast && choice.cores > 1 && !choice.plan.resident_weights) {
      return "cores that share the reads of weights go in step, piece by piece, and wait for the "
             "longest part of each";
    }
    if (cost::tiles_of(choice.plan) == 1) return "cores are not in step";
    if (!choice.plan.resident_weights) {
      return "inputs and results of the neighbouring tiles delay the pieces of weights, and the "
             "lanes wait";
    }
    return "tiles are few or of unequal size, and overlap less than in the mean";
  };
  return fmt::format("simulated {:+.1f} %: {}", 100 * (simulated / choice.cycles - 1), why());
}

std::string tuned_fusion_table(const TunedFusion& report, const TableOptions& options) {
  const scheduler::Calibration& c = report.calibration;
  std::string text = fmt::format(
      "{} on {}: {} operators in {} units, {} cores\n"
      "calibration ({} measurements{}): cores = 2^{:.2f} · operations^{:.3f} · channels^{:.3f} "
      "(R2 {:.2f}), a core is worth {} operations, halo penalty {:.2f} · layers · cores / rows (R2 "
      "{:.2f})\n\n",
      printable(report.model), report.architecture, report.operators.size(), report.units.size(),
      report.cores, c.measurements, report.calibration_cached ? ", remembered" : "", c.constant,
      c.per_operations, c.per_channels, c.cores_fit.r2, format_count(c.critical_operations),
      c.halo_slope, c.halo_fit.r2);
  text += render(strategies_table(report), options.width, options.colour);
  const Fusion& best = strategy(report, "optimal").fusion;
  if (!solved(best)) return text + "\n" + best.reason + "\n";
  text += fmt::format("\noptimal ({}): {}\n\n", to_string(best.proof), best.space);
  text += render(blocks_table(report, best), options.width, options.colour);
  return report.batch ? text + "\n" + batch_table(report, *report.batch, options) : text;
}

std::string tuned_fusion_json(const TunedFusion& report) {
  Json strategies = Json::object();
  for (const TunedStrategy& entry : report.strategies) {
    strategies[entry.fusion.strategy] = strategy_json(report, entry);
  }
  if (report.batch) strategies["pipelined"] = batch_json(report, *report.batch);
  Json units = Json::array();
  for (const scheduler::Unit& unit : report.units) {
    Json names = Json::array();
    for (const OperatorId id : unit.operators) names.push_back(report.operators[index(id)]);
    units.push_back(std::move(names));
  }
  const Json document{{"schema", "tileloom.tune_fusion/1"},
                      {"model", report.model},
                      {"architecture", report.architecture},
                      {"clock_hz", report.clock_hz},
                      {"cores", report.cores},
                      {"units", std::move(units)},
                      {"calibration", calibration_json(report)},
                      {"strategies", std::move(strategies)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report
