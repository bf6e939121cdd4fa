#include "tileloom/target/vta/simulator/scratchpads.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace tileloom::target::vta {
namespace {

std::size_t size(std::int64_t a, std::int64_t b) { return static_cast<std::size_t>(a * b); }

/// One row of activations against all rows of a weight tile. The sums stay below 2²² for up to 256
/// products of 8-bit numbers, so only the addition to the accumulator can wrap.
void row_times_tile(std::int32_t* acc, const std::int16_t* row, const std::int16_t* tile,
                    std::int64_t block_in, std::int64_t block_out) {
  for (std::int64_t j = 0; j < block_out; ++j) {
    std::int32_t sum = 0;
    for (std::int64_t k = 0; k < block_in; ++k) sum += row[k] * tile[j * block_in + k];
    acc[j] = static_cast<std::int32_t>(static_cast<std::uint32_t>(acc[j]) +
                                       static_cast<std::uint32_t>(sum));
  }
}

#ifdef __SSE2__
/// The same, four output lanes at a time. Requires block_in to be a multiple of 8 and block_out of 4.
void row_times_tile_by_fours(std::int32_t* acc, const std::int16_t* row, const std::int16_t* tile,
                             std::int64_t block_in, std::int64_t block_out) {
  const auto load = [](const std::int16_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  };
  for (std::int64_t j = 0; j < block_out; j += 4) {
    __m128i sums[4] = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128(),
                       _mm_setzero_si128()};
    for (std::int64_t k = 0; k < block_in; k += 8) {
      const __m128i data = load(row + k);
      for (int q = 0; q < 4; ++q) {
        sums[q] = _mm_add_epi32(sums[q], _mm_madd_epi16(data, load(tile + (j + q) * block_in + k)));
      }
    }
    // Four times four partial sums, transposed while they are added.
    const __m128i low = _mm_add_epi32(_mm_unpacklo_epi32(sums[0], sums[1]),
                                      _mm_unpackhi_epi32(sums[0], sums[1]));
    const __m128i high = _mm_add_epi32(_mm_unpacklo_epi32(sums[2], sums[3]),
                                       _mm_unpackhi_epi32(sums[2], sums[3]));
    const __m128i four =
        _mm_add_epi32(_mm_unpacklo_epi64(low, high), _mm_unpackhi_epi64(low, high));
    __m128i* const to = reinterpret_cast<__m128i*>(acc + j);
    _mm_storeu_si128(to, _mm_add_epi32(_mm_loadu_si128(to), four));
  }
}
#endif

}  // namespace

Scratchpads::Scratchpads(const Config& config)
    : batch(config.batch()),
      block_in(config.block_in()),
      block_out(config.block_out()),
      micro_ops(static_cast<std::size_t>(depth(config, Memory::micro_op))),
      inputs(size(depth(config, Memory::input), batch * block_in)),
      weights(size(depth(config, Memory::weight), block_out * block_in)),
      accumulators(size(depth(config, Memory::accumulator), batch * block_out)) {}

void multiply_accumulate(Scratchpads& pads, std::int64_t d, std::int64_t s, std::int64_t w) {
  const std::int64_t in = pads.block_in;
  const std::int64_t out = pads.block_out;
  const std::int16_t* tile = &pads.weights[size(w, in * out)];
  for (std::int64_t b = 0; b < pads.batch; ++b) {
    std::int32_t* acc = &pads.accumulators[size(d * pads.batch + b, out)];
    const std::int16_t* row = &pads.inputs[size(s * pads.batch + b, in)];
#ifdef __SSE2__
    if (in % 8 == 0 && out % 4 == 0) {
      row_times_tile_by_fours(acc, row, tile, in, out);
      continue;
    }
#endif
    row_times_tile(acc, row, tile, in, out);
  }
}

}  // namespace tileloom::target::vta
