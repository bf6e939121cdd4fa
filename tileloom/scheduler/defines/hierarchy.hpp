#pragma once
// A machine's memories as levels of each operand.

#include <optional>
#include <vector>

#include "tileloom/cost/profiles/defines2022/machine.hpp"

namespace tileloom::scheduler::defines {

using cost::defines2022::Machine;
using cost::defines2022::Memory;
using cost::defines2022::MemoryIndex;
using cost::defines2022::MemoryOperand;
using cost::defines2022::PerOperand;

/// For each operand its memories from the innermost to the top.
struct Hierarchy {
  PerOperand<std::vector<MemoryIndex>> memories;

  explicit Hierarchy(const Machine& machine);
  MemoryIndex top(MemoryOperand operand) const { return memories[operand].back(); }
  int top_level(MemoryOperand operand) const {
    return static_cast<int>(memories[operand].size()) - 1;
  }
};

/// The lowest level of `operand` that is one instance and holds `need` bits; its top if none does.
int lowest_level(const Machine& machine, const Hierarchy& hierarchy, MemoryOperand operand,
                 Bits need);

/// A memory that tiles and caches can be handed over in: outputs and inputs meet in one instance.
bool is_shared(const Memory& memory);

}  // namespace tileloom::scheduler::defines
