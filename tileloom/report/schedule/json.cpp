#include "tileloom/report/schedule/json.hpp"

#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/schedule/front.hpp"
#include "tileloom/report/schedule/json_layer.hpp"
#include "tileloom/support/version.hpp"

namespace tileloom::report {
namespace {

Json coverage_json(const Workload& workload) {
  Json summary = Json::array();
  for (const CoverageShare& share : coverage_shares(workload)) {
    summary.push_back({{"status", to_string(share.status)},
                       {"nodes", share.nodes},
                       {"macs", share.macs},
                       {"macs_share", share.macs_share},
                       {"bits_moved", share.bits},
                       {"bits_share", share.bits_share}});
  }
  Json nodes = Json::array();
  for (const NodeCoverage& node : workload.coverage) {
    Json operators = Json::array();
    for (const OperatorId op : node.operators) operators.push_back(workload.operators[op].name);
    nodes.push_back({{"node", node.node},
                     {"type", node.type},
                     {"status", to_string(node.status)},
                     {"operators", std::move(operators)},
                     {"note", node.note},
                     {"macs", node.macs},
                     {"bits_moved", node.bits_moved}});
  }
  return {{"summary", std::move(summary)}, {"nodes", std::move(nodes)}};
}

Json totals_json(const Workload& workload, const Architecture& arch,
                 const scheduler::Schedule& schedule) {
  std::int64_t without = 0;
  for (const scheduler::Layer& layer : schedule.layers)
    without += layer.result.tree.has_value() ? 0 : 1;
  return {{"layers", schedule.layers.size()},
          {"layers_without_mapping", without},
          {"macs", macs(workload)},
          {"cycles", schedule.latency.value},
          {"dispatch_cycles", schedule.dispatch.value},
          {"seconds", static_cast<double>(schedule.latency.value) / arch.clock_hz},
          {"energy_pj", schedule.energy.value},
          {"edp_pj_cycles", edp(schedule)},
          {"utilisation", utilisation(workload, arch, schedule)},
          {"bound",
           {{"cycles", schedule.bound.latency.value}, {"energy_pj", schedule.bound.energy.value}}},
          {"energy", energy_json(arch, energy_breakdown(schedule))}};
}

/// A number for one objective, a pair for two in lexicographic order.
Json score_json(const cost::Objective& objective, const cost::Score& score) {
  if (!objective.second) return score.first;
  return Json::array({score.first, score.second});
}

Json operators_json(const Workload& workload, const Architecture& arch,
                    const scheduler::Schedule& schedule) {
  const cost::Objective& objective = schedule.objective;
  Json operators = Json::array();
  for (const scheduler::Layer& layer : schedule.layers) {
    const mapper::MapResult& result = layer.result;
    Json value;
    if (result.evaluation) {
      value = score_json(objective, cost::score(objective, result.evaluation->latency.total,
                                                result.evaluation->energy));
    }
    operators.push_back(
        {{"name", workload.operators[layer.op].name},
         {"status", to_string(result.proof)},
         {"value", std::move(value)},
         {"lower_bound", score_json(objective, result.lower_bound)},
         {"seconds", layer.seconds},
         {"mapping", result.tree ? Json(print_tree(workload, arch, *result.tree)) : Json()}});
    if (result.front) operators.back()["front"] = front_json(workload, arch, *result.front);
  }
  return operators;
}

Json document(const Workload& workload, const Architecture& arch,
              const scheduler::Schedule& schedule) {
  Json layers = Json::array();
  for (const LayerSummary& summary : summaries(workload, arch, schedule)) {
    layers.push_back(layer_json(workload, arch, summary));
  }
  Json pipeline;
  if (schedule.pipeline) {
    pipeline = {{"interval_cycles", schedule.pipeline->interval.value},
                {"slowest_layer", workload.operators[schedule.pipeline->slowest].name},
                {"first_stage_energy_pj", schedule.pipeline->first_stage.value}};
  }
  Json text = {{"schema", "tileloom.schedule/1"},
               {"tool", std::string("tileloom ") + kVersion},
               {"model", schedule.model},
               {"architecture", schedule.architecture},
               {"objective", to_string(schedule.objective)},
               {"mapper", schedule.mapper},
               {"latency_model", to_string(schedule.latency_model)},
               {"status", to_string(schedule.proof)},
               {"reasons", schedule.reasons},
               {"totals", totals_json(workload, arch, schedule)},
               {"machine", machine_json(arch)},
               {"layers", std::move(layers)},
               {"coverage", coverage_json(workload)}};
  if (schedule.pipeline) text["pipeline"] = std::move(pipeline);
  return text;
}

Json mapping_document(const Workload& workload, const Architecture& arch,
                      const scheduler::Schedule& schedule) {
  Json whole = document(workload, arch, schedule);
  whole["operators"] = operators_json(workload, arch, schedule);
  return whole;
}

}  // namespace

std::string schedule_json(const Workload& workload, const Architecture& arch,
                          const scheduler::Schedule& schedule) {
  return document(workload, arch, schedule).dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

std::string mapping_json(const Workload& workload, const Architecture& arch,
                         const scheduler::Schedule& schedule) {
  return mapping_document(workload, arch, schedule)
             .dump(2, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

std::string mapping_json_compact(const Workload& workload, const Architecture& arch,
                                 const scheduler::Schedule& schedule) {
  return mapping_document(workload, arch, schedule)
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string schedule_json_compact(const Workload& workload, const Architecture& arch,
                                  const scheduler::Schedule& schedule) {
  return document(workload, arch, schedule).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tileloom::report
