#pragma once
// Small random machines and operators for the tests of exact searches.

#include <fmt/format.h>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

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

/// A small matrix multiplication, once in `products` draws, or a convolution over at most so many
/// axes, with stride, dilation and padding.
inline Workload random_work(Random& random, std::uint64_t products, std::int64_t most_axes) {
  // Partial sums as wide as results, wider, or narrower.
  constexpr std::int64_t kPartial[] = {8, 16, 4};
  const ElementBits bits{8, 8, 8, kPartial[random.below(3)]};
  if (random.below(products) == 0) {
    return one_matmul("mm",
                      {.batch = 1,
                       .m = random.between(1, 4),
                       .n = random.between(1, 3),
                       .k = random.between(1, 4)},
                      bits);
  }
  std::vector<ConvAxis> axes;
  for (std::int64_t n = most_axes > 1 ? random.between(1, most_axes) : 1; n > 0; --n) {
    ConvAxis axis{.output = random.between(1, 4), .filter = random.between(1, 3)};
    axis.stride = random.between(1, 2);
    axis.dilation = random.between(1, 2);
    axis.pad_before = random.between(0, axis.filter - 1);
    axis.pad_after = axis.pad_before;
    if ((axis.output - 1) * axis.stride + (axis.filter - 1) * axis.dilation + 1 <=
        2 * axis.pad_before) {
      axis.pad_before = axis.pad_after = 0;
    }
    axes.push_back(axis);
  }
  return one_conv("conv",
                  {.batch = 1,
                   .in_channels = random.between(1, 2),
                   .out_channels = random.between(1, 2),
                   .groups = 1,
                   .axes = axes},
                  bits);
}

}  // namespace tileloom::mapper
