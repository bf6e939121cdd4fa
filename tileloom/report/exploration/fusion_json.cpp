#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tileloom/report/csv_line.hpp"
#include "tileloom/report/exploration/fusion_table.hpp"
#include "tileloom/support/version.hpp"

namespace tileloom::report {
namespace {

using namespace scheduler::defines;
using Json = nlohmann::ordered_json;

Json pair(Extent extent) { return {extent.x, extent.y}; }

Json point_json(const FusionPoint& point) {
  Json json{{"mode", name(point.point.mode)}, {"tile", pair(point.point.tile)}};
  if (!point.totals) {
    json["infeasible"] = point.infeasible;
    return json;
  }
  const Totals& totals = *point.totals;
  json["energy_pJ"] = totals.energy.value;
  json["mac_energy_pJ"] = totals.mac_energy.value;
  json["copy_energy_pJ"] = totals.copy_energy.value;
  json["latency_cycles"] = totals.latency1.value;
  json["latency_without_loads_and_copies_cycles"] = totals.latency0.value;
  json["latency_with_offloads_cycles"] = totals.latency2.value;
  json["copy_latency_cycles"] = totals.copy_latency.value;
  return json;
}

Json layer_json(const FusedLayer& layer) {
  return {{"id", layer.id},
          {"tile", pair(layer.tile)},
          {"input_window", pair(layer.window)},
          {"map", pair(layer.full)},
          {"recomputed_share", layer.recomputed},
          {"input_memory", layer.input_memory},
          {"output_memory", layer.output_memory},
          {"energy_pJ", layer.energy.value},
          {"copy_energy_pJ", layer.copy_energy.value},
          {"latency_cycles", layer.latency.value},
          {"copy_latency_cycles", layer.copy_latency.value}};
}

Json cache_json(const std::string& memory, Bits bits) {
  if (memory.empty()) return nullptr;
  return {{"memory", memory}, {"bits", bits.value}};
}

Json stack_json(const FusedStack& stack) {
  Json layers = Json::array();
  for (const FusedLayer& layer : stack.layers) layers.push_back(layer_json(layer));
  return {{"tiles", stack.tiles},
          {"tile_types", stack.tile_types},
          {"columns_cache", cache_json(stack.columns_memory, stack.columns)},
          {"rows_cache", cache_json(stack.rows_memory, stack.rows)},
          {"weights", cache_json(stack.weights_memory, stack.weights)},
          {"layers", std::move(layers)}};
}

Json detail_json(const std::optional<FusionDetail>& detail) {
  if (!detail) return nullptr;
  Json json = point_json(detail->point);
  Json stacks = Json::array(), energies = Json::array();
  for (const FusedStack& stack : detail->stacks) stacks.push_back(stack_json(stack));
  for (const MemoryEnergy& energy : detail->energies)
    energies.push_back(
        {{"memory", energy.memory}, {"on", energy.on}, {"energy_pJ", energy.energy.value}});
  json["stacks"] = std::move(stacks);
  json["energy_by_memory"] = std::move(energies);
  return json;
}

Json repairs_json(const Repairs& repairs) {
  Json json = Json::object();
  for (const RepairName& repair : repair_names())
    json[std::string(repair.name)] = repairs.*repair.flag;
  return json;
}

}  // namespace

std::string fusion_json(const FusionExploration& found) {
  Json points = Json::array();
  for (const FusionPoint& point : found.points) points.push_back(point_json(point));
  const Json document{{"schema", "tileloom.fusion/1"},
                      {"version", kVersion},
                      {"network", found.network},
                      {"machine", found.machine},
                      {"loop_limit", found.options.lpf_limit},
                      {"repairs", repairs_json(found.options.repairs)},
                      {"cuts_after_layer", found.cuts},
                      {"complete", found.points.size() == found.asked},
                      {"points", std::move(points)},
                      {"layer_by_layer", point_json(found.layer_by_layer)},
                      {"single_layer", point_json(found.single_layer)},
                      {"least_energy", detail_json(found.least_energy)},
                      {"least_latency", detail_json(found.least_latency)}};
  return document.dump(1) + "\n";
}

std::string fusion_csv(const FusionExploration& found) {
  std::string csv = csv_line({"network", "machine", "mode", "tile_x", "tile_y", "energy_pJ",
                              "copy_energy_pJ", "latency_cycles", "copy_latency_cycles",
                              "latency_with_offloads_cycles", "infeasible"});
  for (const FusionPoint& point : found.points) {
    std::vector<std::string> fields{found.network, found.machine,
                                    std::string(name(point.point.mode)),
                                    std::to_string(point.point.tile.x),
                                    std::to_string(point.point.tile.y)};
    if (point.totals) {
      const Totals& totals = *point.totals;
      for (const double energy : {totals.energy.value, totals.copy_energy.value})
        fields.push_back(fmt::format("{}", energy));
      for (const Cycles cycles : {totals.latency1, totals.copy_latency, totals.latency2})
        fields.push_back(std::to_string(cycles.value));
    } else {
      fields.insert(fields.end(), 5, "");
    }
    fields.push_back(point.infeasible);
    csv += csv_line(fields);
  }
  return csv;
}

}  // namespace tileloom::report
