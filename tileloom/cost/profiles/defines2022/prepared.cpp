#include "tileloom/cost/profiles/defines2022/prepared.hpp"

#include <algorithm>

namespace tileloom::cost::defines2022 {
namespace {

/// Relevant: the operand's indices. Window: the variables of the relations that belong to it, which
/// are all of the layer's as soon as one of its indices is a relation's result.
std::array<Relevance, kDims> relevance_of(const Layer& layer, const LayerOperand& operand) {
  std::array<Relevance, kDims> relevance{};
  for (const Dim dim : kAllDims) {
    Relevance& of_dim = relevance[static_cast<std::size_t>(dim)];
    of_dim = std::ranges::find(operand.dims, dim) != operand.dims.end() ? Relevance::relevant
                                                                        : Relevance::irrelevant;
    if (!operand.windows.empty())
      for (const Relation& relation : layer.relations)
        if (dim == relation.output || dim == relation.kernel) of_dim = Relevance::window;
    if (layer.sizes[dim] == 1) of_dim = Relevance::none;
  }
  return relevance;
}

std::vector<Rung> rungs_of(const Machine& machine, MemoryOperand operand) {
  std::vector<Rung> rungs(static_cast<std::size_t>(levels(machine, operand)));
  int ports_before = 0;
  for (std::size_t m = 0; m < machine.memories.size(); ++m) {
    const Memory& memory = machine.memories[static_cast<MemoryIndex>(m)];
    if (memory.serves(operand)) {
      Rung& rung = rungs[static_cast<std::size_t>(*memory.level[operand])];
      rung.memory = m;
      rung.read_width = static_cast<double>(memory.read_width.value);
      rung.write_width = static_cast<double>(memory.write_width.value);
      rung.least_read = static_cast<double>(memory.least_read.value);
      rung.least_write = static_cast<double>(memory.least_write.value);
      rung.read_energy = memory.read_energy.value;
      rung.write_energy = memory.write_energy.value;
      rung.size = memory.size.value;
      rung.latency = memory.latency.value;
      rung.sharers = static_cast<std::int64_t>(memory.operands.size());
      for (std::size_t p = 0; p < memory.ports.size(); ++p)
        for (const Served& served : memory.ports[p].serves)
          if (served.operand == operand)
            rung.port[static_cast<std::size_t>(served.link)] = ports_before + static_cast<int>(p);
    }
    ports_before += static_cast<int>(memory.ports.size());
  }
  return rungs;
}

struct PlacedLoop {
  std::string pe_dim;
  SpatialLoop loop;
};

/// u = min(PE dimension, wanted, bound), then the fraction bound/ceil(bound/u).
std::vector<PlacedLoop> unroll(const Machine& machine, const SpatialMapping& unrolling,
                               const Sizes& tile) {
  std::vector<PlacedLoop> placed;
  for (const Unrolling& wanted : unrolling) {
    const auto pe_dim = std::ranges::find_if(
        machine.pe_dims, [&](const PeDim& d) { return d.name == wanted.pe_dim; });
    if (pe_dim == machine.pe_dims.end()) continue;
    const std::int64_t bound = tile[wanted.loop];
    const std::int64_t side_by_side = std::min({pe_dim->size, wanted.size, bound});
    const std::int64_t steps = (bound + side_by_side - 1) / side_by_side;
    placed.push_back({wanted.pe_dim, {wanted.loop, bound, steps}});
  }
  // As the artifact lists them: the first PE dimension last.
  if (!placed.empty() && placed[0].pe_dim == machine.pe_dims[0].name)
    std::rotate(placed.begin(), placed.begin() + 1, placed.end());
  return placed;
}

/// Level a holds what the a-th memory shares and no lower one did; the rest stands above the last.
std::vector<std::vector<SpatialLoop>> spatial_levels(const Machine& machine, MemoryOperand operand,
                                                     std::vector<PlacedLoop> loops) {
  const int count = levels(machine, operand);
  std::vector<std::vector<SpatialLoop>> per_level(static_cast<std::size_t>(count) + 1);
  for (int level = 0; level <= count; ++level) {
    std::vector<PlacedLoop> left;
    for (const PlacedLoop& placed : loops) {
      const bool here =
          level == count ||
          std::ranges::count(machine.memories[memory_at(machine, operand, level)].served_dims,
                             placed.pe_dim) > 0;
      if (here)
        per_level[static_cast<std::size_t>(level)].push_back(placed.loop);
      else
        left.push_back(placed);
    }
    loops = std::move(left);
  }
  return per_level;
}

PreparedOperand prepare_operand(const Machine& machine, const Layer& layer,
                                const LayerOperand& operand,
                                const std::vector<PlacedLoop>& unrolled) {
  PreparedOperand prepared;
  prepared.memory = operand.memory;
  prepared.bits = operand.bits.value;
  prepared.final_bits = operand.bits.value;
  prepared.relevance = relevance_of(layer, operand);
  if (!operand.windows.empty()) prepared.windows = layer.relations;
  prepared.rungs = rungs_of(machine, operand.memory);
  prepared.spatial = spatial_levels(machine, operand.memory, unrolled);
  return prepared;
}

PreparedMemory prepare_memory(const Memory& memory, const Prepared& prepared) {
  PreparedMemory result{memory.size.value, {}};
  for (const MemoryOperand held : memory.operands)
    for (std::size_t o = 0; o < prepared.operands.size(); ++o)
      if (prepared.operands[o].memory == held) result.tenants.push_back({o, *memory.level[held]});
  return result;
}

/// For every port of the machine, how many of the inputs it serves.
std::vector<int> inputs_on_ports(const Prepared& prepared, std::size_t ports) {
  std::vector<int> count(ports, 0);
  for (std::size_t p = 0; p < ports; ++p) {
    for (std::size_t o = 1; o < prepared.operands.size(); ++o) {
      const auto serves = [&](const Rung& rung) {
        return rung.port[static_cast<std::size_t>(Link::to_low)] == static_cast<int>(p) ||
               rung.port[static_cast<std::size_t>(Link::from_high)] == static_cast<int>(p);
      };
      if (std::ranges::any_of(prepared.operands[o].rungs, serves)) ++count[p];
    }
  }
  return count;
}

}  // namespace

Prepared prepare(const Machine& machine, const Layer& layer, const SpatialMapping& unrolling,
                 const Sizes& tile) {
  Prepared prepared;
  const std::vector<PlacedLoop> unrolled = unroll(machine, unrolling, tile);
  prepared.operands.push_back(prepare_operand(machine, layer, layer.output, unrolled));
  prepared.operands[0].is_output = true;
  prepared.operands[0].final_bits = layer.final_output_bits.value;
  for (const LayerOperand& input : layer.inputs)
    prepared.operands.push_back(prepare_operand(machine, layer, input, unrolled));
  prepared.tile = tile;
  prepared.temporal = tile;
  for (const PlacedLoop& placed : unrolled)
    prepared.temporal[placed.loop.dim] =
        (prepared.temporal[placed.loop.dim] * placed.loop.steps + placed.loop.bound - 1) /
        placed.loop.bound;
  prepared.loops = layer.loops;
  for (const Dim dim : kAllDims) prepared.macs *= tile[dim];
  prepared.pes = pe_count(machine);
  prepared.mac_energy = machine.mac_energy.value;
  for (const Memory& memory : machine.memories) {
    prepared.ports += memory.ports.size();
    prepared.memories.push_back(prepare_memory(memory, prepared));
  }
  prepared.inputs_on_port = inputs_on_ports(prepared, prepared.ports);
  return prepared;
}

}  // namespace tileloom::cost::defines2022
