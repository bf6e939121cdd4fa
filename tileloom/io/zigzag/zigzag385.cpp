#include "tileloom/io/zigzag/zigzag385.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tileloom/io/zigzag/read_network.hpp"

namespace tileloom::io::zigzag {
namespace {

using namespace cost::defines2022;

std::optional<MemoryOperand> operand_called(const std::string& text) {
  for (const MemoryOperand operand : kMemoryOperands)
    if (text == name(operand)) return operand;
  return std::nullopt;
}

std::optional<Link> link_called(const std::string& text) {
  if (text == "to_low") return Link::to_low;
  if (text == "from_high") return Link::from_high;
  if (text == "from_low") return Link::from_low;
  if (text == "to_high") return Link::to_high;
  return std::nullopt;
}

/// A port: {type, bw_min_bits_per_cycle, bw_max_bits_per_cycle, links: [[operand, link], …]}. Its
/// widths become the memory's.
Port read_port(Reading& reading, const Node& node, Memory& memory) {
  const Node type = reading.member(node, "type");
  Port port{.name = reading.string(type), .serves = {}};
  const bool reads = port.name != "write";
  const bool writes = port.name != "read";
  if (reads && writes && port.name != "read_write" && !port.name.empty())
    reading.mistake(type, fmt::format("unknown port type \"{}\"", port.name),
                    "known: read, write, read_write");
  const Bits width{reading.positive_integer(reading.member(node, "bw_max_bits_per_cycle"))};
  const Bits least{reading.positive_integer(reading.member(node, "bw_min_bits_per_cycle"))};
  if (reads) memory.read_width = width, memory.least_read = least;
  if (writes) memory.write_width = width, memory.least_write = least;
  for (const Node& entry : reading.items(reading.member(node, "links"))) {
    const std::vector<Node> parts = reading.items(entry);
    const auto operand =
        parts.size() == 2 ? operand_called(reading.string(parts[0])) : std::nullopt;
    const auto link = parts.size() == 2 ? link_called(reading.string(parts[1])) : std::nullopt;
    if (!operand || !link || !memory.serves(*operand))
      reading.mistake(entry, fmt::format("not a link of memory {}", memory.name),
                      "write [operand, to_low | from_high | from_low | to_high]");
    else
      port.serves.push_back({*operand, *memory.level[*operand], *link});
  }
  return port;
}

Memory read_memory(Reading& reading, const Node& node, PerOperand<int>& levels) {
  Memory memory;
  memory.name = reading.string(reading.member(node, "name"));
  for (const Node& item : reading.items(reading.member(node, "operands"))) {
    const std::optional<MemoryOperand> operand = operand_called(reading.string(item));
    if (!operand) {
      reading.mistake(item, "unknown memory operand", "known: I1, I2, O");
      continue;
    }
    memory.operands.push_back(*operand);
    memory.level[*operand] = levels[*operand]++;
  }
  memory.size = {reading.positive_integer(reading.member(node, "size_bits"))};
  memory.read_energy = {reading.non_negative_number(reading.member(node, "r_energy_pJ"))};
  memory.write_energy = {reading.non_negative_number(reading.member(node, "w_energy_pJ"))};
  memory.latency = {reading.non_negative_integer(reading.member(node, "latency"))};
  for (const Node& dim : reading.items(reading.member(node, "served_dimensions")))
    memory.served_dims.push_back(reading.string(dim));
  memory.read_width = memory.write_width = memory.least_read = memory.least_write = {1};
  for (const Node& port : reading.items(reading.member(node, "ports")))
    memory.ports.push_back(read_port(reading, port, memory));
  return memory;
}

/// Every operand must be held somewhere and each of its links carried by a port.
void check_links(Reading& reading, const Node& node, const Machine& machine) {
  for (const MemoryOperand operand : kMemoryOperands)
    if (levels(machine, operand) == 0)
      reading.mistake(node, fmt::format("no memory holds {}", name(operand)), "add it to one");
    else if (levels(machine, operand) > kMostLevels)
      reading.mistake(node,
                      fmt::format("{} has {} levels", name(operand), levels(machine, operand)),
                      fmt::format("at most {} are supported", kMostLevels));
  for (const Memory& memory : machine.memories) {
    for (const MemoryOperand operand : memory.operands) {
      std::size_t carried = 0;
      for (const Port& port : memory.ports)
        carried +=
            static_cast<std::size_t>(std::ranges::count(port.serves, operand, &Served::operand));
      if (carried != (operand == MemoryOperand::O ? kLinks : 2))
        reading.mistake(
            node,
            fmt::format("memory {} carries {} links of {}", memory.name, carried, name(operand)),
            "inputs have to_low and from_high, outputs from_low and to_high as well");
    }
  }
}

Machine read_machine385(Reading& reading, const Node& node, const std::string& machine_name) {
  Machine machine;
  machine.name = machine_name;
  machine.mac_energy = {reading.non_negative_number(reading.member(node, "mac_energy_pJ"))};
  for (const auto& [dim, size] : reading.members_as_written(reading.member(node, "pe_dims")))
    machine.pe_dims.push_back({dim, reading.positive_integer(size)});
  PerOperand<int> next_level;
  const Node memories = reading.member(node, "memories_declaration_order");
  for (const Node& item : reading.items(memories))
    machine.memories.push_back(read_memory(reading, item, next_level));
  check_links(reading, memories, machine);
  return machine;
}

/// K, C, OX, OY as far as the PE array has dimensions: [32, 32] or [32, 2, 4, 4] in the runs.
SpatialMapping unrolling_of(const Machine& machine) {
  constexpr std::array<Dim, 4> loops{Dim::K, Dim::C, Dim::OX, Dim::OY};
  SpatialMapping mapping;
  for (std::size_t i = 0; i < std::min(loops.size(), machine.pe_dims.size()); ++i)
    mapping.push_back({machine.pe_dims[i].name, loops[i], machine.pe_dims[i].size});
  return mapping;
}

void read_run(Reading& reading, const Node& run, Reference385& reference) {
  const Node arch = reading.member(run, "arch");
  const std::string arch_name = reading.string(arch);
  const auto machine = reference.machines.find(arch_name);
  if (machine == reference.machines.end()) {
    reading.mistake(arch, fmt::format("unknown architecture \"{}\"", arch_name),
                    "describe it under \"architectures\"");
    return;
  }
  const Node objective = reading.member(run, "opt");
  const std::string wanted = reading.string(objective);
  if (wanted != "energy" && wanted != "latency")
    reading.mistake(objective, fmt::format("unknown objective \"{}\"", wanted),
                    "known: energy, latency");
  const std::int64_t limit = reading.positive_integer(reading.member(run, "lpf_limit"));
  for (const Node& item : reading.items(reading.member(run, "layers"))) {
    Case385 one;
    one.layer = convolution385(reading, item);
    one.id = fmt::format("layer {}", one.layer.id);
    one.arch = arch_name;
    one.objective = wanted;
    one.loop_limit = static_cast<int>(std::min<std::int64_t>(limit, 16));
    one.unrolling = unrolling_of(machine->second);
    one.place = item;
    reference.cases.push_back(std::move(one));
  }
}

}  // namespace

Layer convolution385(Reading& reading, const Node& node) {
  Layer layer;
  layer.id = reading.non_negative_integer(reading.member(node, "id"));
  layer.loops = {Dim::B, Dim::K, Dim::C, Dim::OY, Dim::OX, Dim::FY, Dim::FX};
  layer.sizes = read_loops(reading, reading.member(node, "loop_dims")).sizes;
  for (const Node& relation : reading.items(reading.member(node, "relations")))
    layer.relations.push_back(read_relation(reading, relation));
  layer.output = {.name = "O",
                  .memory = MemoryOperand::O,
                  .dims = {Dim::B, Dim::K, Dim::OY, Dim::OX},
                  .bits = {16}};
  layer.inputs = {{.name = "W",
                   .memory = MemoryOperand::I2,
                   .dims = {Dim::K, Dim::C, Dim::FY, Dim::FX},
                   .bits = {8},
                   .constant = true},
                  {.name = "I",
                   .memory = MemoryOperand::I1,
                   .dims = {Dim::B, Dim::C},
                   .windows = {Axis::x, Axis::y},
                   .bits = {8}}};
  return layer;
}

Reference385 read_reference385(Reading& reading) {
  Reference385 reference;
  for (const auto& [name, node] : reading.members(reading.member(reading.root(), "architectures")))
    reference.machines.emplace(name, read_machine385(reading, node, name));
  for (const Node& run : reading.items(reading.member(reading.root(), "runs")))
    read_run(reading, run, reference);
  return reference;
}

}  // namespace tileloom::io::zigzag
