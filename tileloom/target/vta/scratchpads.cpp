#include "tileloom/target/vta/scratchpads.hpp"

namespace tileloom::target::vta {
namespace {

std::size_t size(std::int64_t a, std::int64_t b) { return static_cast<std::size_t>(a * b); }

/// One row of activations against all rows of a weight tile. The sums stay below 2²² for up to 256
/// products of 8-bit numbers, so only the addition to the accumulator can wrap.
template <int kIn>
void row_times_tile(std::int32_t* __restrict acc, const std::int16_t* __restrict row,
                    const std::int16_t* __restrict tile, std::int64_t block_in,
                    std::int64_t block_out) {
  const std::int64_t in = kIn > 0 ? kIn : block_in;
  for (std::int64_t j = 0; j < block_out; ++j) {
    std::int32_t sum = 0;
    for (std::int64_t k = 0; k < in; ++k) sum += row[k] * tile[j * in + k];
    acc[j] = static_cast<std::int32_t>(static_cast<std::uint32_t>(acc[j]) +
                                       static_cast<std::uint32_t>(sum));
  }
}

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
    if (in == 16) {
      row_times_tile<16>(acc, row, tile, in, out);
    } else if (in == 32) {
      row_times_tile<32>(acc, row, tile, in, out);
    } else {
      row_times_tile<0>(acc, row, tile, in, out);
    }
  }
}

}  // namespace tileloom::target::vta
