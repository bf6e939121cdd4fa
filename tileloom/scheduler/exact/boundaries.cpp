#include "tileloom/scheduler/exact/boundaries.hpp"

#include <algorithm>
#include <map>

#include "tileloom/support/id.hpp"

namespace tileloom::scheduler::exact {

std::optional<PartStep> with_boundaries(const Workload& workload, const Range& range,
                                        const std::vector<TensorId>& homes, std::uint32_t inside) {
  PartStep part;
  const auto before = [&](OperatorId op) { return index(op) < range.first; };
  const auto after = [&](OperatorId op) { return index(op) > range.last; };
  for (std::size_t place = 0; place < homes.size() && place < 32; ++place) {
    if ((inside >> place & 1U) == 0) continue;
    const TensorId tensor = homes[place];
    if (workload.tensors[tensor].kind != TensorKind::intermediate) return std::nullopt;
    const std::vector<OperatorId> writers = producers(workload, tensor);
    const bool found = std::ranges::any_of(writers, before);
    const bool left = std::ranges::any_of(writers, after) ||
                      std::ranges::any_of(consumers(workload, tensor), after);
    if (!found && !left) return std::nullopt;
    if (found) part.found.push_back(tensor);
    if (left) part.left.push_back(tensor);
  }
  std::ranges::sort(part.found);
  std::ranges::sort(part.left);
  return part;
}

BoundaryGraph boundary_graph(std::size_t cuts, const std::vector<PartStep>& parts) {
  std::vector<std::vector<const PartStep*>> from(cuts + 1);
  for (const PartStep& part : parts) from[part.step.from].push_back(&part);
  using Node = std::pair<std::size_t, std::vector<TensorId>>;
  std::map<Node, std::size_t> nodes{{Node{0, {}}, 0}};
  const auto leaving = [&](const Node& node, const auto& visit) {
    for (const PartStep* part : from[node.first])
      if (part->found == node.second) visit(*part);
  };
  // Parts lead to later cuts, so what is added comes behind.
  for (auto at = nodes.begin(); at != nodes.end(); ++at)
    leaving(at->first, [&](const PartStep& part) {
      nodes.try_emplace(Node{part.step.to, part.left}, 0);
    });
  std::size_t number = 0;
  for (auto& [node, id] : nodes) id = number++;
  BoundaryGraph graph;
  graph.last = number - 1;
  for (const auto& at : nodes) {
    leaving(at.first, [&](const PartStep& part) {
      chains::Step step = part.step;
      step.first = step.from;
      step.end = step.to;
      step.from = at.second;
      step.to = nodes.at(Node{part.step.to, part.left});
      graph.steps.push_back(step);
    });
  }
  return graph;
}

}  // namespace tileloom::scheduler::exact
