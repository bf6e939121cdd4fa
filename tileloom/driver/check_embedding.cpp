#include <fmt/format.h>

#include <algorithm>

#include "tileloom/driver/bench_embedding.hpp"
#include "tileloom/embedder/embedder.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::driver {

using namespace target::vta;

DeepBenchLayer reduced(DeepBenchLayer layer, std::int64_t most) {
  if (ConvShape* conv = std::get_if<ConvShape>(&layer.shape)) {
    const auto macs_of = [&] {
      std::int64_t product = conv->batch * conv->in_channels * conv->out_channels;
      for (const ConvAxis& axis : conv->axes) product *= axis.output * axis.filter;
      return product;
    };
    conv->batch = std::min<std::int64_t>(conv->batch, macs_of() > most ? 2 : conv->batch);
    while (macs_of() > most) {
      ConvAxis& axis = *std::max_element(
          conv->axes.begin(), conv->axes.end(),
          [](const ConvAxis& a, const ConvAxis& b) { return a.output < b.output; });
      if (axis.output <= 3) break;
      axis.output = (axis.output + 1) / 2;
      axis.input = 0;
    }
  } else if (MatmulShape* product = std::get_if<MatmulShape>(&layer.shape)) {
    const auto macs_of = [&] { return product->m * product->n * product->k; };
    while (macs_of() > most) {
      std::int64_t* largest = &product->m;
      if (product->n > *largest) largest = &product->n;
      if (product->k > *largest) largest = &product->k;
      *largest = (*largest + 1) / 2;
    }
  }
  return layer;
}

ValueCheck check_embedding(const Operator& op, const Config& config, const CompileOptions& options,
                           std::uint64_t seed) {
  const embedder::EmbedResult found = embedder::embed(op, gemm_core(config), {});
  const auto compiled = target::vta::compile(op, config, found.embeddings, options);
  if (!compiled) return {.complaints = {fmt::format("{} has no program", op.name)}};
  Random random(seed);
  return check_values(op, config, compiled->embedding, compiled->tiling, options.epilogue, random);
}

}  // namespace tileloom::driver
