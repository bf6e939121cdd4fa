#include "tileloom/scheduler/defines/joint_space.hpp"

#include <algorithm>
#include <utility>

namespace tileloom::scheduler::defines {

namespace {

/// For each node the last that reads it; itself if none does.
std::vector<std::size_t> last_readers(const Graph& graph) {
  std::vector<std::size_t> last;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) last.push_back(i);
  for (const NodeId id : ids<NodeId>(graph.nodes.size()))
    for (const Edge& edge : graph.nodes[id].edges)
      last[index(edge.producer)] = std::max(last[index(edge.producer)], index(id));
  return last;
}

std::vector<NodeRange> closed_ranges(const Graph& graph) {
  const std::vector<std::size_t> reader = last_readers(graph);
  std::vector<NodeRange> ranges;
  for (std::size_t last = 0; last < reader.size(); ++last) {
    for (std::size_t first = last + 1; first-- > 0;) {
      if (first < last && (reader[first] > last || reader[first] == first)) break;
      ranges.push_back({first, last});
    }
  }
  return ranges;
}

}  // namespace

JointSpace::JointSpace(Network network, Machine machine, const Options& options)
    : exploration_(std::move(network), std::move(machine), options),
      ranges_(closed_ranges(exploration_.graph())) {}

Graph JointSpace::stack(const NodeRange& range) const {
  std::optional<NodeId> after;
  if (range.first > 0) after = static_cast<NodeId>(range.first - 1);
  std::vector<NodeId> done;
  for (std::size_t i = 0; i < range.first; ++i) done.push_back(static_cast<NodeId>(i));
  return stack_between(graph(), after, static_cast<NodeId>(range.last), done);
}

std::optional<Totals> JointSpace::cost(const Graph& stack, const Point& point) const {
  if (stack.nodes.size() == 1 && !stack.nodes[NodeId{0}].layer) return Totals{};
  const auto run = exploration_.run(stack, point);
  if (!run) return std::nullopt;
  return totals_of(*run);
}

}  // namespace tileloom::scheduler::defines
