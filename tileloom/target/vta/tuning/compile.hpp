#pragma once
// One operator to one program: the embedding and the tiling that the cycle model likes best.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "tileloom/embedding/embedding.hpp"
#include "tileloom/target/vta/tuning/tune.hpp"

namespace tileloom::target::vta {

struct CompileOptions {
  Epilogue epilogue;
  std::int64_t embeddings = 8;  ///< tuned, at most
  TuneOptions tune{.refined = 200};
};

struct CompiledOperator {
  Embedding embedding;
  Nest nest;
  Tiling tiling;
  Cycles cycles{};
};

/// VTA's GEMM core as an instruction. Results may not be replicated: partial sums in several
/// accumulators would each be clipped.
tileloom::Instruction gemm_core(const Config& config);

/// The embedding of the fixed channel-blocked recipe: batch, output channels and input channels in
/// the lanes (rows, columns and reduction of a matrix product), each padded to the lanes.
std::optional<Embedding> channel_embedding(const Operator& op, const Config& config);

/// The recipe of TVM's VTA convolutions, tuned over its own knobs. Nothing if no tile fits or the
/// operator has no such embedding.
std::optional<CompiledOperator> compile_reference(const Operator& op, const Config& config,
                                                  const CompileOptions& options = {});

/// The recipe's tiling, and the same loading nothing that is still there and multiplying no padding:
/// to be among the known ones of a search over its embedding, which then is never slower.
std::vector<Tiling> known_tilings(const CompiledOperator& recipe, const Config& config);

/// One embedding with its best tiling; nothing if no tile fits.
std::optional<CompiledOperator> tune_embedding(const Operator& op, const Config& config,
                                               const Embedding& embedding,
                                               const CompileOptions& options = {});

/// The best of `embeddings`, in the order of their lower bounds until no other can be better. The
/// fixed recipe is among the candidates.
std::optional<CompiledOperator> compile(const Operator& op, const Config& config,
                                        std::span<const Embedding> embeddings,
                                        const CompileOptions& options = {});

}  // namespace tileloom::target::vta
