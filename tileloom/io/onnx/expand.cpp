#include "tileloom/io/onnx/expand.hpp"

#include <fmt/format.h>

#include "tileloom/io/onnx/given.hpp"
#include "tileloom/io/onnx/lower.hpp"
#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {
namespace {

constexpr int kDeepestExpansion = 16;
constexpr std::size_t kMostExpanded = 100'000;

/// Lowers `body` in place of the node; its results become the node's outputs.
void lower_body(Network& network, const Node& node, const Graph& body, NodeCoverage& line) {
  network.expanded += body.nodes.size();
  if (network.depth >= kDeepestExpansion || network.expanded > kMostExpanded) {
    throw Unsupported{"its body is nested too deeply or too large"};
  }
  // What crosses the border may have more readers than the names on either side tell.
  const auto share = [&](const std::string& name) {
    const auto found = network.values.find(name);
    if (found != network.values.end()) network.storages[found->second.storage].shared = true;
  };
  for (const std::string& name : node.inputs) share(name);
  ++network.depth;
  lower_graph(network, body, line.node + "/");
  --network.depth;
  for (std::size_t k = 0; k < node.outputs.size(); ++k) {
    if (k >= body.outputs.size() || !network.values.contains(body.outputs[k].name)) {
      throw NodeMistake{fmt::format("its body does not make output {}", k), "correct the model"};
    }
    share(body.outputs[k].name);
    if (node.outputs[k].empty()) continue;
    const Value result = network.values.at(body.outputs[k].name);
    network.values[node.outputs[k]] = result;
  }
  line.status = NodeStatus::folded;
}

void take_branch(Network& network, const Node& node, NodeCoverage& line) {
  const auto condition =
      node.inputs.empty() ? network.values.end() : network.values.find(node.inputs[0]);
  if (condition == network.values.end() || !condition->second.numbers ||
      size(*condition->second.numbers) != 1) {
    throw Unsupported{"the condition is not known before the run"};
  }
  const bool taken = as_integers(*condition->second.numbers)[0] != 0;
  const auto branch = node.attributes.find(taken ? "then_branch" : "else_branch");
  if (branch == node.attributes.end() || !branch->second.graph) {
    throw NodeMistake{"the branch that is taken is missing", "correct the model"};
  }
  add_given(network, *branch->second.graph);
  line.note = taken ? "its first branch is taken" : "its second branch is taken";
  lower_body(network, node, *branch->second.graph, line);
}

/// The body with the call's names for what goes in and out, and names of their own for the rest.
Graph body_of(const Function& function, const Node& call, const std::string& prefix) {
  std::map<std::string, std::string> names;
  for (std::size_t i = 0; i < function.inputs.size(); ++i) {
    names[function.inputs[i]] = i < call.inputs.size() ? call.inputs[i] : std::string();
  }
  const auto renamed = [&](const std::string& name) {
    if (name.empty()) return name;
    const auto found = names.find(name);
    return found == names.end() ? prefix + name : found->second;
  };
  Graph body;
  for (const Node& inner : function.nodes) {
    Node copy = inner;
    for (std::string& name : copy.inputs) name = renamed(name);
    for (std::string& name : copy.outputs) name = renamed(name);
    for (auto attribute = copy.attributes.begin(); attribute != copy.attributes.end();) {
      const std::string& reference = attribute->second.reference;
      if (reference.empty()) {
        ++attribute;
      } else if (const auto given = call.attributes.find(reference);
                 given != call.attributes.end()) {
        (attribute++)->second = given->second;
      } else {
        attribute = copy.attributes.erase(attribute);
      }
    }
    body.nodes.push_back(std::move(copy));
  }
  for (const std::string& name : function.outputs) {
    body.outputs.push_back({.name = renamed(name), .type = {}, .shape = {}});
  }
  return body;
}

}  // namespace

bool expand(Network& network, const Node& node, NodeCoverage& line) {
  if (node.domain.empty() && node.type == "If") {
    take_branch(network, node, line);
    return true;
  }
  const auto function = network.functions->find(full_type(node));
  if (function == network.functions->end()) return false;
  const Graph body = body_of(function->second, node, line.node + "/");
  if (network.expanded + body.nodes.size() <= kMostExpanded) count_readers(network, body);
  line.note = "a function of the file";
  lower_body(network, node, body, line);
  return true;
}

}  // namespace tileloom::onnx_import
