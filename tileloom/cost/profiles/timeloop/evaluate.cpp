#include "tileloom/cost/profiles/timeloop/evaluate.hpp"

#include <algorithm>

#include "tileloom/cost/profiles/timeloop/bypass.hpp"
#include "tileloom/cost/profiles/timeloop/counts.hpp"
#include "tileloom/cost/profiles/timeloop/energy.hpp"
#include "tileloom/cost/profiles/timeloop/latency.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

MacStats mac_stats(const Arch& arch, const Mapping& mapping) {
  MacStats mac;
  mac.instances = checked_mul(used_instances(mapping, 0), used_fanout(mapping.levels[0]));
  mac.cycles = {temporal_steps(mapping)};
  mac.computes = checked_mul(mac.instances, mac.cycles.value);
  mac.energy = {static_cast<double>(mac.computes) * arch.arithmetic.mac_pj};
  return mac;
}

/// Traffic, bypass, counts and energy of one dataspace at all levels.
void add_space(Stats& stats, const Arch& arch, const Problem& problem, const Mapping& mapping,
               SpaceId space, const TrafficRules& rules) {
  std::vector<Traffic> below;
  for (std::size_t s = 0; s < arch.levels.size(); ++s)
    below.push_back(traffic_below(arch, problem, mapping, space, s, rules));
  const Flow flow = bypass(mapping, space, std::move(below));
  const std::vector<std::int64_t> partitions = partition_sizes(problem, mapping, space);
  for (std::size_t s = 0; s < arch.levels.size(); ++s) {
    StorageStats storage = storage_counts(problem, mapping, flow, partitions[s], space, s);
    charge_storage(storage, arch.levels[s]);
    storage.network = network_stats(arch, problem, mapping, flow.below[s], partitions[s], space, s);
    stats.levels[s].spaces[space] = std::move(storage);
  }
}

double utilization(const Arch& arch, const Stats& stats) {
  const Mesh& macs = arch.arithmetic.mesh;
  const auto hardware = static_cast<double>(checked_mul(macs.x, macs.y));
  return static_cast<double>(stats.mac.computes) / hardware /
         static_cast<double>(stats.cycles.value);
}

}  // namespace

Stats evaluate(const Arch& arch, const Problem& problem, const Mapping& mapping,
               const Options& options) {
  Stats stats;
  stats.mac = mac_stats(arch, mapping);
  stats.cycles = stats.mac.cycles;
  stats.energy = stats.mac.energy;
  stats.levels.resize(arch.levels.size());
  for (LevelStats& level : stats.levels)
    level.spaces = PerId<SpaceId, StorageStats>(problem.spaces.size());

  const TrafficRules rules{options.link_transfers, options.extrapolate};
  for (const SpaceId space : ids<SpaceId>(problem.spaces.size()))
    add_space(stats, arch, problem, mapping, space, rules);

  for (std::size_t s = 0; s < arch.levels.size(); ++s) {
    LevelStats& level = stats.levels[s];
    throttle(level, arch.levels[s].bandwidth, stats.mac.cycles);
    stats.cycles = std::max(stats.cycles, level.cycles);
    for (const StorageStats& space : level.spaces)
      stats.energy += space.energy + space.network.energy + space.network.link_energy;
  }
  stats.utilization = utilization(arch, stats);
  return stats;
}

}  // namespace tileloom::cost::timeloop
