#include "tileloom/cost/profiles/defines2022/machine.hpp"

#include <algorithm>

namespace tileloom::cost::defines2022 {
namespace {

/// Takes the link of `operand` at levels above `top` out of every port; a port that then carries
/// nothing disappears.
void drop_links_above(Memory& memory, MemoryOperand operand, int top) {
  for (Port& port : memory.ports)
    std::erase_if(port.serves, [&](const Served& served) {
      return served.operand == operand && served.level > top;
    });
  std::erase_if(memory.ports, [](const Port& port) { return port.serves.empty(); });
}

void drop_operand(Memory& memory, MemoryOperand operand) {
  memory.level[operand].reset();
  std::erase(memory.operands, operand);
  drop_links_above(memory, operand, -1);
}

PerId<MemoryIndex, Memory> those_in_use(const PerId<MemoryIndex, Memory>& memories) {
  PerId<MemoryIndex, Memory> used;
  for (const Memory& memory : memories)
    if (!memory.operands.empty()) used.push_back(memory);
  return used;
}

/// I2 joins wherever I1 is.
void add_twin(Memory& memory) {
  const auto input = std::ranges::find(memory.operands, MemoryOperand::I1);
  if (input == memory.operands.end()) return;
  memory.operands.push_back(MemoryOperand::I2);
  memory.level[MemoryOperand::I2] = memory.level[MemoryOperand::I1];
  for (Port& port : memory.ports) {
    const std::vector<Served> served = port.serves;
    for (Served twin : served) {
      if (twin.operand != MemoryOperand::I1) continue;
      twin.operand = MemoryOperand::I2;
      port.serves.push_back(twin);
    }
  }
}

}  // namespace

std::string_view name(MemoryOperand operand) {
  switch (operand) {
    case MemoryOperand::I1:
      return "I1";
    case MemoryOperand::I2:
      return "I2";
    case MemoryOperand::O:
      return "O";
  }
  return {};
}

std::string_view name(Link link) {
  switch (link) {
    case Link::to_low:
      return "rd_out_to_low";
    case Link::from_high:
      return "wr_in_by_high";
    case Link::from_low:
      return "wr_in_by_low";
    case Link::to_high:
      return "rd_out_to_high";
  }
  return {};
}

int levels(const Machine& machine, MemoryOperand operand) {
  return static_cast<int>(std::ranges::count_if(
      machine.memories, [&](const Memory& memory) { return memory.serves(operand); }));
}

MemoryIndex memory_at(const Machine& machine, MemoryOperand operand, int level) {
  const auto found = std::ranges::find_if(
      machine.memories, [&](const Memory& memory) { return memory.level[operand] == level; });
  return static_cast<MemoryIndex>(found - machine.memories.begin());
}

MemoryIndex top_memory(const Machine& machine, MemoryOperand operand) {
  return memory_at(machine, operand, levels(machine, operand) - 1);
}

std::int64_t pe_count(const Machine& machine) {
  std::int64_t count = 1;
  for (const PeDim& dim : machine.pe_dims) count *= dim.size;
  return count;
}

Machine cut(const Machine& machine, const PerOperand<int>& top) {
  Machine rest = machine;
  for (Memory& memory : rest.memories) {
    for (const MemoryOperand operand : kMemoryOperands) {
      if (memory.level[operand] <= top[operand]) continue;
      drop_operand(memory, operand);
    }
  }
  rest.memories = those_in_use(rest.memories);
  return rest;
}

Machine with_twin_input(const Machine& machine) {
  Machine twin = machine;
  for (Memory& memory : twin.memories) drop_operand(memory, MemoryOperand::I2);
  twin.memories = those_in_use(twin.memories);
  for (Memory& memory : twin.memories) add_twin(memory);
  return twin;
}

}  // namespace tileloom::cost::defines2022
