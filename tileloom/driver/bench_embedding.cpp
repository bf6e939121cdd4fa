#include "tileloom/driver/bench_embedding.hpp"

#include <algorithm>

#include "tileloom/embedder/embedder.hpp"
#include "tileloom/embedding/measure.hpp"

namespace tileloom::driver {

using namespace target::vta;

double EmbeddingComparison::speedup() const {
  if (cycles == 0 || reference_cycles == 0) return 0;
  return static_cast<double>(reference_cycles) / static_cast<double>(cycles);
}

double EmbeddingComparison::utilisation() const {
  return cycles == 0 ? 0 : static_cast<double>(steps) / static_cast<double>(cycles);
}

EmbeddingComparison compare_embeddings(const Operator& op, const Config& config,
                                       const CompileOptions& options) {
  EmbeddingComparison comparison;
  comparison.name = op.name;
  comparison.macs = macs(op);
  const auto reference = compile_reference(op, config, options);
  if (reference) {
    comparison.reference_cycles = reference->cycles.value;
    comparison.reference_steps = steps(reference->nest);
  }
  tileloom::Instruction core = gemm_core(config);
  core.bytes_per_step = options.tune.timing.port_bytes;
  if (const auto channels = channel_embedding(op, config)) {
    comparison.reference_model_cycles = measure(op, core, *channels).cycles;
    CompileOptions free = options;
    if (reference) free.tune.known = known_tilings(*reference, config);
    if (const auto tuned = tune_embedding(op, config, *channels, free)) {
      comparison.channel_cycles = tuned->cycles.value;
    }
  }
  const embedder::EmbedResult found = embedder::embed(op, core, {});
  for (const Embedding& embedding : found.embeddings) {
    const std::int64_t cycles = measure(op, core, embedding).cycles;
    if (comparison.model_cycles == 0 || cycles < comparison.model_cycles) {
      comparison.model_cycles = cycles;
    }
  }
  const auto best = target::vta::compile(op, config, found.embeddings, options);
  if (!best) return comparison;
  comparison.cycles = best->cycles.value;
  comparison.steps =
      gemm_steps(emit(config, best->nest, best->tiling, options.epilogue).instructions);
  comparison.lower_bound = lower_bound(config, best->nest, 3, options.tune.timing);
  comparison.embedding = to_text(op, core, best->embedding);
  return comparison;
}

}  // namespace tileloom::driver
