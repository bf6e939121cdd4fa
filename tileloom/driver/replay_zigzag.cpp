#include "tileloom/driver/replay_zigzag.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tileloom/io/zigzag/zigzag385.hpp"
#include "tileloom/mapper/loma/map_layer_zigzag385.hpp"

namespace tileloom::driver {
namespace {

using namespace cost::defines2022;
using io::zigzag::Case385;
using mapper::loma::MappedLayer385;
using nlohmann::json;

/// The loops of each level, innermost first.
json temporal_levels(const Mapping& mapping, std::size_t operand) {
  json levels = json::array();
  std::size_t below = 0;
  for (const int boundary : mapping.boundary[operand]) {
    json loops = json::array();
    for (; below < static_cast<std::size_t>(boundary); ++below)
      loops.push_back({name(mapping.order[below].dim), mapping.order[below].size});
    levels.push_back(std::move(loops));
  }
  return levels;
}

json memory_levels(const Machine& machine, const PreparedOperand& operand) {
  json names = json::array();
  for (const Rung& rung : operand.rungs)
    names.push_back(machine.memories[static_cast<MemoryIndex>(rung.memory)].name);
  return names;
}

/// In the shape of the file; what describes the question and the seconds it took are left out.
json figures(const Machine& machine, const Prepared& prepared, const Layer& layer,
             const MappedLayer385& mapped) {
  const auto& cost = mapped.cost;
  json result{{"energy_pJ", cost.energy.value},
              {"latency_cycles", cost.latency2.value},
              {"latency_total0", cost.latency0.value},
              {"latency_total1", cost.latency1.value},
              {"latency_total2", cost.latency2.value},
              {"ideal_cycle", cost.ideal.value},
              {"ideal_temporal_cycle", cost.temporal.value},
              {"mac_energy", cost.mac_energy.value},
              {"mem_energy", cost.energy.value - cost.mac_energy.value},
              {"cost_model_evaluations", mapped.evaluations}};
  for (std::size_t o = 0; o < prepared.operands.size(); ++o) {
    const std::string operand = o == 0 ? layer.output.name : layer.inputs[o - 1].name;
    for (const Picojoules level : cost.energy_by_level[o])
      result["energy_by_op_level"][operand].push_back(level.value);
    result["temporal_mapping"][operand] = temporal_levels(mapped.mapping, o);
    result["memory_levels"][operand] = memory_levels(machine, prepared.operands[o]);
  }
  return result;
}

}  // namespace

Diagnostics replay_zigzag385(const io::JsonText& file, const Each& each) {
  io::Reading reading(file);
  const io::zigzag::Reference385 reference = io::zigzag::read_reference385(reading);
  if (!reading.mistakes().empty()) return reading.mistakes();
  for (const Case385& one : reference.cases) {
    const Machine& machine = reference.machines.at(one.arch);
    const Prepared prepared = prepare(machine, one.layer, one.unrolling, one.layer.sizes);
    const auto mapped = mapper::loma::map_layer_zigzag385(
        prepared, one.loop_limit,
        one.objective == "energy" ? mapper::loma::Objective385::energy
                                  : mapper::loma::Objective385::latency);
    json expected = *one.place.value;
    for (const char* question : {"id", "loop_dims", "relations", "spatial_mapping", "cpu_s"})
      expected.erase(question);
    const std::string setting = fmt::format("{}, best {}", one.arch, one.objective);
    each({one.id, setting, expected,
          mapped ? figures(machine, prepared, one.layer, *mapped) : json::object()});
  }
  return reading.mistakes();
}

Tolerance zigzag385_tolerance(std::string_view quantity) {
  if (quantity.find("energy") != std::string_view::npos) return {.relative = 1e-9};
  return {};
}

}  // namespace tileloom::driver
