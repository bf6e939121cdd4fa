#pragma once
// Machines on which stacks pay.

#include "tileloom/arch/architecture.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom {

/// A costly memory outside, a small one for all lanes, up to two axes, a register each.
inline Architecture small_machine(Random& random) {
  Architecture arch;
  arch.name = "small";
  const auto memory = [&](const char* name, double energy) {
    Memory m{.name = name};
    m.read.value = m.write.value = {energy};
    m.ports.read = m.ports.write = static_cast<double>(random.between(4, 64));
    arch.memories.push_back(m);
  };
  memory("DRAM", 100);
  memory("Buffer", static_cast<double>(random.between(2, 20)));
  memory("Reg", 1);
  arch.memories[MemoryId{1}].capacity = Bits{random.between(200, 4000)};
  for (std::int64_t i = random.between(0, 2); i > 0; --i) {
    SpatialAxis axis;
    axis.name = std::string(1, i == 1 ? 'x' : 'y');
    axis.size = random.between(2, 4);
    axis.below = 2;
    arch.axes.push_back(axis);
  }
  arch.launch_cycles = random.between(0, 20);
  return arch;
}

}  // namespace tileloom
