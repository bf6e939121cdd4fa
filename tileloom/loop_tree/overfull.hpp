#pragma once
#include <span>

#include "tileloom/loop_tree/check.hpp"

namespace tileloom {

/// What lives in one instance of a memory at a time.
struct Occupant {
  MemoryId memory{};
  TensorId tensor{};
  std::int64_t bits = 0;  ///< all copies
};

/// Says what lives in a memory that has a capacity and is too small for it.
/// @param home  the largest occupant is a home above sequences: it has no smaller tiles
Violation overfull(const Workload& workload, const Memory& memory, std::span<const Occupant> here,
                   bool home);

}  // namespace tileloom
