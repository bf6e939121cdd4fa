#include "tileloom/scheduler/defines/tiles.hpp"

#include <algorithm>

namespace tileloom::scheduler::defines {
namespace {

/// Nodes from the output to the inputs.
std::vector<NodeId> backwards(const Graph& graph) {
  std::vector<NodeId> order;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) order.push_back(static_cast<NodeId>(i));
  return order;
}

std::int64_t floor_half(std::int64_t n) { return n >= 0 ? n / 2 : -((1 - n) / 2); }

/// How far a producer runs ahead of the output on one axis, over all consumers.
struct Lag {
  bool known = false;
  std::int64_t most = 0;   ///< max(lag)
  std::int64_t least = 0;  ///< min(lag − ov)
  void add(std::int64_t lag, std::int64_t ov) {
    most = known ? std::max(most, lag) : lag;
    least = known ? std::min(least, lag - ov) : lag - ov;
    known = true;
  }
};

/// lag' = S·lag − (N − T·S + S − 1) div 2 + ov.
std::int64_t lag_of_producer(const Window& window, std::int64_t outputs, std::int64_t lag) {
  const std::int64_t s = window.stride();
  return s * lag - floor_half(needed(window, outputs) - outputs * s + s - 1) +
         overlap(window, outputs);
}

/// Bits of every output, alive from its layer to its last consumer.
struct Alive {
  Bits now, peak;
  void change(Bits by) {
    now += by;
    peak = std::max(peak, now);
  }
};

}  // namespace

TileSizes back(const Graph& graph, Extent tile, bool use_columns, bool use_rows) {
  TileSizes sizes(graph.nodes.size(), Extent{0, 0});
  sizes[graph.end()] = tile;
  for (const NodeId id : backwards(graph)) {
    const Extent out = sizes[id];
    for (const Edge& edge : graph.nodes[id].edges) {
      const std::int64_t x = needed(edge.x, out.x) - (use_columns ? overlap(edge.x, out.x) : 0);
      const std::int64_t y = needed(edge.y, out.y) - (use_rows ? overlap(edge.y, out.y) : 0);
      Extent& made = sizes[edge.producer];
      made = {std::max(made.x, x), std::max(made.y, y)};
    }
  }
  return sizes;
}

TileSizes kept_widths(const Graph& graph, const TileSizes& sizes) {
  PerId<NodeId, Lag> columns(graph.nodes.size()), rows(graph.nodes.size());
  for (const NodeId id : backwards(graph)) {
    const Extent out = sizes[id];
    for (const Edge& edge : graph.nodes[id].edges) {
      columns[edge.producer].add(lag_of_producer(edge.x, out.x, columns[id].most),
                                 overlap(edge.x, out.x));
      rows[edge.producer].add(lag_of_producer(edge.y, out.y, rows[id].most),
                              overlap(edge.y, out.y));
    }
  }
  TileSizes kept(graph.nodes.size(), Extent{0, 0});
  for (const NodeId id : ids<NodeId>(kept.size()))
    kept[id] = {columns[id].most - columns[id].least, rows[id].most - rows[id].least};
  return kept;
}

Bits input_bits(const Node& node, Extent output) {
  Bits sum{};
  for (const Edge& edge : node.edges)
    sum.value += edge.channels * needed(edge.x, output.x) * needed(edge.y, output.y) * edge.bits;
  return sum;
}

Bits output_bits(const Node& node, Extent output) {
  return {node.channels * output.x * output.y * node.bits};
}

Bits peak_alive(const Graph& graph, const TileSizes& sizes) {
  const PerId<NodeId, std::vector<NodeId>> readers = consumers(graph);
  Alive alive;
  PerId<NodeId, std::size_t> unread(graph.nodes.size());
  for (const NodeId id : ids<NodeId>(graph.nodes.size())) {
    const Node& node = graph.nodes[id];
    std::vector<NodeId> producers;  // each once
    for (const Edge& edge : node.edges)
      if (std::ranges::find(producers, edge.producer) == producers.end())
        producers.push_back(edge.producer);
    const Bits in = input_bits(node, sizes[id]);
    const Bits out = output_bits(node, sizes[id]);
    for (const NodeId p : producers) alive.change(-1 * output_bits(graph.nodes[p], sizes[p]));
    alive.change(in);
    alive.change(out);
    alive.change(-1 * in);
    for (const NodeId p : producers) alive.change(output_bits(graph.nodes[p], sizes[p]));
    for (const NodeId p : producers)
      if (--unread[p] == 0) alive.change(-1 * output_bits(graph.nodes[p], sizes[p]));
    unread[id] = readers[id].size();
  }
  return alive.peak;
}

CacheBits cache_bits(const Graph& graph, const TileSizes& sizes) {
  CacheBits sum;
  for (const NodeId id : ids<NodeId>(graph.nodes.size())) {
    const Node& node = graph.nodes[id];
    const Extent out = sizes[id];
    for (const Edge& edge : node.edges) {
      const std::int64_t ix = needed(edge.x, out.x), iy = needed(edge.y, out.y);
      const std::int64_t ov_x = overlap(edge.x, out.x), ov_y = overlap(edge.y, out.y);
      const std::int64_t elements = edge.channels * ix * iy;
      sum.columns.value += elements / ix * ov_x * edge.bits;
      sum.rows.value += elements / ix * needed(edge.x, node.full.x) / iy * ov_y * edge.bits;
      sum.common.value += elements / ix * ov_x / iy * ov_y * edge.bits;
    }
  }
  return sum;
}

Bits weight_bits(const Graph& graph) {
  Bits sum{};
  for (const Node& node : graph.nodes) sum += node.weights;
  return sum;
}

}  // namespace tileloom::scheduler::defines
