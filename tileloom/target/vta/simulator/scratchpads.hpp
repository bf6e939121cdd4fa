#pragma once
// The memories inside a VTA, the arithmetic on them, and who touched each entry last.

#include <array>
#include <cstdint>
#include <vector>

#include "tileloom/target/vta/isa/config.hpp"

namespace tileloom::target::vta {

/// Values. Activations and weights are widened to 16 bits, which multiplies twice as fast.
struct Scratchpads {
  explicit Scratchpads(const Config& config);

  std::int64_t batch;
  std::int64_t block_in;
  std::int64_t block_out;
  std::vector<std::uint32_t> micro_ops;
  std::vector<std::int16_t> inputs;        ///< [entry][batch][block_in]
  std::vector<std::int16_t> weights;       ///< [entry][block_out][block_in]
  std::vector<std::int32_t> accumulators;  ///< [entry][batch][block_out]
};

/// ACC[d] += INP[s] · WGT[w]ᵀ with 32-bit wrap-around.
void multiply_accumulate(Scratchpads& pads, std::int64_t d, std::int64_t s, std::int64_t w);

/// What wrote an entry of the accumulator last; decides whether it may be stored.
enum class Writer : std::uint8_t { nobody, load, reset, gemm, alu };

/// Last accesses to every entry of one scratchpad, as 1 + the position of the instruction in its
/// unit's queue; 0 = never.
struct Accesses {
  explicit Accesses(std::int64_t entries)
      : written(static_cast<std::size_t>(entries)), read(static_cast<std::size_t>(entries)) {}
  std::vector<std::int64_t> written;
  std::vector<std::int64_t> read;  ///< by the unit that does not write it
};

}  // namespace tileloom::target::vta
