#pragma once
// Energy of storage and networks (reference text 2.9).

#include <cstdint>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/bypass.hpp"
#include "tileloom/cost/profiles/timeloop/stats.hpp"

namespace tileloom::cost::timeloop {

/// Sets clusters and energy of one dataspace in one level:
///     (⌈reads/block⌉ + ⌈fills/block⌉ + ⌈updates/block⌉) · E_vec · rep / sharing
/// where sharing = rep / min(rep, clusters): instances first spread over all clusters.
void charge_storage(StorageStats& stats, const Level& level);

/// Network statistics of one dataspace from level `s` to its children, for all its instances in
/// use.
NetworkStats network_stats(const Arch& arch, const Problem& problem, const Mapping& mapping,
                           const Traffic& traffic, std::int64_t partition, SpaceId space,
                           std::size_t s);

}  // namespace tileloom::cost::timeloop
