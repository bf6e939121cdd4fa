#pragma once
// Instruction embedding against a fixed recipe, in cycles of one cycle model.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/io/csv/read_deepbench.hpp"
#include "tileloom/target/vta/compile.hpp"
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
  std::int64_t steps = 0;
  std::int64_t lower_bound = 0;  ///< of the chosen embedding, whatever its tiling
  std::string embedding;         ///< in words
  bool operator==(const EmbeddingComparison&) const = default;

  double speedup() const;
  /// Share of the multiply-accumulates of all steps that are the operator's, times steps per cycle.
  double utilisation(const target::vta::Config& config) const;
};

/// Compares them. Requires a multiply-accumulate of two inputs.
EmbeddingComparison compare_embeddings(const Operator& op, const target::vta::Config& config,
                                       const target::vta::CompileOptions& options);

/// A layer with at most `macs` multiply-accumulates (if its window and channels allow): batch and
/// output sizes are cut, everything else stays.
DeepBenchLayer reduced(DeepBenchLayer layer, std::int64_t macs);

/// What the simulator made of the chosen program on random values.
struct EmbeddingCheck {
  std::int64_t wrong = 0;       ///< elements that differ from the plain result
  std::int64_t gemm_steps = 0;  ///< simulated, over the three runs
  std::vector<std::string> complaints;  ///< errors, races, tokens left over
};

/// Compiles, packs, runs with each unit first, unpacks and compares with the operator computed point
/// by point.
EmbeddingCheck check_embedding(const Operator& op, const target::vta::Config& config,
                               const target::vta::CompileOptions& options, std::uint64_t seed);

}  // namespace tileloom::driver
