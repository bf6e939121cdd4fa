#pragma once
// A machine small enough to know by heart, for the tests of searches.

#include "tileloom/arch/architecture.hpp"

namespace tileloom::mapper {

/// Two memories, the inner one of 12 bytes, with an axis of four positions between them.
inline Architecture two_memories() {
  Architecture arch;
  arch.name = "two";
  Memory outer;
  outer.name = "Outer";
  outer.read.value.value = outer.write.value.value = 10;
  arch.memories.push_back(outer);
  Memory inner;
  inner.name = "Inner";
  inner.capacity = Bits{8 * 12};
  inner.read.value.value = inner.write.value.value = 1;
  arch.memories.push_back(inner);
  SpatialAxis axis;
  axis.name = "x";
  axis.size = 4;
  axis.below = 1;
  arch.axes.push_back(axis);
  return arch;
}

}  // namespace tileloom::mapper
