#pragma once
// Instruction embedding against a fixed recipe, in cycles of one cycle model.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/io/csv/read_deepbench.hpp"
#include "tileloom/target/vta/tuning/check_values.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom::driver {

/// One operator by both strategies. Absent cycles are 0: the strategy has no program.
struct EmbeddingComparison {
  std::string name;
  std::int64_t macs = 0;
  std::int64_t reference_cycles = 0;
  std::int64_t cycles = 0;
  /// Channels in the lanes as the reference has them, but tiled as freely as the embedding: what the
  /// embedding alone is worth.
  std::int64_t channel_cycles = 0;
  /// max(GEMM steps, bytes/8) with every operand moved once: of the channel lanes, and the least of
  /// all embeddings.
  std::int64_t reference_model_cycles = 0;
  std::int64_t model_cycles = 0;
  std::int64_t reference_steps = 0;  ///< GEMM
  std::int64_t steps = 0;            ///< without those on padding that are left out
  std::int64_t lower_bound = 0;  ///< of the chosen embedding, whatever its tiling
  std::string embedding;         ///< in words
  bool operator==(const EmbeddingComparison&) const = default;

  double speedup() const;
  /// GEMM steps of the embedding's program per cycle.
  double utilisation() const;
};

/// Compares them. Requires a multiply-accumulate of two inputs.
EmbeddingComparison compare_embeddings(const Operator& op, const target::vta::Config& config,
                                       const target::vta::CompileOptions& options);

/// A layer with at most `macs` multiply-accumulates (if its window and channels allow): batch and
/// output sizes are cut, everything else stays.
DeepBenchLayer reduced(DeepBenchLayer layer, std::int64_t macs);

/// Compiles and checks the chosen program on random values.
target::vta::ValueCheck check_embedding(const Operator& op, const target::vta::Config& config,
                                        const target::vta::CompileOptions& options,
                                        std::uint64_t seed);

}  // namespace tileloom::driver
