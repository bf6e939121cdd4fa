#include "tileloom/report/schedule/json_layer.hpp"

#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/schedule/access_factors.hpp"

namespace tileloom::report {
namespace {

std::string to_string(Keep keep) { return keep == Keep::overlap ? "overlap" : "same"; }

Json tensors_json(const Workload& workload, const Operator& op) {
  Json all = Json::array();
  for (const Operand* operand : operands(op)) {
    all.push_back({{"name", workload.tensors[operand->tensor].name},
                   {"role", tileloom::to_string(operand->role)},
                   {"elements", elements(*operand)},
                   {"bits", operand->bits},
                   {"partial_bits", operand->partial_bits}});
  }
  return all;
}

Json ranks_json(const Operator& op) {
  Json all = Json::array();
  for (const Rank& rank : op.ranks) all.push_back({{"name", rank.name}, {"extent", rank.extent}});
  return all;
}

/// The path as a list, outermost first. Stores come in the order of evaluation.stores.
Json nodes_json(const Workload& workload, const Operator& op, const Architecture& arch,
                std::span<const PathNode> path) {
  const std::vector<PathLoop> loops = path_loops(op, path);
  auto next = loops.begin();
  Json nodes = Json::array();
  for (const PathNode& node : path) {
    if (const Store* store = std::get_if<Store>(&node)) {
      nodes.push_back({{"node", "store"},
                       {"tensor", workload.tensors[store->tensor].name},
                       {"memory", arch.memories[store->memory].name},
                       {"keep", to_string(store->keep)}});
      continue;
    }
    const PathLoop& at = *next++;
    const std::optional<AxisId>& axis = at.loop.axis;
    nodes.push_back({{"node", "loop"},
                     {"rank", op.rank(at.loop.rank).name},
                     {"tile", at.loop.tile},
                     {"trips", at.trips},
                     {"axis", axis ? Json(arch.axes[*axis].name) : Json(nullptr)}});
  }
  return nodes;
}

Json stores_json(const Workload& workload, const Architecture& arch,
                 const cost::Evaluation& evaluation) {
  Json all = Json::array();
  for (std::size_t s = 0; s < evaluation.counts.stores.size(); ++s) {
    const cost::StoreCounts& store = evaluation.counts.stores[s];
    const cost::StoreEnergy& energy = evaluation.store_energy[s];
    all.push_back({{"tensor", workload.tensors[store.store.tensor].name},
                   {"memory", arch.memories[store.store.memory].name},
                   {"role", tileloom::to_string(store.role)},
                   {"instances", store.instances},
                   {"tile", store.tile},
                   {"fills", store.fills},
                   {"reads", store.reads},
                   {"updates", store.updates},
                   {"update_reads", store.update_reads},
                   {"drains", store.drains},
                   {"deliveries", store.deliveries},
                   {"reads_pj", energy.reads.value},
                   {"writes_pj", energy.writes.value},
                   {"network_pj", energy.network.value}});
  }
  return all;
}

Json ports_json(const Architecture& arch, const cost::Latency& latency) {
  Json all = Json::array();
  for (const cost::PortTime& port : latency.ports) {
    all.push_back({{"memory", arch.memories[port.memory].name},
                   {"port", to_string(port.kind)},
                   {"bits", port.bits},
                   {"cycles", port.cycles.value}});
  }
  return all;
}

/// Where the time of model `stalling` goes; null for other models.
Json stalls_json(const Architecture& arch, const cost::Latency& latency) {
  if (!latency.stalls) return nullptr;
  Json turns = Json::array();
  for (const cost::Stall& stall : latency.stalls->turns) {
    turns.push_back({{"memory", arch.memories[stall.memory].name},
                     {"port", stall.port ? Json(to_string(*stall.port)) : Json()},
                     {"cycles", stall.cycles}});
  }
  return {{"compute", latency.stalls->compute},
          {"lane_ports", latency.stalls->lane_ports},
          {"turns", std::move(turns)},
          {"first_fill", latency.stalls->first_fill},
          {"last_drain", latency.stalls->last_drain}};
}

Json occupancy_json(const Workload& workload, const Architecture& arch,
                    const cost::Evaluation& evaluation) {
  Json all = Json::array();
  for (const cost::Occupancy& memory : evaluation.occupancy) {
    Json buffers = Json::array();
    for (const cost::BufferSize& buffer : memory.buffers) {
      buffers.push_back(
          {{"tensor", workload.tensors[buffer.tensor].name}, {"bits", buffer.bits.value}});
    }
    all.push_back({{"memory", arch.memories[memory.memory].name},
                   {"used_bits", memory.used.value},
                   {"capacity_bits", memory.capacity ? Json(memory.capacity->value) : Json()},
                   {"buffers", std::move(buffers)}});
  }
  return all;
}

Json evaluation_json(const Workload& workload, const Architecture& arch,
                     const LayerSummary& summary) {
  const cost::Evaluation* evaluation = summary.evaluation();
  if (evaluation == nullptr) return nullptr;
  return {{"cycles", evaluation->latency.total.value},
          {"compute_cycles", evaluation->latency.compute.value},
          {"steps", evaluation->counts.steps},
          {"lanes", evaluation->counts.lanes},
          {"utilisation", evaluation->utilisation},
          {"energy_pj", evaluation->energy.value},
          {"edp_pj_cycles", *summary.edp},
          {"bound_by", summary.bottleneck.bound},
          {"relief", summary.bottleneck.relief},
          {"energy", energy_json(arch, energy_breakdown(*evaluation))},
          {"ports", ports_json(arch, evaluation->latency)},
          {"stalls", stalls_json(arch, evaluation->latency)},
          {"occupancy", occupancy_json(workload, arch, *evaluation)},
          {"stores", stores_json(workload, arch, *evaluation)}};
}

Json causes_json(const std::vector<AccessFactors>& counts) {
  Json all = Json::array();
  for (const AccessFactors& factors : counts) {
    Json loops = Json::array();
    for (const LoopFactor& loop : factors.loops) {
      loops.push_back({{"position", loop.position},
                       {"trips", loop.trips},
                       {"outside", loop.outside},
                       {"inside", loop.inside},
                       {"reason", loop.reason}});
    }
    all.push_back({{"count", factors.count},
                   {"total", factors.total},
                   {"innermost", factors.innermost},
                   {"loops", std::move(loops)}});
  }
  return all;
}

/// Per Store what causes its counts; null for copies, whose original has it.
Json causes_json(const Workload& workload, const Architecture& arch,
                 const scheduler::Layer& layer) {
  const std::optional<LoopTree>& tree = layer.result.tree;
  if (layer.same_as || !tree || !is_single_path(*tree)) return nullptr;
  Json all = Json::array();
  for (const auto& counts : access_factors(workload, layer.op, arch, tree->path)) {
    all.push_back(causes_json(counts));
  }
  return all;
}

}  // namespace

Json energy_json(const Architecture& arch, const EnergyBreakdown& energy) {
  Json shares = Json::array();
  for (const EnergyShare& share : energy.shares) {
    shares.push_back({{"memory", arch.memories[share.memory].name},
                      {"role", tileloom::to_string(share.role)},
                      {"reads_pj", share.reads.value},
                      {"writes_pj", share.writes.value},
                      {"network_pj", share.network.value}});
  }
  return {{"compute_pj", energy.compute.value}, {"memories", std::move(shares)}};
}

Json layer_json(const Workload& workload, const Architecture& arch, const LayerSummary& summary) {
  const Operator& op = *summary.op;
  const scheduler::Layer& layer = *summary.layer;
  const mapper::MapResult& result = layer.result;
  const bool path = result.tree && is_single_path(*result.tree);
  return {
      {"name", op.name},
      {"kind", op.kind},
      {"same_as", layer.same_as ? Json(workload.operators[*layer.same_as].name) : Json()},
      {"from_cache", layer.from_cache},
      {"ranks", ranks_json(op)},
      {"tensors", tensors_json(workload, op)},
      {"dispatch_cycles", summary.layer->dispatch.value},
      {"macs", summary.macs},
      {"points", summary.points},
      {"status", tileloom::to_string(result.proof)},
      {"space", result.space},
      {"reason", result.reason},
      {"evaluations", result.evaluations},
      {"gap", or_null(summary.gap)},
      {"lower_bound", {result.lower_bound.first, result.lower_bound.second}},
      {"bound", {{"cycles", layer.bound.latency.value}, {"energy_pj", layer.bound.energy.value}}},
      {"tree", result.tree ? Json(print_tree(workload, arch, *result.tree)) : Json()},
      {"path", path ? nodes_json(workload, op, arch, result.tree->path) : Json()},
      {"causes", causes_json(workload, arch, layer)},
      {"evaluation", evaluation_json(workload, arch, summary)}};
}

}  // namespace tileloom::report
