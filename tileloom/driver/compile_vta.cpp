#include "tileloom/driver/compile_vta.hpp"

#include <fmt/format.h>

#include "tileloom/embedder/embedder.hpp"
#include "tileloom/target/vta/host.hpp"

namespace tileloom::driver {
namespace {

using namespace target::vta;

Result<CompiledOperator> chosen(const Operator& op, const Config& config,
                                const CompileOptions& options, bool fixed_strategy) {
  if (fixed_strategy) {
    auto compiled = compile_reference(op, config, options);
    if (compiled) return *compiled;
    return mistake({}, fmt::format("{}: the fixed recipe has no program", op.name),
                   "it needs batch and channels, and a tile that fits the scratchpads");
  }
  const embedder::EmbedResult found = embedder::embed(op, gemm_core(config), {});
  if (found.embeddings.empty()) {
    return mistake({}, fmt::format("{} cannot be embedded: {}", op.name, found.reason),
                   "VTA's GEMM core multiplies two operands and adds");
  }
  auto compiled = target::vta::compile(op, config, found.embeddings, options);
  if (compiled) return *compiled;
  return mistake({}, fmt::format("{}: no tile fits the scratchpads of {}", op.name,
                                 shape_text(config)),
                 "use larger buffers or a smaller GEMM core");
}

}  // namespace

Result<VtaProgram> compile_vta(const Operator& op, const Workload& workload, const Config& config,
                               const CompileOptions& options, bool fixed_strategy,
                               const std::vector<std::int8_t>& weights) {
  const Result<CompiledOperator> compiled = chosen(op, config, options, fixed_strategy);
  if (!compiled) return tl::unexpected(compiled.error());
  const tileloom::Instruction core = gemm_core(config);
  const EmittedProgram emitted =
      emit(config, compiled->nest, compiled->tiling, options.epilogue);
  VtaProgram result{{}, *compiled, to_text(op, core, compiled->embedding)};
  std::string weight_bytes;
  for (Part part : {Part::data, Part::weights, Part::result}) {
    const bool first = (part == Part::data) != compiled->embedding.swapped;
    const Operand& operand =
        part == Part::result ? op.output : op.inputs[first ? 0 : 1];
    const Tensor& tensor = workload.tensors[operand.tensor];
    if (elements(tensor) > INT32_MAX) {
      return mistake({}, fmt::format("{} has {} elements", tensor.name, elements(tensor)),
                     "tensors of a program have at most 2147483647");
    }
    std::vector<std::int32_t> table =
        gather_table(op, core, compiled->embedding, part,
                     emitted.placement.stored[static_cast<std::size_t>(part)]);
    static constexpr const char* kRegions[] = {"inp", "wgt", "out"};
    const std::string region = kRegions[static_cast<std::size_t>(part)];
    if (part != Part::result && !first && !weights.empty()) {
      weight_bytes = pack(table, weights);
      continue;
    }
    result.program.tensors.push_back(
        {tensor.name, part == Part::result, tensor.shape, region, std::move(table)});
  }
  const bool swapped = compiled->embedding.swapped;
  result.program.image = image_of(config, emitted, swapped ? weight_bytes : std::string(),
                                  swapped ? std::string() : weight_bytes);
  return result;
}

}  // namespace tileloom::driver
