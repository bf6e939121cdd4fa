#pragma once
// Reads, fills and updates of the storage levels (reference text 2.7).

#include <cstdint>

#include "tileloom/cost/profiles/timeloop/bypass.hpp"
#include "tileloom/cost/profiles/timeloop/stats.hpp"

namespace tileloom::cost::timeloop {

/// Storage statistics of `space` at level `s`; energy and network are left for later.
///     read-only:  reads = round(content + peer),  fills = ⌊share + peer⌋
///     output:     updates = round(content),  reads = round(content + peer − P),
///                 fills = round(share + peer − P)
/// with P the partition (the first read of every element is elided), peer the words neighbours
/// passed on, and no fills at the outermost level that keeps the dataspace.
StorageStats storage_counts(const Problem& problem, const Mapping& mapping, const Flow& flow,
                            std::int64_t partition, SpaceId space, std::size_t s);

/// ⌊x + 1/2⌋ as an integer; throws OverflowError beyond 2^53, where doubles skip integers.
std::int64_t round_half_up(double x);

}  // namespace tileloom::cost::timeloop
