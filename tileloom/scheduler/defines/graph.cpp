#include "tileloom/scheduler/defines/graph.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "tileloom/scheduler/defines/tiles.hpp"

namespace tileloom::scheduler::defines {
namespace {

using cost::defines2022::Axis;
using cost::defines2022::Dim;
using cost::defines2022::LayerOperand;

bool is_map_dim(Dim dim) { return dim == Dim::OX || dim == Dim::OY; }

/// Product of the operand's loops that are not the map's.
std::int64_t channels_of(const Layer& layer, const LayerOperand& operand) {
  std::int64_t product = 1;
  for (const Dim dim : operand.dims)
    if (!is_map_dim(dim)) product *= layer.sizes[dim];
  return product;
}

/// `most`: the size of the producer's map, if the network is padded.
Window window_of(const Layer& layer, const LayerOperand& operand, Axis axis,
                 const std::optional<std::int64_t>& most) {
  Window window;
  if (std::ranges::find(operand.windows, axis) == operand.windows.end()) return window;
  for (const Relation& relation : layer.relations) {
    if (relation.axis != axis) continue;
    window = {.slides = true, .relation = relation, .kernel = layer.sizes[relation.kernel]};
    if (most) window.most = *most;
    return window;
  }
  return window;
}

Bits weights_of(const Layer& layer) {
  Bits sum{};
  for (const LayerOperand& operand : layer.inputs) {
    if (!operand.constant) continue;
    std::int64_t elements = 1;
    for (const Dim dim : operand.dims) elements *= layer.sizes[dim];
    sum += elements * operand.bits;
  }
  return sum;
}

/// The node of a layer; producers are still named by layer.
Node node_of(const Network& network, LayerIndex place) {
  const Layer& layer = network.layers[place];
  Node node;
  node.id = std::to_string(layer.id);
  node.bits = layer.final_output_bits.value;
  if (layer.is_input) {
    node.channels = layer.sizes[Dim::K] * layer.sizes[Dim::C] * layer.sizes[Dim::G];
    node.full = {layer.sizes[Dim::OX], layer.sizes[Dim::OY]};
    return node;
  }
  node.layer = place;
  node.channels = channels_of(layer, layer.output);
  node.full = {layer.sizes[Dim::OX], layer.sizes[Dim::OY]};
  node.weights = weights_of(layer);
  for (const LayerOperand& operand : layer.inputs) {
    node.has_weights = node.has_weights || operand.constant;
    for (const LayerIndex producer : operand.producers) {
      const Layer& from = network.layers[producer];
      const auto most = [&](Dim dim) {
        return network.padded ? std::optional(from.sizes[dim]) : std::nullopt;
      };
      node.edges.push_back({static_cast<NodeId>(index(producer)), operand.name,
                            channels_of(layer, operand), from.final_output_bits.value,
                            window_of(layer, operand, Axis::x, most(Dim::OX)),
                            window_of(layer, operand, Axis::y, most(Dim::OY))});
    }
  }
  return node;
}

/// The order in which nodes become ready, generation by generation.
std::vector<NodeId> topological_order(const PerId<NodeId, Node>& nodes) {
  PerId<NodeId, std::size_t> open(nodes.size());
  PerId<NodeId, std::vector<NodeId>> readers(nodes.size());
  std::vector<NodeId> order;
  for (const NodeId id : ids<NodeId>(nodes.size())) {
    open[id] = nodes[id].edges.size();
    for (const Edge& edge : nodes[id].edges) readers[edge.producer].push_back(id);
    if (open[id] == 0) order.push_back(id);
  }
  for (std::size_t done = 0; done < order.size(); ++done)
    for (const NodeId reader : readers[order[done]])
      if (--open[reader] == 0) order.push_back(reader);
  return order;
}

/// The same nodes in topological order.
Graph sorted(const PerId<NodeId, Node>& nodes) {
  const std::vector<NodeId> order = topological_order(nodes);
  PerId<NodeId, NodeId> place(nodes.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<NodeId>(i);
  Graph graph;
  for (const NodeId id : order) {
    Node node = nodes[id];
    for (Edge& edge : node.edges) edge.producer = place[edge.producer];
    graph.nodes.push_back(std::move(node));
  }
  return graph;
}

/// `start` and everything reached from it over `next`.
std::set<NodeId> reached(const PerId<NodeId, std::vector<NodeId>>& next, NodeId start) {
  std::set<NodeId> seen{start};
  std::vector<NodeId> open{start};
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    for (const NodeId other : next[id])
      if (seen.insert(other).second) open.push_back(other);
  }
  return seen;
}

PerId<NodeId, std::vector<NodeId>> producers(const Graph& graph) {
  PerId<NodeId, std::vector<NodeId>> all(graph.nodes.size());
  for (const NodeId id : ids<NodeId>(graph.nodes.size()))
    for (const Edge& edge : graph.nodes[id].edges) all[id].push_back(edge.producer);
  return all;
}

/// An input in the place of `producer`, as wide as the narrowest of `readers` and as large as the
/// largest needs.
Node outside_input(const Graph& whole, NodeId producer, const std::vector<NodeId>& readers) {
  Node input;
  input.full = {0, 0};
  input.channels = 0;
  for (const NodeId reader : readers) {
    const Node& node = whole.nodes[reader];
    for (const Edge& edge : node.edges) {
      if (edge.producer != producer) continue;
      input.bits = edge.bits;
      input.channels =
          input.channels == 0 ? edge.channels : std::min(input.channels, edge.channels);
      input.full.x = std::max(input.full.x, needed(edge.x, node.full.x));
      input.full.y = std::max(input.full.y, needed(edge.y, node.full.y));
    }
  }
  return input;
}

/// The consumers of `producer` that consume `after` too, or all of them if none does.
std::vector<NodeId> first_readers(const PerId<NodeId, std::vector<NodeId>>& readers,
                                  NodeId producer, const std::optional<NodeId>& after) {
  std::vector<NodeId> chosen;
  for (const NodeId reader : readers[producer])
    if (after && std::ranges::find(readers[*after], reader) != readers[*after].end())
      chosen.push_back(reader);
  return chosen.empty() ? readers[producer] : chosen;
}

std::optional<NodeId> node_with_id(const Graph& graph, std::int64_t id) {
  const std::string wanted = std::to_string(id);
  for (const NodeId node : ids<NodeId>(graph.nodes.size()))
    if (graph.nodes[node].id == wanted) return node;
  return std::nullopt;
}

}  // namespace

std::int64_t needed(const Window& window, std::int64_t outputs) {
  if (!window.slides) return outputs;
  return std::min(window.most, cost::defines2022::distinct_inputs(window.relation, outputs,
                                                                  window.kernel));
}

std::int64_t overlap(const Window& window, std::int64_t outputs) {
  return std::max<std::int64_t>(0, needed(window, outputs) - outputs * window.stride());
}

Graph graph_of(const Network& network) {
  PerId<NodeId, Node> nodes;
  for (const LayerIndex index : ids<LayerIndex>(network.layers.size()))
    nodes.push_back(node_of(network, index));
  Graph graph = sorted(nodes);
  const Extent last = graph.nodes[graph.end()].full;
  const TileSizes full = back(graph, last, false, false);
  for (const NodeId id : ids<NodeId>(graph.nodes.size())) graph.nodes[id].full = full[id];
  return graph;
}

PerId<NodeId, std::vector<NodeId>> consumers(const Graph& graph) {
  PerId<NodeId, std::vector<NodeId>> all(graph.nodes.size());
  for (const NodeId id : ids<NodeId>(graph.nodes.size()))
    for (const Edge& edge : graph.nodes[id].edges)
      if (all[edge.producer].empty() || all[edge.producer].back() != id)
        all[edge.producer].push_back(id);
  return all;
}

Graph stack_between(const Graph& whole, const std::optional<NodeId>& after,
                    const std::optional<NodeId>& last, const std::vector<NodeId>& done) {
  const PerId<NodeId, std::vector<NodeId>> readers = consumers(whole);
  std::set<NodeId> kept = reached(producers(whole), last.value_or(whole.end()));
  if (after)
    for (const NodeId id : reached(producers(whole), *after)) kept.erase(id);
  for (const NodeId id : done) kept.erase(id);
  PerId<NodeId, Node> nodes;
  std::map<NodeId, NodeId> place;  // of a kept node, or of the input that replaces a producer
  for (const NodeId id : kept) place[id] = nodes.push_back(whole.nodes[id]);
  int inputs = 0;
  const std::size_t layers = nodes.size();
  for (std::size_t i = 0; i < layers; ++i) {
    for (std::size_t e = 0; e < nodes[static_cast<NodeId>(i)].edges.size(); ++e) {
      const NodeId producer = nodes[static_cast<NodeId>(i)].edges[e].producer;
      if (!place.contains(producer)) {
        Node input = outside_input(whole, producer, first_readers(readers, producer, after));
        input.id = "substack_input_layer_" + std::to_string(inputs++);
        place[producer] = nodes.push_back(std::move(input));
      }
      nodes[static_cast<NodeId>(i)].edges[e].producer = place[producer];
    }
  }
  return sorted(nodes);
}

std::vector<Graph> stacks(const Graph& whole, const std::vector<std::int64_t>& cuts,
                          const Repairs& repairs) {
  std::vector<std::optional<NodeId>> marks{std::nullopt};
  for (const std::int64_t cut : cuts)
    marks.push_back(cut == 0 && !repairs.optional_ids ? std::nullopt : node_with_id(whole, cut));
  marks.push_back(std::nullopt);
  std::vector<Graph> all;
  std::vector<NodeId> done;
  for (std::size_t i = 0; i + 1 < marks.size(); ++i) {
    if (marks[i] == whole.end()) continue;
    Graph stack = stack_between(whole, marks[i], marks[i + 1], done);
    const bool only_input = stack.nodes.size() == 1 && !stack.nodes[NodeId{0}].layer;
    if (only_input && repairs.optional_ids) continue;
    all.push_back(std::move(stack));
    if (!repairs.optional_ids) continue;
    for (const NodeId id : ids<NodeId>(whole.nodes.size()))
      for (const Node& node : all.back().nodes)
        if (whole.nodes[id].id == node.id) done.push_back(id);
  }
  return all;
}

}  // namespace tileloom::scheduler::defines
