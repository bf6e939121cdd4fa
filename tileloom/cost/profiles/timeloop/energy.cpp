#include "tileloom/cost/profiles/timeloop/energy.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/cost/profiles/timeloop/counts.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

/// Words injected by one record. A level without reduction hardware reads every returning partial
/// sum back first: a round trip, but for the first visit of each element.
double ingresses(const Record& record, bool round_trip, std::int64_t partition) {
  return round_trip ? 2 * record.words - static_cast<double>(partition) : record.words;
}

}  // namespace

void charge_storage(StorageStats& stats, const Level& level) {
  if (!stats.kept) return;
  stats.clusters = std::min(stats.instances, physical_arrays(level));
  const std::int64_t vectors = checked_add(
      checked_add(ceil_div(stats.reads, level.block_size), ceil_div(stats.fills, level.block_size)),
      ceil_div(stats.updates, level.block_size));
  const auto used = static_cast<double>(stats.instances);
  const double sharing = used / static_cast<double>(stats.clusters);
  stats.energy = {static_cast<double>(vectors) * level.vector_access_pj / sharing * used};
}

NetworkStats network_stats(const Arch& arch, const Problem& problem, const Mapping& mapping,
                           const Traffic& traffic, std::int64_t partition, SpaceId space,
                           std::size_t s) {
  const bool is_output = problem.spaces[space].is_output;
  const bool round_trip = is_output && !arch.levels[s].reduces;
  const Network& network = arch.levels[s].network_to_child;
  NetworkStats stats;
  stats.fanout = used_fanout(mapping.levels[s]);
  stats.link_transfers = traffic.link_words;

  double energy_pj = 0;
  double word_hops = 0;
  double reductions = 0;
  for (const Record& record : traffic.records) {
    stats.records.push_back(record);
    stats.max_multicast = std::max(stats.max_multicast, record.multicast);
    if (record.words == 0) continue;
    if (is_output) reductions += static_cast<double>(record.multicast - 1) * record.words;
    const double injected = ingresses(record, round_trip, partition);
    const double average_hops = record.word_hops / record.words;
    stats.records.back().words = injected;
    stats.ingresses += injected;
    word_hops += record.word_hops;
    if (injected <= 0) continue;  // the whole partition was taken off a record of few words
    energy_pj += injected * average_hops * network.hop_pj +
                 std::floor((1 + std::floor(average_hops)) * injected) * network.router_pj;
  }
  const double words = parent_words(traffic);
  stats.average_hops = words == 0 ? 0 : word_hops / words;
  stats.spatial_reductions = round_half_up(reductions);

  const auto instances = static_cast<double>(used_instances(mapping, s));
  const double link_pj =
      static_cast<double>(traffic.link_words) * (network.hop_pj + 2 * network.router_pj);
  stats.link_energy = {link_pj * instances};
  stats.energy = {energy_pj * instances};
  return stats;
}

}  // namespace tileloom::cost::timeloop
