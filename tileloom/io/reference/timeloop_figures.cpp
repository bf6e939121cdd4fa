#include "tileloom/io/reference/timeloop.hpp"

namespace tileloom::io::reference {
namespace {

using nlohmann::json;

json network_figures(const cost::timeloop::NetworkStats& stats) {
  json records = json::array();
  for (const cost::timeloop::Record& record : stats.records)
    records.push_back(
        {{"multicast", record.multicast}, {"scatter", record.scatter}, {"accesses", record.words}});
  return {{"fanout", stats.fanout},
          {"max_multicast", stats.max_multicast},
          {"ingresses", stats.ingresses},
          {"records", std::move(records)},
          {"link_transfers", stats.link_transfers},
          {"spatial_reductions", stats.spatial_reductions},
          {"avg_hops", stats.average_hops},
          {"energy_pJ", stats.energy.value},
          {"link_energy_pJ", stats.link_energy.value}};
}

json storage_figures(const cost::timeloop::StorageStats& stats) {
  json result = {{"kept", stats.kept}, {"network", network_figures(stats.network)}};
  if (!stats.kept) return result;
  result.update({{"tile_size", stats.tile_size},
                 {"partition_size", stats.partition_size},
                 {"instances", stats.instances},
                 {"clusters", stats.clusters},
                 {"reads", stats.reads},
                 {"fills", stats.fills},
                 {"updates", stats.updates},
                 {"temporal_reductions", stats.temporal_reductions},
                 {"energy_pJ", stats.energy.value}});
  return result;
}

}  // namespace

json figures(const cost::timeloop::Arch& arch, const cost::timeloop::Problem& problem,
             const cost::timeloop::Stats& stats) {
  json levels = json::object();
  for (std::size_t s = 0; s < arch.levels.size(); ++s) {
    const cost::timeloop::LevelStats& level = stats.levels[s];
    json spaces = json::object();
    for (const auto space : ids<cost::timeloop::SpaceId>(problem.spaces.size()))
      spaces[problem.spaces[space].name] = storage_figures(level.spaces[space]);
    levels[arch.levels[s].name] = {{"cycles", level.cycles.value},
                                   {"throttling", level.slowdown},
                                   {"dataspaces", std::move(spaces)}};
  }
  return {{"cycles", stats.cycles.value},
          {"utilization_pct", 100 * stats.utilization},
          {"levels", std::move(levels)},
          {"mac",
           {{"utilized_instances", stats.mac.instances},
            {"computes", stats.mac.computes},
            {"cycles", stats.mac.cycles.value},
            {"energy_pJ", stats.mac.energy.value}}},
          {"energy_total_pJ", stats.energy.value},
          {"energy_total_pJ_from_counts", stats.energy.value}};
}

}  // namespace tileloom::io::reference
