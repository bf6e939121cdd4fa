#include "tileloom/report/schedule/summary.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "tileloom/support/checked.hpp"

namespace tileloom::report {
namespace {

void add(EnergyBreakdown& sum, const cost::Evaluation& evaluation) {
  sum.compute += evaluation.compute_energy;
  for (std::size_t s = 0; s < evaluation.store_energy.size(); ++s) {
    const cost::StoreCounts& store = evaluation.counts.stores[s];
    const cost::StoreEnergy& energy = evaluation.store_energy[s];
    auto share = std::ranges::find_if(sum.shares, [&](const EnergyShare& other) {
      return other.memory == store.store.memory && other.role == store.role;
    });
    if (share == sum.shares.end()) {
      sum.shares.push_back({.memory = store.store.memory, .role = store.role});
      share = sum.shares.end() - 1;
    }
    share->reads += energy.reads;
    share->writes += energy.writes;
    share->network += energy.network;
  }
}

void sort_shares(EnergyBreakdown& breakdown) {
  std::ranges::sort(breakdown.shares, {},
                    [](const EnergyShare& share) { return std::pair(share.memory, share.role); });
}

}  // namespace

Picojoules EnergyBreakdown::total() const {
  Picojoules sum = compute;
  for (const EnergyShare& share : shares) sum += share.total();
  return sum;
}

EnergyBreakdown energy_breakdown(const cost::Evaluation& evaluation) {
  EnergyBreakdown breakdown;
  add(breakdown, evaluation);
  sort_shares(breakdown);
  return breakdown;
}

EnergyBreakdown energy_breakdown(const scheduler::Schedule& schedule) {
  EnergyBreakdown breakdown;
  for (const scheduler::Layer& layer : schedule.layers) {
    if (layer.result.evaluation) add(breakdown, *layer.result.evaluation);
  }
  sort_shares(breakdown);
  return breakdown;
}

std::vector<LayerSummary> summaries(const Workload& workload, const Architecture& arch,
                                    const scheduler::Schedule& schedule) {
  std::vector<LayerSummary> all;
  for (const scheduler::Layer& layer : schedule.layers) {
    LayerSummary summary;
    summary.layer = &layer;
    summary.op = &workload.operators[layer.op];
    summary.macs = macs(*summary.op);
    summary.points = points(*summary.op);
    const mapper::MapResult& result = layer.result;
    if (result.evaluation) {
      summary.edp = static_cast<double>(result.evaluation->latency.total.value) *
                    result.evaluation->energy.value;
      summary.gap = mapper::gap(result, schedule.objective);
    }
    if (result.evaluation && result.tree) {
      summary.bottleneck =
          bottleneck(workload, layer.op, arch, result.tree->path, *result.evaluation);
    }
    all.push_back(std::move(summary));
  }
  return all;
}

std::vector<std::vector<std::size_t>> identical_layers(const scheduler::Schedule& schedule) {
  std::vector<std::vector<std::size_t>> groups;
  std::map<OperatorId, std::size_t> group_of;
  for (std::size_t i = 0; i < schedule.layers.size(); ++i) {
    const scheduler::Layer& layer = schedule.layers[i];
    const auto [group, fresh] = group_of.emplace(layer.same_as.value_or(layer.op), groups.size());
    if (fresh) groups.emplace_back();
    groups[group->second].push_back(i);
  }
  return groups;
}

std::vector<CoverageShare> coverage_shares(const Workload& workload) {
  std::vector<CoverageShare> shares{{.status = NodeStatus::mapped},
                                    {.status = NodeStatus::folded},
                                    {.status = NodeStatus::unmapped}};
  std::int64_t all_macs = 0;
  std::int64_t all_bits = 0;
  for (const NodeCoverage& node : workload.coverage) {
    CoverageShare& share = shares[static_cast<std::size_t>(node.status)];
    ++share.nodes;
    share.macs = checked_add(share.macs, node.macs);
    share.bits = checked_add(share.bits, node.bits_moved);
    all_macs = checked_add(all_macs, node.macs);
    all_bits = checked_add(all_bits, node.bits_moved);
  }
  const auto part = [](std::int64_t some, std::int64_t all) {
    return all == 0 ? 0.0 : static_cast<double>(some) / static_cast<double>(all);
  };
  for (CoverageShare& share : shares) {
    share.macs_share = part(share.macs, all_macs);
    share.bits_share = part(share.bits, all_bits);
  }
  return shares;
}

double edp(const scheduler::Schedule& schedule) {
  return static_cast<double>(schedule.latency.value) * schedule.energy.value;
}

double utilisation(const Workload& workload, const Architecture& arch,
                   const scheduler::Schedule& schedule) {
  double work = 0;
  double cycles = 0;
  for (const scheduler::Layer& layer : schedule.layers) {
    if (!layer.result.evaluation) continue;
    work += static_cast<double>(points(workload.operators[layer.op])) *
            arch.compute.cycles_per_operation;
    cycles += static_cast<double>(layer.result.evaluation->latency.total.value);
  }
  return cycles == 0 ? 0 : work / (static_cast<double>(lanes(arch)) * cycles);
}

}  // namespace tileloom::report
