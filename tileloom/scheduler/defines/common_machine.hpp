#pragma once
// A common architecture as DeFiNES sees one.

#include "tileloom/arch/architecture.hpp"
#include "tileloom/cost/profiles/defines2022/machine.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::scheduler::defines {

/// The machine with the architecture's memories, declared from the innermost to the outermost:
///     size = capacity, half of it if double-buffered; width = bits per cycle of the port;
///     least access g = a block of words; E per word of full width = E per block · width / g
/// A memory's PE dimensions served are the axes along which it has one instance. What is unlimited
/// becomes 2^40 bits (per cycle). Mistakes: the outermost memory does not hold all operands, or not
/// every axis stands below it.
Result<cost::defines2022::Machine> machine_of(const Architecture& arch);

/// The memory of the architecture that a memory of `machine_of` stands for.
inline MemoryId memory_of(const Architecture& arch, cost::defines2022::MemoryIndex memory) {
  return static_cast<MemoryId>(arch.memories.size() - 1 - index(memory));
}

}  // namespace tileloom::scheduler::defines
