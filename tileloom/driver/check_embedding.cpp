#include <fmt/format.h>

#include <algorithm>

#include "tileloom/driver/bench_embedding.hpp"
#include "tileloom/embedder/embedder.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/vta/host.hpp"
#include "tileloom/target/vta/simulate.hpp"

namespace tileloom::driver {
namespace {

using namespace target::vta;

using Values = std::vector<std::int8_t>;

/// The element of an operand at a point, or -1 where it is padding.
std::int64_t element(const Operand& operand, const std::vector<std::int64_t>& point) {
  std::int64_t place = 0;
  for (const Axis& axis : operand.axes) {
    std::int64_t position = axis.offset;
    for (const Term& term : axis.terms) {
      position += term.coefficient * point[index(term.rank)];
    }
    if (position < 0 || position >= axis.extent) return -1;
    place = place * axis.extent + position;
  }
  return place;
}

Values plain_result(const Operator& op, const Epilogue& epilogue, const Values& a,
                    const Values& b) {
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(elements(op.output)));
  std::vector<std::int64_t> point(op.ranks.size(), 0);
  for (std::int64_t n = points(op); n > 0; --n) {
    const std::int64_t x = element(op.inputs[0], point);
    const std::int64_t y = element(op.inputs[1], point);
    const std::int64_t z = element(op.output, point);
    if (x >= 0 && y >= 0 && z >= 0) {
      sums[static_cast<std::size_t>(z)] += static_cast<std::uint32_t>(
          a[static_cast<std::size_t>(x)] * b[static_cast<std::size_t>(y)]);
    }
    for (std::size_t r = point.size(); r-- > 0;) {
      if (++point[r] < op.ranks[r].extent) break;
      point[r] = 0;
    }
  }
  Values result;
  for (std::uint32_t sum : sums) result.push_back(apply(epilogue, static_cast<std::int32_t>(sum)));
  return result;
}

Values random_values(Random& random, std::int64_t count) {
  Values values(static_cast<std::size_t>(count));
  for (std::int8_t& value : values) value = static_cast<std::int8_t>(random.between(-128, 127));
  return values;
}

bool harmless(const std::string& warning) {
  return warning.starts_with("an accumulator is added to again");
}

}  // namespace

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

EmbeddingCheck check_embedding(const Operator& op, const Config& config,
                               const CompileOptions& options, std::uint64_t seed) {
  EmbeddingCheck check;
  const tileloom::Instruction core = gemm_core(config);
  const embedder::EmbedResult found = embedder::embed(op, core, {});
  const auto compiled = target::vta::compile(op, config, found.embeddings, options);
  if (!compiled) {
    check.complaints.push_back(fmt::format("{} has no program", op.name));
    return check;
  }
  const EmittedProgram program = emit(config, compiled->nest, compiled->tiling, options.epilogue);
  Random random(seed);
  const Values a = random_values(random, elements(op.inputs[0]));
  const Values b = random_values(random, elements(op.inputs[1]));
  const bool swapped = compiled->embedding.swapped;
  const auto table = [&](Part part) {
    return gather_table(op, core, compiled->embedding, part,
                        program.placement.stored[static_cast<std::size_t>(part)]);
  };
  const Image image = image_of(config, program, pack(table(Part::data), swapped ? b : a),
                               pack(table(Part::weights), swapped ? a : b));
  const Values expected = plain_result(op, options.epilogue, a, b);
  const std::vector<std::int32_t> results = table(Part::result);
  for (Unit start : {Unit::compute, Unit::load, Unit::store}) {
    const RunResult run = simulate(image, {.start = start});
    check.gemm_steps += run.report.profile.gemm_steps;
    for (const std::string& error : run.report.errors) check.complaints.push_back(error);
    for (const std::string& warning : run.report.warnings) {
      if (!harmless(warning)) check.complaints.push_back(warning);
    }
    if (run.regions.empty()) return check;
    Values result(expected.size(), 0);
    unpack(results, run.regions[2], result);
    for (std::size_t i = 0; i < result.size(); ++i) check.wrong += result[i] != expected[i];
  }
  return check;
}

}  // namespace tileloom::driver
