#pragma once
// How large the boxes of a Store become. docs/cost_model.md 1.2 and section 3.

#include <cstdint>
#include <span>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom {

/// The operand of a tensor; null if the operator has none.
const Operand* find_operand(const Operator& op, TensorId tensor);

/// True if a loop above a Store in `memory` narrows its box: temporal loops, and spatial ones whose
/// axis replicates the memory. Others count as standing below the Store.
bool narrows(const Architecture& arch, const Loop& loop, MemoryId memory);

/// The lengths that chunks of `rank` have at the Store path[store], ascending: the tile and the
/// partial ones.
std::vector<std::int64_t> chunk_lengths(const Operator& op, const Architecture& arch,
                                        std::span<const PathNode> path, std::size_t store,
                                        RankId rank);

/// Elements of the largest box of one instance of the Store path[store], over all steps:
///     Π_axes max over chunks of |[offset + Σ c·s, offset + Σ c·(s+l−1)] ∩ [0, extent)|
/// The path obeys rules 1 and 2.
std::int64_t largest_box(const Operator& op, const Architecture& arch,
                         std::span<const PathNode> path, std::size_t store);

/// Copies that a Store has of its box: two in a double-buffered memory unless it is `single`.
std::int64_t copies(const Architecture& arch, const Store& store);

/// Width in bits of the elements in the Store path[store]: of partial sums if it is an output's and
/// a temporal loop with more than one trip over a rank the output does not have stands above its
/// child. (O2)
std::int64_t element_bits(const Operator& op, std::span<const PathNode> path, std::size_t store);

}  // namespace tileloom
