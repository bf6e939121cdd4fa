#pragma once
// Embeddings by the whole formulation: a tuple of integers for every scalar operation of the
// instruction, not only for those along its axes. For small instructions.

#include <vector>

#include "tileloom/embedding/embedding.hpp"

namespace tileloom::reference {

struct EveryNodeOptions {
  bool fused = true;
  bool padded = true;  ///< false: every node lies within the ranks' extents, and nothing is fused
};

/// All embeddings without idle lanes, sorted. Roles and fused products are tried one by one; for
/// each, Gecode assigns a point to every node so that shared operands read one element, results one
/// accumulator, no two nodes one point, and the points form a hyper-rectangle. Layouts are judged
/// by looking at every point of the operator. Limits: 7 ranks, extents that add up to less than 20.
std::vector<Embedding> embed_every_node(const Operator& op, const Instruction& instruction,
                                        const EveryNodeOptions& options);

}  // namespace tileloom::reference
