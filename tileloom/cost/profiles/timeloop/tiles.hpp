#pragma once
// Tile and partition sizes (reference text 2.1 and 2.2).

#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/timeloop/mapping.hpp"
#include "tileloom/cost/profiles/timeloop/problem.hpp"

namespace tileloom::cost::timeloop {

/// Iterations of every dimension that a tile covers, each at least 1.
using Extents = PerId<DimId, std::int64_t>;

/// A point or a displacement in a dataspace's own coordinates, one entry per rank.
using Vector = std::vector<std::int64_t>;

/// e_dim = ∏ temporal and spatial factors of the `level_count` innermost levels.
/// The tile of level s is extents_within(…, s + 1); one MAC's point is extents_within(…, 0).
Extents extents_within(const Problem& problem, const Mapping& mapping, std::size_t level_count);

/// Lengths of the bounding interval of each rank: 1 + Σ_terms coefficient · (e_dim − 1).
/// Points skipped by a stride inside the interval are counted: they are stored and moved.
Vector box_lengths(const Dataspace& space, const Extents& extents);

/// ∏ of the lengths [words].
std::int64_t volume(const Vector& lengths);

/// Tile size of `space` at level `s` [words].
std::int64_t tile_size(const Problem& problem, const Mapping& mapping, SpaceId space,
                       std::size_t s);

/// Partition sizes of `space`, one per level: the distinct words one instance touches first.
///     P_{S−1} = whole tensor,   P_s = ⌊ P_{s+1} · T_s / U_{s+1} ⌋
/// with U the union tile over the children of one instance of level s+1.
std::vector<std::int64_t> partition_sizes(const Problem& problem, const Mapping& mapping,
                                          SpaceId space);

}  // namespace tileloom::cost::timeloop
