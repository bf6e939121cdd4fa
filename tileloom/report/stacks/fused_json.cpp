#include <nlohmann/json.hpp>

#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/page/page.hpp"
#include "tileloom/report/schedule/json.hpp"
#include "tileloom/report/stacks/fused_files.hpp"

namespace tileloom::report {
namespace {

using FusedJson = nlohmann::ordered_json;

FusedJson layer_json(const Workload& workload, const StackLayer& layer) {
  return {{"operator", workload.operators[layer.op].name},
          {"tile", layer.tile},
          {"output", layer.whole},
          {"window", layer.window},
          {"input", layer.input},
          {"runs", layer.runs},
          {"recomputed_share", layer.recomputed},
          {"cycles", layer.latency.value},
          {"picojoules", layer.energy.value}};
}

FusedJson moment_json(const Workload& workload, const Architecture& arch,
                      const StackMoment& moment) {
  FusedJson occupants = FusedJson::array();
  for (const auto& [tensor, bits] : moment.occupants) {
    occupants.push_back({{"tensor", workload.tensors[tensor].name}, {"bits", bits}});
  }
  const Memory& memory = arch.memories[moment.memory];
  FusedJson capacity;
  if (memory.capacity) capacity = memory.capacity->value;
  return {{"operator", workload.operators[moment.op].name},
          {"memory", memory.name},
          {"bits", moment.bits},
          {"capacity_bits", std::move(capacity)},
          {"occupants", std::move(occupants)}};
}

void add_detail(FusedJson& json, const Workload& workload, const Architecture& arch,
                const scheduler::StackPart& part, const StackDetail& detail) {
  json["tiling"] = part.tiling;
  json["tiles"] = part.fused->iterations;
  json["recomputed_points"] = part.fused->recomputed;
  json["recomputed_share"] = recompute_share(workload, part);
  FusedJson peaks = FusedJson::object();
  for (const cost::Occupancy& at : part.fused->occupancy) {
    peaks[arch.memories[at.memory].name] = at.used.value;
  }
  json["peak_bits"] = std::move(peaks);
  FusedJson layers = FusedJson::array(), energies = FusedJson::array(),
            moments = FusedJson::array();
  for (const StackLayer& layer : detail.layers) layers.push_back(layer_json(workload, layer));
  for (const PhaseEnergy& energy : detail.energies) {
    energies.push_back({{"memory", arch.memories[energy.memory].name},
                        {"role", to_string(energy.role)},
                        {"phase", to_string(energy.phase)},
                        {"picojoules", energy.energy.value}});
  }
  for (const StackMoment& moment : detail.moments) {
    moments.push_back(moment_json(workload, arch, moment));
  }
  json["layers"] = std::move(layers);
  json["arithmetic_picojoules"] = detail.arithmetic.value;
  json["energy"] = std::move(energies);
  json["occupancy"] = std::move(moments);
}

template <class Cost>
FusedJson cost_json(const Cost& cost) {
  return {{"cycles", cost.latency.value}, {"picojoules", cost.energy.value}};
}

FusedJson part_json(const Workload& workload, const Architecture& arch,
                    const scheduler::FusedSchedule& schedule, const scheduler::StackPart& part,
                    const std::optional<StackDetail>& detail) {
  FusedJson operators = FusedJson::array();
  for (const OperatorId op : part.operators) operators.push_back(workload.operators[op].name);
  FusedJson json = {{"operators", std::move(operators)},
                    {"cycles", part.latency.value},
                    {"picojoules", part.energy.value}};
  json["layer_by_layer"] = schedule.compared ? cost_json(alone(schedule, part)) : FusedJson();
  if (part.own) json["own_model"] = cost_json(*part.own);
  if (detail)
    add_detail(json, workload, arch, part, *detail);
  else if (!part.tiling.empty())
    json["tiling"] = part.tiling;
  return json;
}

FusedJson network_front_json(const scheduler::FusedFront& front) {
  FusedJson points = FusedJson::array();
  for (const scheduler::FrontPoint& point : front.points) {
    FusedJson json = {{"cycles", point.latency.value}, {"picojoules", point.energy.value}};
    if (front.traffic) json["outer_memory_bits"] = point.home_bits;
    if (front.memory) json["inner_memories_bits"] = point.inner_bits;
    json["stacks"] = point.stacks;
    points.push_back(std::move(json));
  }
  return {{"complete", front.factor == 1},
          {"factor", front.factor},
          {"found", front.found},
          {"points", std::move(points)}};
}

/// As the page shows the front of one operator.
FusedJson page_front(const scheduler::FusedSchedule& schedule) {
  FusedJson points = FusedJson::array();
  for (const scheduler::FrontPoint& point : schedule.front->points) {
    points.push_back(
        {{"cycles", point.latency.value},
         {"energy_pj", point.energy.value},
         {"edp_pj_cycles", static_cast<double>(point.latency.value) * point.energy.value},
         {"mapping", point.stacks}});
  }
  const FusedJson bound = {{"cycles", schedule.bound.latency.value},
                           {"energy_pj", schedule.bound.energy.value}};
  return {{"name", "all operators, in stacks"},
          {"front",
           {{"complete", false},
            {"gap", nullptr},
            {"points", std::move(points)},
            {"lower_bounds", FusedJson::array({bound})}}}};
}

FusedJson document_of(const Workload& workload, const Architecture& arch,
                      const scheduler::FusedSchedule& schedule, const StackDetails& details) {
  FusedJson parts = FusedJson::array();
  for (std::size_t i = 0; i < schedule.parts.size(); ++i) {
    parts.push_back(part_json(workload, arch, schedule, schedule.parts[i], details[i]));
  }
  FusedJson json = {{"format", "tileloom.fused/1"},
                    {"model", workload.name},
                    {"architecture", arch.name},
                    {"objective", nullptr},
                    {"method", schedule.method},
                    {"cycles", schedule.latency.value},
                    {"picojoules", schedule.energy.value},
                    {"layer_by_layer", nullptr},
                    {"bound", cost_json(schedule.bound)},
                    {"status", to_string(schedule.proof)},
                    {"space", schedule.space},
                    {"stacks_evaluated", schedule.evaluations},
                    {"notes", schedule.notes},
                    {"reasons", schedule.reasons},
                    {"stacks", std::move(parts)}};
  if (schedule.compared) {
    json["objective"] = to_string(schedule.layer_by_layer.objective);
    json["layer_by_layer"] = cost_json(schedule.layer_by_layer);
  }
  if (schedule.front) json["front"] = network_front_json(*schedule.front);
  if (schedule.tree) json["tree"] = print_tree(workload, arch, *schedule.tree);
  return json;
}

}  // namespace

std::string fused_json(const Workload& workload, const Architecture& arch,
                       const scheduler::FusedSchedule& schedule, const StackDetails& details) {
  return document_of(workload, arch, schedule, details)
             .dump(2, ' ', false, FusedJson::error_handler_t::replace) +
         "\n";
}

std::string fused_page(const Workload& workload, const Architecture& arch,
                       const scheduler::FusedSchedule& schedule, const StackDetails& details) {
  std::string report = schedule_json_compact(workload, arch, schedule.layer_by_layer);
  report.pop_back();  // the closing brace
  report += ",\"fused\":" + document_of(workload, arch, schedule, details)
                                .dump(-1, ' ', false, FusedJson::error_handler_t::replace);
  if (schedule.front)
    report += ",\"operators\":" + FusedJson::array({page_front(schedule)})
                                      .dump(-1, ' ', false, FusedJson::error_handler_t::replace);
  return page_of(report + "}");
}

}  // namespace tileloom::report
