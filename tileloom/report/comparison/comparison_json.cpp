#include "tileloom/report/comparison/comparison_json.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>

#include "tileloom/report/csv_line.hpp"
#include "tileloom/support/version.hpp"

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;

Json score_json(const Comparison& comparison, const std::optional<cost::Score>& score) {
  if (!score) return nullptr;
  if (!comparison.objective.second) return score->first;
  return Json::array({score->first, score->second});
}

Json spread_json(const std::optional<Spread>& spread) {
  if (!spread) return nullptr;
  return {{"median", spread->median}, {"best", spread->least}, {"worst", spread->most}};
}

Json run_json(const Comparison& comparison, const SearchRun& run) {
  Json trace = Json::array();
  for (const TracePoint& point : run.trace) {
    trace.push_back({{"evaluations", point.evaluations},
                     {"cpu_seconds", point.seconds},
                     {"value", score_json(comparison, point.score)}});
  }
  return {{"status", to_string(run.proof)},
          {"value", score_json(comparison, run.score)},
          {"lower_bound", score_json(comparison, run.lower_bound)},
          {"evaluations", run.evaluations},
          {"draws", run.draws},
          {"cpu_seconds", run.seconds},
          {"trace", std::move(trace)}};
}

Json layer_json(const Comparison& comparison, const ComparedLayer& layer) {
  Json mappers = Json::array();
  for (std::size_t m = 0; m < comparison.mappers.size(); ++m) {
    Json runs = Json::array();
    for (std::size_t s = 0; s < comparison.seeds.size(); ++s) {
      Json run = {{"seed", comparison.seeds[s]}};
      run.update(run_json(comparison, layer.runs[m][s]));
      runs.push_back(std::move(run));
    }
    mappers.push_back({{"mapper", comparison.mappers[m]},
                       {"relative", spread_json(at_end(layer, m))},
                       {"runs", std::move(runs)}});
  }
  return {{"name", layer.name},
          {"count", layer.count},
          {"reference", layer.reference()},
          {"floor", run_json(comparison, layer.floor)},
          {"mappers", std::move(mappers)}};
}

}  // namespace

std::string comparison_json(const Comparison& comparison) {
  Json mappers = Json::array();
  for (std::size_t m = 0; m < comparison.mappers.size(); ++m) {
    mappers.push_back(
        {{"mapper", comparison.mappers[m]},
         {"relative", spread_json(after_evaluations(comparison, m, INT64_MAX))},
         {"relative_at_1_percent",
          spread_json(after_evaluations(comparison, m, comparison.evaluations / 100))},
         {"relative_at_10_percent",
          spread_json(after_evaluations(comparison, m, comparison.evaluations / 10))}});
  }
  Json layers = Json::array();
  for (const ComparedLayer& layer : comparison.layers) {
    layers.push_back(layer_json(comparison, layer));
  }
  const Json document = {{"schema", "tileloom.comparison/1"},
                         {"tool", std::string("tileloom ") + kVersion},
                         {"model", comparison.model},
                         {"architecture", comparison.architecture},
                         {"objective", to_string(comparison.objective)},
                         {"evaluations", comparison.evaluations},
                         {"seeds", comparison.seeds},
                         {"layers_proved", comparison.proved()},
                         {"mappers", std::move(mappers)},
                         {"layers", std::move(layers)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string comparison_csv(const Comparison& comparison) {
  std::string text = csv_line(
      {"layer", "mapper", "seed", "evaluations", "cpu_seconds", "value", "relative_to_floor"});
  for (const ComparedLayer& layer : comparison.layers) {
    const double reference = layer.reference();
    for (std::size_t m = 0; m < comparison.mappers.size(); ++m) {
      for (std::size_t s = 0; s < comparison.seeds.size(); ++s) {
        for (const TracePoint& point : layer.runs[m][s].trace) {
          text += csv_line({layer.name, comparison.mappers[m], std::to_string(comparison.seeds[s]),
                            std::to_string(point.evaluations), fmt::format("{}", point.seconds),
                            fmt::format("{}", point.score.first),
                            reference > 0 ? fmt::format("{}", point.score.first / reference) : ""});
        }
      }
    }
  }
  return text;
}

}  // namespace tileloom::report
