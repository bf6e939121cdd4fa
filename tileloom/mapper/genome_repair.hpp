#pragma once
// From any genome of the right lengths to a legal one. docs/mapping_search.md, section 7.

#include "tileloom/mapper/genome.hpp"

namespace tileloom::mapper {

/// Puts every gene where it may be, from the outside in: parts spread ranks that the constraints
/// allow there over no more positions than the axis has (inner parts first); a tile is at least 1
/// and at most the tile of the group outside it; what constraints say of trips, tiles, orders and
/// Stores. Every genome decodes to a path that obeys rules 1, 2, 3 and 6 of docs/cost_model.md 1.6
/// afterwards; `legal` says whether it obeys the others.
void repair(const GenomeSpace& space, Genome& genome, Chunks& chunks);

/// The part of `repair` that concerns ranks and positions of parts.
void repair_parts(const GenomeSpace& space, Genome& genome);

/// Bits that the tensors kept in `memory` need there at most: boxes as if nothing were padding,
/// results as partial sums. Equal to (O1) without padding and with partial sums as wide as results.
std::int64_t bits_needed(const GenomeSpace& space, const Genome& genome, MemoryId memory,
                         Chunks& chunks);

/// Cuts tiles until `bits_needed` fits into every memory: the longest chunk in the memory to the
/// longest one that fits, but at most to half; then again. False if tiles of 1 are not enough.
bool shrink_to_fit(const GenomeSpace& space, Genome& genome, Chunks& chunks);

}  // namespace tileloom::mapper
