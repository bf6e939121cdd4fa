#pragma once
// Small random machines for the tests of exact searches.

#include <fmt/format.h>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper {

/// A machine of two or three memories and `least_axes` to two axes with random abilities, every
/// figure small.
inline Architecture random_machine(Random& random, std::int64_t least_axes) {
  Architecture arch;
  arch.name = "tiny";
  const std::int64_t memories = random.between(2, 3);
  for (std::int64_t m = 0; m < memories; ++m) {
    Memory memory;
    memory.name = fmt::format("M{}", m);
    if (m > 0) memory.capacity = Bits{8 * random.between(2, 24)};
    memory.read.value.value =
        static_cast<double>(random.between(1, 64)) / static_cast<double>(m + 1);
    memory.write.value.value =
        static_cast<double>(random.between(1, 64)) / static_cast<double>(m + 1);
    if (random.below(2) == 0) memory.ports.read = static_cast<double>(random.between(1, 32));
    if (random.below(3) == 0) memory.ports.write = static_cast<double>(random.between(1, 32));
    if (random.below(4) == 0) memory.ports.shared = static_cast<double>(random.between(4, 48));
    memory.double_buffered = m > 0 && random.below(4) == 0;
    if (m > 0) {
      for (bool& holds : memory.holds) holds = random.below(4) != 0;
    }
    arch.memories.push_back(memory);
  }
  std::size_t below = 1;
  for (std::int64_t a = random.between(least_axes, 2); a > 0; --a) {
    SpatialAxis axis;
    axis.name = fmt::format("a{}", a);
    axis.size = random.between(2, 4);
    axis.multicast = random.below(3) != 0;
    axis.reduce = random.below(3) != 0;
    axis.hop.value.value = static_cast<double>(random.below(3)) * 0.25;
    below = static_cast<std::size_t>(random.between(static_cast<std::int64_t>(below), memories));
    axis.below = below;
    arch.axes.push_back(axis);
  }
  arch.compute.mac.value.value = 1;
  return arch;
}

}  // namespace tileloom::mapper
