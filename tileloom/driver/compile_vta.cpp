#include "tileloom/driver/compile_vta.hpp"

#include <fmt/format.h>

#include "tileloom/embedder/embedder.hpp"
#include "tileloom/target/vta/tuning/host.hpp"

namespace tileloom::driver {
namespace {

using namespace target::vta;

/// What the smallest tile of an embedding lacks.
tl::unexpected<Diagnostics> too_small(const Operator& op, const Config& config,
                                      const Embedding& embedding, bool whole_windows) {
  Diagnostics mistakes;
  for (const Shortage& shortage :
       shortages(config, nest_of(op, gemm_core(config), embedding), whole_windows)) {
    mistakes.push_back({{},
                        fmt::format("{}: the smallest tile takes {} entries of the {} scratchpad, "
                                    "which has {}",
                                    op.name, shortage.needed, to_string(shortage.memory),
                                    shortage.entries),
                        "use a larger buffer or a smaller GEMM core"});
  }
  if (mistakes.empty()) {
    return mistake({}, fmt::format("{}: the scratchpads of {} need too many tiles", op.name,
                                   shape_text(config)),
                   "use larger buffers");
  }
  return tl::unexpected(mistakes);
}

Result<CompiledOperator> chosen(const Operator& op, const Config& config,
                                const CompileOptions& options, bool fixed_strategy) {
  const embedder::EmbedResult found = embedder::embed(op, gemm_core(config), {});
  if (found.embeddings.empty()) {
    return mistake({}, fmt::format("{} cannot be embedded: {}", op.name, found.reason),
                   "compile a convolution or a matrix product, or the whole network, in which "
                   "pools and additions follow the products");
  }
  if (fixed_strategy) {
    auto compiled = compile_reference(op, config, options);
    if (compiled) return *compiled;
    const auto channels = channel_embedding(op, config);
    if (!channels) {
      return mistake({}, fmt::format("{}: the fixed recipe has no program", op.name),
                     "leave out --fixed: an embedding needs neither batch nor channels");
    }
    return too_small(op, config, *channels, true);
  }
  auto compiled = target::vta::compile(op, config, found.embeddings, options);
  if (compiled) return *compiled;
  return too_small(op, config, found.embeddings.front(), false);
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
    ElementMap map = element_map(op, core, compiled->embedding, part,
                                 emitted.placement.stored[static_cast<std::size_t>(part)]);
    static constexpr const char* kRegions[] = {"inp", "wgt", "out"};
    const std::string region = kRegions[static_cast<std::size_t>(part)];
    if (part != Part::result && !first && !weights.empty()) {
      weight_bytes = pack(map, weights);
      continue;
    }
    result.program.tensors.push_back(
        {tensor.name, part == Part::result, tensor.shape, region, std::move(map)});
  }
  const bool swapped = compiled->embedding.swapped;
  result.program.image = image_of(config, emitted, swapped ? weight_bytes : std::string(),
                                  swapped ? std::string() : weight_bytes);
  result.program.timing = options.tune.timing;
  return result;
}

}  // namespace tileloom::driver
