#include "tileloom/scheduler/defines/hierarchy.hpp"

namespace tileloom::scheduler::defines {

Hierarchy::Hierarchy(const Machine& machine) {
  for (const MemoryOperand operand : cost::defines2022::kMemoryOperands)
    for (int level = 0; level < cost::defines2022::levels(machine, operand); ++level)
      memories[operand].push_back(cost::defines2022::memory_at(machine, operand, level));
}

int lowest_level(const Machine& machine, const Hierarchy& hierarchy, MemoryOperand operand,
                 Bits need) {
  const std::vector<MemoryIndex>& levels = hierarchy.memories[operand];
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const Memory& memory = machine.memories[levels[level]];
    if (memory.instances == 1 && memory.size >= need) return static_cast<int>(level);
  }
  return hierarchy.top_level(operand);
}

bool is_shared(const Memory& memory) {
  return memory.instances == 1 && memory.serves(MemoryOperand::O) &&
         memory.serves(MemoryOperand::I1);
}

}  // namespace tileloom::scheduler::defines
