#include "tileloom/report/tuning/cpu_tuning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tileloom/report/format.hpp"
#include "tileloom/report/text_table.hpp"

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kRows = static_cast<std::size_t>(SplitAxis::rows);

std::string layers_text(const CpuTuning& tuning, const scheduler::FusedBlock& block) {
  const std::string& first = tuning.layers[index(block.units.front())];
  const std::string& last = tuning.layers[index(block.units.back())];
  return block.units.size() == 1 ? first : first + " … " + last;
}

}  // namespace

const CpuStrategy& fastest(const CpuTuning& tuning) {
  return *std::ranges::min_element(tuning.strategies, {}, &CpuStrategy::microseconds);
}

const CpuStrategy& chosen(const CpuTuning& tuning) {
  return *std::ranges::min_element(tuning.strategies, {}, &CpuStrategy::trial);
}

std::string cpu_tuning_table(const CpuTuning& tuning, const TableOptions& options) {
  std::string text =
      fmt::format("{} on this machine's processor: {} units of layers as int8 on 1 to {} cores",
                  printable(tuning.model), tuning.layers.size(), tuning.cores);
  text += "\n";
  for (const NotMeasured& left : tuning.left_out) {
    text += fmt::format("not measured: {}: {}\n", printable(left.name), left.why);
  }
  text += fmt::format("{} blocks measured\n\n", tuning.measurements);
  TextTable table;
  table.columns = {{"strategy", Align::left},
                   {"microseconds"},
                   {"least"},
                   {"over the fastest"},
                   {"speed-up"},
                   {"sum of blocks"},
                   {"blocks"},
                   {"evaluations"}};
  const double least = fastest(tuning).microseconds;
  const double none = tuning.strategies.front().microseconds;
  for (const CpuStrategy& entry : tuning.strategies) {
    table.rows.push_back(
        {entry.fusion.strategy, fmt::format("{:.0f}", entry.microseconds),
         fmt::format("{:.0f}", entry.least), fmt::format("{:.3f}", entry.microseconds / least),
         fmt::format("{:.2f}x", none / entry.microseconds),
         fmt::format("{:.0f}", entry.fusion.cycles), std::to_string(entry.fusion.blocks.size()),
         std::to_string(entry.fusion.evaluations)});
  }
  text += render(table, options.width, options.colour);
  const CpuStrategy& choice = chosen(tuning);
  text += fmt::format(
      "\n{} was fastest in {} trial rounds and is chosen: {:.3f} of the fastest in the {} rounds "
      "after them\n\n",
      choice.fusion.strategy, tuning.rounds, choice.microseconds / least, tuning.rounds);
  TextTable blocks;
  blocks.columns = {
      {"block", Align::left, 0, 20}, {"layers"}, {"cores"}, {"tiles per core"}, {"microseconds"}};
  for (const scheduler::FusedBlock& block : choice.fusion.blocks) {
    blocks.rows.push_back({printable(layers_text(tuning, block)),
                           std::to_string(block.units.size()), std::to_string(block.choice.cores),
                           std::to_string(block.choice.plan.tiles[kRows]),
                           fmt::format("{:.0f}", block.choice.cycles)});
  }
  return text + render(blocks, options.width, options.colour);
}

std::string cpu_tuning_json(const CpuTuning& tuning) {
  Json strategies = Json::object();
  for (const CpuStrategy& entry : tuning.strategies) {
    Json blocks = Json::array();
    for (const scheduler::FusedBlock& block : entry.fusion.blocks) {
      Json layers = Json::array();
      for (const scheduler::UnitId unit : block.units) {
        layers.push_back(tuning.layers[index(unit)]);
      }
      blocks.push_back({{"layers", std::move(layers)},
                        {"cores", block.choice.cores},
                        {"tiles_per_core", block.choice.plan.tiles[kRows]},
                        {"microseconds", block.choice.cycles}});
    }
    strategies[entry.fusion.strategy] = {
        {"microseconds", entry.microseconds},
        {"least_microseconds", entry.least},
        {"trial_microseconds", entry.trial},
        {"over_fastest", entry.microseconds / fastest(tuning).microseconds},
        {"sum_of_blocks", entry.fusion.cycles},
        {"evaluations", entry.fusion.evaluations},
        {"blocks", std::move(blocks)}};
  }
  Json left_out = Json::array();
  for (const NotMeasured& left : tuning.left_out) {
    left_out.push_back({{"operator", left.name}, {"why", left.why}});
  }
  const Json document{{"schema", "tileloom.tune_cpu/2"},
                      {"model", tuning.model},
                      {"cores", tuning.cores},
                      {"layers", tuning.layers},
                      {"not_measured", std::move(left_out)},
                      {"measurements", tuning.measurements},
                      {"rounds", tuning.rounds},
                      {"chosen", chosen(tuning).fusion.strategy},
                      {"strategies", std::move(strategies)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report
