#include "tileloom/scheduler/defines/partition.hpp"

#include <algorithm>

namespace tileloom::scheduler::defines {
namespace {

std::int64_t id_of(const Graph& graph, NodeId node) { return std::stoll(graph.nodes[node].id); }

/// Cuts in order, each once.
class Cuts {
 public:
  explicit Cuts(const Graph& graph) : graph_(graph) {}
  void after(NodeId node) {
    const std::int64_t id = id_of(graph_, node);
    if (ids_.empty() || ids_.back() != id) ids_.push_back(id);
  }
  void before(NodeId node) {
    if (node != NodeId{0}) after(static_cast<NodeId>(index(node) - 1));
  }
  std::vector<std::int64_t> take() { return std::move(ids_); }

 private:
  const Graph& graph_;
  std::vector<std::int64_t> ids_;
};

std::vector<std::int64_t> after_every_layer(const Graph& graph) {
  std::vector<std::int64_t> cuts;
  for (const NodeId node : ids<NodeId>(graph.nodes.size()))
    if (graph.nodes[node].layer && node != graph.end()) cuts.push_back(id_of(graph, node));
  return cuts;
}

}  // namespace

std::vector<std::vector<NodeId>> units(const Graph& graph) {
  const PerId<NodeId, std::vector<NodeId>> readers = consumers(graph);
  std::vector<std::vector<NodeId>> all(1);
  std::int64_t branches = 0;
  for (const NodeId node : ids<NodeId>(graph.nodes.size())) {
    branches -= static_cast<std::int64_t>(graph.nodes[node].edges.size()) - 1;
    all.back().push_back(node);
    if (branches == 1) all.emplace_back();
    branches += static_cast<std::int64_t>(readers[node].size()) - 1;
  }
  if (all.back().empty()) all.pop_back();
  return all;
}

Threshold weight_threshold(const Machine& machine, const Repairs& repairs) {
  const Hierarchy hierarchy(machine);
  const std::vector<MemoryIndex>& levels = hierarchy.memories[MemoryOperand::I2];
  const MemoryIndex below_top = levels[levels.size() < 2 ? 0 : levels.size() - 2];
  const Memory& memory = machine.memories[below_top];
  return {below_top, repairs.whole_weight_level ? memory.instances * memory.size : memory.size};
}

std::vector<std::int64_t> automatic_cuts(const Graph& graph, const Threshold& threshold) {
  Cuts cuts(graph);
  Bits sum{};
  for (const std::vector<NodeId>& unit : units(graph)) {
    Bits weights{};
    for (const NodeId node : unit) weights += graph.nodes[node].weights;
    if (weights > threshold.size) {
      cuts.before(unit.front());
      for (const NodeId node : unit) cuts.after(node);
      sum = {};
    } else if (sum + weights > threshold.size) {
      cuts.before(unit.front());
      sum = weights;
    } else {
      sum += weights;
    }
  }
  return cuts.take();
}

std::vector<std::int64_t> cuts_of(const Depth& depth, const Graph& graph, const Machine& machine,
                                  const Repairs& repairs) {
  switch (depth.kind) {
    case Depth::Kind::automatic:
      return automatic_cuts(graph, weight_threshold(machine, repairs));
    case Depth::Kind::single_stack: return {};
    case Depth::Kind::single_layer: return after_every_layer(graph);
    case Depth::Kind::given: return depth.cuts;
  }
  return {};
}

}  // namespace tileloom::scheduler::defines
