#pragma once
// What an embedding costs before any tiling: steps, bytes, host packing.

#include <array>
#include <cstdint>

#include "tileloom/embedding/packing.hpp"

namespace tileloom {

struct Measures {
  std::int64_t steps = 0;                    ///< instructions
  std::array<std::int64_t, kParts> bytes{};  ///< of the stored blocks, by Part
  /// Bytes that the host gathers or scatters at run time: every operand but a constant whose
  /// packing is free.
  std::int64_t packing = 0;
  /// max(steps, ⌈Σ bytes / bytes_per_step⌉): every operand moved once, hidden behind the steps.
  std::int64_t cycles = 0;
  bool operator==(const Measures&) const = default;
};

std::int64_t total_bytes(const Measures& measures);

Measures measure(const Operator& op, const Instruction& instruction, const Embedding& embedding);

}  // namespace tileloom
