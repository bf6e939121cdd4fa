#include "tileloom/io/onnx/order.hpp"

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

namespace tileloom::onnx_import {
namespace {

void collect_outer(const Graph& graph, std::vector<std::string>& names) {
  std::unordered_set<std::string> own;
  for (const Declaration& input : graph.inputs) own.insert(input.name);
  for (const auto& [name, literal] : graph.initializers) own.insert(name);
  for (const Node& node : graph.nodes) own.insert(node.outputs.begin(), node.outputs.end());
  for (const Node& node : graph.nodes) {
    for (const std::string& name : reads(node)) {
      if (!own.contains(name)) names.push_back(name);
    }
  }
  for (const Declaration& output : graph.outputs) {
    if (!own.contains(output.name)) names.push_back(output.name);
  }
}

/// Follows unmet inputs from one node that could not be ordered until a node repeats.
std::vector<std::size_t> find_cycle(const std::vector<std::vector<std::size_t>>& producers,
                                    const std::vector<bool>& done) {
  std::size_t at = 0;
  while (done[at]) ++at;
  std::vector<std::size_t> path;
  std::vector<std::size_t> place(done.size(), done.size());
  while (place[at] == done.size()) {
    place[at] = path.size();
    path.push_back(at);
    at = *std::ranges::find_if(producers[at], [&](std::size_t p) { return !done[p]; });
  }
  std::vector<std::size_t> cycle(path.begin() + static_cast<std::ptrdiff_t>(place[at]), path.end());
  std::ranges::reverse(cycle);  // the path walked from consumer to producer
  std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  return cycle;
}

}  // namespace

std::vector<std::string> reads(const Node& node) {
  std::vector<std::string> names;
  for (const std::string& name : node.inputs) {
    if (!name.empty()) names.push_back(name);
  }
  for (const auto& [name, attribute] : node.attributes) {
    if (attribute.graph) collect_outer(*attribute.graph, names);
  }
  return names;
}

Order order(const Graph& graph) {
  const std::size_t count = graph.nodes.size();
  std::unordered_map<std::string, std::size_t> maker;
  for (std::size_t n = 0; n < count; ++n) {
    for (const std::string& name : graph.nodes[n].outputs) {
      if (!name.empty()) maker.emplace(name, n);
    }
  }
  std::vector<std::vector<std::size_t>> producers(count);
  std::vector<std::vector<std::size_t>> consumers(count);
  std::vector<std::size_t> unmet(count, 0);
  for (std::size_t n = 0; n < count; ++n) {
    for (const std::string& name : reads(graph.nodes[n])) {
      const auto found = maker.find(name);
      if (found == maker.end()) continue;
      producers[n].push_back(found->second);
      consumers[found->second].push_back(n);
      ++unmet[n];
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t n = 0; n < count; ++n) {
    if (unmet[n] == 0) ready.push(n);
  }
  Order result;
  std::vector<bool> done(count, false);
  while (!ready.empty()) {
    const std::size_t n = ready.top();
    ready.pop();
    done[n] = true;
    result.nodes.push_back(n);
    for (const std::size_t consumer : consumers[n]) {
      if (--unmet[consumer] == 0) ready.push(consumer);
    }
  }
  if (result.nodes.size() < count) result.cycle = find_cycle(producers, done);
  return result;
}

}  // namespace tileloom::onnx_import
