#pragma once
// Sets of memories as bits of a word.

#include <cstdint>

#include "tileloom/arch/architecture.hpp"

namespace tileloom::mapper {

/// The memory's bit in a set of memories.
constexpr std::uint32_t bit(MemoryId memory) { return std::uint32_t{1} << index(memory); }

}  // namespace tileloom::mapper
