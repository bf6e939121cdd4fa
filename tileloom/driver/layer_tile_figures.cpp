#include "tileloom/driver/layer_tile_figures.hpp"

namespace tileloom::driver {
namespace {

using namespace cost::defines2022;
using nlohmann::json;

std::string text(Dim dim) { return std::string(name(dim)); }

/// The loops of each level, innermost first.
json temporal(const Mapping& mapping, std::size_t operand) {
  json levels = json::array();
  int below = 0;
  for (const int boundary : mapping.boundary[operand]) {
    json loops = json::array();
    for (; below < boundary; ++below) {
      const TemporalLoop& loop = mapping.order[static_cast<std::size_t>(below)];
      loops.push_back({text(loop.dim), loop.size});
    }
    levels.push_back(std::move(loops));
  }
  return levels;
}

json spatial(const PreparedOperand& operand) {
  json levels = json::array();
  for (const std::vector<SpatialLoop>& level : operand.spatial) {
    json loops = json::array();
    for (const SpatialLoop& loop : level) loops.push_back({text(loop.dim), loop.fraction()});
    levels.push_back(std::move(loops));
  }
  return levels;
}

json words(const std::vector<std::array<double, kLinks>>& levels) {
  json all = json::array();
  for (const std::array<double, kLinks>& links : levels)
    all.push_back({{"rd_to_low", links[static_cast<std::size_t>(Link::to_low)]},
                   {"wr_from_low", links[static_cast<std::size_t>(Link::from_low)]},
                   {"rd_to_high", links[static_cast<std::size_t>(Link::to_high)]},
                   {"wr_from_high", links[static_cast<std::size_t>(Link::from_high)]}});
  return all;
}

template <class Values>
json values_of(const Values& values) {
  json all = json::array();
  for (const auto& value : values) all.push_back(value.value);
  return all;
}

/// Everything that is said per operand.
void add_operand(json& figures, const std::string& name, std::size_t i, const Machine& machine,
                 const PreparedOperand& operand, const mapper::loma::MappedLayer& mapped) {
  json memories = json::array();
  for (const Rung& rung : operand.rungs)
    memories.push_back(machine.memories[static_cast<MemoryIndex>(rung.memory)].name);
  figures["top"][name] = memories.back();
  figures["mem_levels"][name] = std::move(memories);
  figures["temporal"][name] = temporal(mapped.mapping, i);
  figures["spatial"][name] = spatial(operand);
  figures["energy_by_op_level"][name] = values_of(mapped.cost.energy_by_level[i]);
  figures["word_access"][name] = words(mapped.cost.words[i]);
  json buffered = json::array();
  for (const bool doubled : mapped.cost.double_buffered[i]) buffered.push_back(doubled);
  figures["double_buffer"][name] = std::move(buffered);
}

}  // namespace

json layer_tile_figures(const scheduler::defines::Exploration& exploration,
                        const scheduler::defines::LayerTile& tile,
                        const scheduler::defines::MappedLayer& mapped) {
  const Layer& layer = exploration.network().layers[tile.layer];
  const Sizes sizes = scheduler::defines::sizes_of(exploration.network(), tile);
  const Machine machine =
      scheduler::defines::machine_for(exploration.network(), exploration.machine(), tile);
  const Prepared prepared =
      prepare(machine, layer, exploration.costs().unrolling(tile), sizes);
  json figures{{"kind", "layer"},
               {"energy", mapped.cost.energy.value},
               {"mac_energy", mapped.cost.mac_energy.value},
               {"ideal_cycle", mapped.cost.ideal.value},
               {"ideal_temporal_cycle", mapped.cost.temporal.value},
               {"stall", mapped.cost.stall.value},
               {"load_cycles", mapped.cost.loading.value},
               {"offload_cycles", mapped.cost.offloading.value},
               {"latency0", mapped.cost.latency0.value},
               {"latency1", mapped.cost.latency1.value},
               {"latency2", mapped.cost.latency2.value}};
  for (const Dim dim : layer.loops) figures["loop_dims"][text(dim)] = sizes[dim];
  add_operand(figures, layer.output.name, 0, machine, prepared.operands[0], mapped);
  for (std::size_t i = 0; i < layer.inputs.size(); ++i)
    add_operand(figures, layer.inputs[i].name, i + 1, machine, prepared.operands[i + 1], mapped);
  return figures;
}

}  // namespace tileloom::driver
