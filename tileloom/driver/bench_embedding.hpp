#pragma once
// Instruction embedding against a fixed recipe, in cycles of one cycle model.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/target/vta/compile.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom::driver {

/// One operator by both strategies. Absent cycles are 0: the strategy has no program.
struct EmbeddingComparison {
  std::string name;
  std::int64_t macs = 0;
  std::int64_t reference_cycles = 0;
  std::int64_t cycles = 0;
  std::int64_t reference_steps = 0;  ///< GEMM
  std::int64_t steps = 0;
  std::int64_t lower_bound = 0;  ///< of the chosen embedding, whatever its tiling
  std::string embedding;         ///< in words
  bool operator==(const EmbeddingComparison&) const = default;

  double speedup() const;
  /// Share of the multiply-accumulates of all steps that are the operator's, times steps per cycle.
  double utilisation(const target::vta::Config& config) const;
};

EmbeddingComparison compare_embeddings(const Operator& op, const target::vta::Config& config,
                                       const target::vta::CompileOptions& options);

}  // namespace tileloom::driver
