#pragma once
// A network, or one stack of it, as depth-first tiling sees it: which window of each producer's
// feature map a consumer reads.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/cost/profiles/defines2022/layer.hpp"
#include "tileloom/scheduler/defines/options.hpp"
#include "tileloom/support/id.hpp"
#include "tileloom/support/quantity.hpp"

namespace tileloom::scheduler::defines {

using cost::defines2022::Layer;
using cost::defines2022::LayerIndex;
using cost::defines2022::Network;
using cost::defines2022::Relation;

enum class NodeId : std::uint16_t {};  ///< index into Graph::nodes

/// How a consumer reads one axis of its producer's map.
struct Window {
  bool slides = false;      ///< through a relation; else index by index
  Relation relation;        ///< if it slides
  std::int64_t kernel = 1;  ///< F
  /// Indices that exist: what is read beyond them is padding.
  std::int64_t most = std::numeric_limits<std::int64_t>::max();

  std::int64_t stride() const { return slides ? relation.stride : 1; }
  bool operator==(const Window&) const = default;
};
/// N(T,F): distinct input indices that `outputs` outputs need, at most `most`. README.md, 2.4 of the
/// reference.
std::int64_t needed(const Window& window, std::int64_t outputs);
/// ov = max(0, N − T·S): indices that the next tile along the axis needs again.
std::int64_t overlap(const Window& window, std::int64_t outputs);

/// One operand of a layer that another node produces.
struct Edge {
  NodeId producer{};
  std::string operand;        ///< I, X or Y
  std::int64_t channels = 1;  ///< of the operand (all its indices but the map's two)
  std::int64_t bits = 8;      ///< of a complete element
  Window x, y;
  bool operator==(const Edge&) const = default;
};

/// A layer, or an input of the stack.
struct Node {
  std::string id;                   ///< the layer's id, or "substack_input_layer_N"
  std::optional<LayerIndex> layer;  ///< absent: an input
  std::int64_t channels = 1;        ///< of the output
  std::int64_t bits = 8;            ///< of a complete element of the output
  Extent full;                      ///< size of the whole output map
  Bits weights;                     ///< of all constant operands
  bool has_weights = false;         ///< a constant operand exists, if of 0 bits
  std::vector<Edge> edges;          ///< in the order of the layer's operands
  bool operator==(const Node&) const = default;
};

/// Nodes in topological order; the last is the one output.
struct Graph {
  PerId<NodeId, Node> nodes;
  bool operator==(const Graph&) const = default;

  NodeId end() const { return static_cast<NodeId>(nodes.size() - 1); }
};

/// The whole network. Topological order: repeatedly all nodes whose producers are done, in the
/// order in which they became ready. Full sizes come from the last layer's map backwards, as the
/// file's sizes of inner maps are not used.
Graph graph_of(const Network& network);

/// For each node, its consumers.
PerId<NodeId, std::vector<NodeId>> consumers(const Graph& graph);

/// What lies after layer `after` (absent: from the input on) up to `last` (absent: to the end),
/// without the nodes of `done`. Producers outside become inputs: as many channels as the narrowest
/// reader among `after`'s consumers takes.
Graph stack_between(const Graph& whole, const std::optional<NodeId>& after,
                    const std::optional<NodeId>& last, const std::vector<NodeId>& done = {});

/// The stacks between cuts after the layers with these ids; a cut after the last layer cuts
/// nothing. With `repairs.optional_ids` no layer is in two stacks; without, id 0 counts as "none"
/// on either side (defect 1) and layers beside a cut are run again. exact_model.md, section 1.
std::vector<Graph> stacks(const Graph& whole, const std::vector<std::int64_t>& cuts,
                          const Repairs& repairs);

}  // namespace tileloom::scheduler::defines
