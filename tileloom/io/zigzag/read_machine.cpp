#include "tileloom/io/zigzag/read_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tileloom/io/zigzag/shipped.hpp"

namespace tileloom::io::zigzag {
namespace {

using namespace cost::defines2022;

MemoryOperand read_operand(Reading& reading, const Node& node) {
  const std::string text = reading.string(node);
  for (const MemoryOperand operand : kMemoryOperands)
    if (text == name(operand)) return operand;
  if (!text.empty())
    reading.mistake(node, fmt::format("unknown memory operand \"{}\"", text),
                    "known: I1 (activations in), I2 (weights), O (outputs)");
  return MemoryOperand::I1;
}

Link read_link(Reading& reading, const Node& node) {
  const std::string text = reading.string(node);
  for (const Link link : {Link::to_low, Link::from_high, Link::from_low, Link::to_high})
    if (text == name(link)) return link;
  if (!text.empty())
    reading.mistake(node, fmt::format("unknown link \"{}\"", text),
                    "known: rd_out_to_low, wr_in_by_high, wr_in_by_low, rd_out_to_high");
  return Link::to_low;
}

/// [operand, level, link]
Served read_served(Reading& reading, const Node& node, const Memory& memory) {
  const std::vector<Node> parts = reading.items(node);
  if (parts.size() != 3) {
    reading.mistake(node, fmt::format("expected 3 items, found {}", parts.size()),
                    "write [operand, level, link], such as [\"I1\", 0, \"rd_out_to_low\"]");
    return {};
  }
  const Served served{read_operand(reading, parts[0]),
                      static_cast<int>(reading.non_negative_integer(parts[1])),
                      read_link(reading, parts[2])};
  if (memory.level[served.operand] != served.level)
    reading.mistake(node,
                    fmt::format("memory {} does not hold {} at level {}", memory.name,
                                name(served.operand), served.level),
                    "a port serves the operands and levels of its memory");
  return served;
}

std::vector<Port> read_ports(Reading& reading, const Node& node, const Memory& memory) {
  std::vector<Port> ports;
  std::set<std::pair<int, int>> carried;
  for (const Node& item : reading.items(node)) {
    Port port{.name = reading.string(reading.member(item, "port")), .serves = {}};
    for (const Node& entry : reading.items(reading.member(item, "serves"))) {
      port.serves.push_back(read_served(reading, entry, memory));
      const Served& served = port.serves.back();
      if (!carried.insert({static_cast<int>(served.operand), static_cast<int>(served.link)}).second)
        reading.mistake(entry,
                        fmt::format("{} {} of memory {} is served twice", name(served.operand),
                                    name(served.link), memory.name),
                        "each link goes through one port");
    }
    ports.push_back(std::move(port));
  }
  return ports;
}

/// The links the model looks for: every operand is read downwards and filled from above; outputs
/// go both ways.
void check_links(Reading& reading, const Node& node, const Memory& memory) {
  for (const MemoryOperand operand : memory.operands) {
    for (const Link link : {Link::to_low, Link::from_high, Link::from_low, Link::to_high}) {
      if (operand != MemoryOperand::O && (link == Link::from_low || link == Link::to_high))
        continue;
      const bool found = std::ranges::any_of(memory.ports, [&](const Port& port) {
        return std::ranges::any_of(port.serves, [&](const Served& served) {
          return served.operand == operand && served.link == link;
        });
      });
      if (!found)
        reading.mistake(
            node,
            fmt::format("memory {} has no port for {} {}", memory.name, name(operand), name(link)),
            "add the link to one port");
    }
  }
}

Memory read_memory(Reading& reading, const Node& node) {
  Memory memory;
  memory.name = reading.string(reading.member(node, "name"));
  for (const Node& item : reading.items(reading.member(node, "operands")))
    memory.operands.push_back(read_operand(reading, item));
  const Node levels_of = reading.member(node, "level_of_operand");
  for (const MemoryOperand operand : memory.operands)
    memory.level[operand] = static_cast<int>(
        reading.non_negative_integer(reading.member(levels_of, std::string(name(operand)))));
  memory.size = {reading.positive_integer(reading.member(node, "size_bits"))};
  memory.read_width = {reading.positive_integer(reading.member(node, "r_bw"))};
  memory.write_width = {reading.positive_integer(reading.member(node, "w_bw"))};
  memory.read_energy = {reading.non_negative_number(reading.member(node, "r_energy_pJ"))};
  memory.write_energy = {reading.non_negative_number(reading.member(node, "w_energy_pJ"))};
  memory.least_read = {reading.positive_integer(reading.member(node, "min_r_granularity"))};
  memory.least_write = {reading.positive_integer(reading.member(node, "min_w_granularity"))};
  memory.latency = {reading.non_negative_integer(reading.member(node, "latency"))};
  memory.instances = reading.positive_integer(reading.member(node, "instances"));
  for (const Node& dim : reading.items(reading.member(node, "served_dimensions")))
    memory.served_dims.push_back(reading.string(dim));
  const Node ports = reading.member(node, "ports");
  memory.ports = read_ports(reading, ports, memory);
  check_links(reading, ports, memory);
  return memory;
}

/// Each operand has levels 0, 1, … without a gap, and memories share known PE dimensions.
void check_machine(Reading& reading, const Node& node, const Machine& machine) {
  for (const MemoryOperand operand : kMemoryOperands) {
    std::set<int> seen;
    for (const Memory& memory : machine.memories)
      if (memory.serves(operand) && !seen.insert(*memory.level[operand]).second)
        reading.mistake(
            node,
            fmt::format("two memories hold {} at level {}", name(operand), *memory.level[operand]),
            "each level of an operand is one memory");
    if (seen.empty() || *seen.rbegin() + 1 != static_cast<int>(seen.size()))
      reading.mistake(node, fmt::format("the levels of {} are not 0, 1, 2, …", name(operand)),
                      "number them from the innermost memory outwards without a gap");
    if (seen.size() > static_cast<std::size_t>(kMostLevels))
      reading.mistake(node, fmt::format("{} has {} levels", name(operand), seen.size()),
                      fmt::format("at most {} are supported", kMostLevels));
  }
  for (const Memory& memory : machine.memories)
    for (const std::string& served : memory.served_dims)
      if (std::ranges::none_of(machine.pe_dims, [&](const PeDim& d) { return d.name == served; }))
        reading.mistake(node,
                        fmt::format("memory {} serves unknown dimension {}", memory.name, served),
                        "name a dimension of \"pe_dims\"");
}

}  // namespace

Machine read_machine(Reading& reading, const Node& node, std::string machine_name) {
  Machine machine;
  machine.name = std::move(machine_name);
  machine.mac_energy = {reading.non_negative_number(reading.member(node, "mac_energy_pJ"))};
  for (const auto& [dim, size] : reading.members_as_written(reading.member(node, "pe_dims")))
    machine.pe_dims.push_back({dim, reading.positive_integer(size)});
  const Node memories = reading.member(node, "memories");
  for (const Node& item : reading.items(memories))
    machine.memories.push_back(read_memory(reading, item));
  check_machine(reading, memories, machine);
  return machine;
}

Result<Machine> read_machine_file(const std::string& path) {
  return read_one<Machine>(path, "architectures", "architecture", read_machine);
}

std::vector<std::string> machine_names() { return names_in(shipped_machine_folders()); }

Result<Machine> load_machine(const std::string& name_or_path) {
  const Result<std::string> path =
      find_file(name_or_path, shipped_machine_folders(), "architecture");
  if (!path) return tl::unexpected(path.error());
  return read_machine_file(*path);
}

}  // namespace tileloom::io::zigzag
