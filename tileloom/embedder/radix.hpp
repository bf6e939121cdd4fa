#pragma once
// The same solutions without a solver: which ranks may stand in a lane dimension follows from which
// operands they index, so boxes and fused products can be listed. A second, independent way.

#include <vector>

#include "tileloom/embedder/embedder.hpp"

namespace tileloom::embedder {

/// Ranks that may stand in the lanes of `dim`: every operand without the dimension lacks the rank.
std::vector<RankId> eligible_ranks(const Operator& op, const Instruction& instruction, bool swapped,
                                   LaneDimId dim);

/// All embeddings, sorted: per role and dimension every box and fused product of eligible ranks
/// whose layouts are allowed. Of options, `idle_lanes` and `fixed` are not looked at.
std::vector<Embedding> enumerate(const Operator& op, const Instruction& instruction,
                                 const EmbedOptions& options);

}  // namespace tileloom::embedder
