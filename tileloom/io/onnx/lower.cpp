#include "tileloom/io/onnx/lower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tileloom/io/onnx/evaluate.hpp"
#include "tileloom/io/onnx/expand.hpp"
#include "tileloom/io/onnx/infer.hpp"
#include "tileloom/io/onnx/node_scope.hpp"
#include "tileloom/io/onnx/order.hpp"
#include "tileloom/io/onnx/registry.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// The operator's name: the node's, else its first result's, else its place in the file.
std::string name_of(const Node& node, const std::string& place) {
  if (!node.name.empty()) return node.name;
  const auto named = std::ranges::find_if(node.outputs, [](const auto& o) { return !o.empty(); });
  return named == node.outputs.end() ? place : *named;
}

/// Tensors of unmapped nodes are kept if they have a size.
bool is_listed(const Value& value) {
  return value.shape && std::ranges::all_of(*value.shape, [](auto extent) { return extent > 0; });
}

/// Outputs of a node that became nothing: sizes from ONNX's inference or from the file, if known.
void leave_outputs(Network& network, const Node& node, bool broken) {
  // What a rule could not tell, ONNX's inference cannot either.
  const bool ask = !broken && !registry().contains(full_type(node));
  std::vector<Declaration> known = ask ? infer(network, node) : std::vector<Declaration>{};
  known.resize(node.outputs.size());
  for (std::size_t k = 0; k < node.outputs.size(); ++k) {
    const std::string& name = node.outputs[k];
    if (name.empty()) continue;
    Value value{.type = known[k].type, .shape = known_shape(network, known[k])};
    const auto declared = network.declared.find(name);
    if (!value.shape && declared != network.declared.end()) {
      value.shape = known_shape(network, declared->second);
      value.type = declared->second.type;
    }
    value.storage = network.add_storage(name, value.type, value.shape.value_or(Shape{}));
    value.broken = broken;
    network.storages[value.storage].listed = is_listed(value);
    network.values[name] = std::move(value);
  }
  for (const std::string& name : node.inputs) {
    const auto found = network.values.find(name);
    if (found != network.values.end() && is_listed(found->second)) {
      network.storages[found->second.storage].listed = true;
    }
  }
}

/// Takes back the operators added since `mark`.
void withdraw(Network& network, std::size_t mark) {
  for (std::size_t i = mark; i < network.operators.size(); ++i) {
    --network.storages[network.operators[i].output.tensor].writers;
  }
  network.operators.resize(mark);
}

bool all_inputs_constant(const Network& network, const Node& node) {
  const auto names = reads(node);
  return !names.empty() && std::ranges::all_of(names, [&](const std::string& name) {
    const auto found = network.values.find(name);
    return found != network.values.end() && network.storages[found->second.storage].constant;
  });
}

/// A node that reads only constants is known before the run: its results are constants too.
void make_constant(Network& network, const Node& node, std::size_t mark, NodeCoverage& line) {
  withdraw(network, mark);
  for (const std::string& name : node.outputs) {
    const auto found = network.values.find(name);
    if (found != network.values.end()) network.storages[found->second.storage].constant = true;
  }
  if (line.note.empty()) line.note = "constant";
}

/// Bits of the operand that its operator touches: per axis the indices from smallest to largest.
std::int64_t touched_bits(const Network& network, const Operator& op, const Operand& operand) {
  std::int64_t product = network.storages[operand.tensor].tensor.bits;
  for (const Axis& axis : operand.axes) {
    std::int64_t last = axis.offset;
    for (const Term& term : axis.terms) {
      const std::int64_t steps = op.rank(term.rank).extent - 1;
      last = checked_add(last, checked_mul(term.coefficient, steps));
    }
    const std::int64_t from = std::max<std::int64_t>(axis.offset, 0);
    const std::int64_t to = std::min(last, axis.extent - 1);
    product = checked_mul(product, std::max<std::int64_t>(to - from + 1, 0));
  }
  return product;
}

/// Every tensor the node's operators exchange with the rest of the network, once.
std::int64_t compulsory_bits(const Network& network, std::size_t mark) {
  std::set<TensorId> written;
  std::set<TensorId> read;
  for (std::size_t i = mark; i < network.operators.size(); ++i) {
    const Operator& op = network.operators[i];
    written.insert(op.output.tensor);
    for (const Operand& input : op.inputs) read.insert(input.tensor);
  }
  std::int64_t total = 0;
  std::set<TensorId> counted;
  for (std::size_t i = mark; i < network.operators.size(); ++i) {
    const Operator& op = network.operators[i];
    for (const Operand& input : op.inputs) {
      if (written.contains(input.tensor) || !counted.insert(input.tensor).second) continue;
      total = checked_add(total, touched_bits(network, op, input));
    }
    if (read.contains(op.output.tensor)) continue;
    total = checked_add(total, touched_bits(network, op, op.output));
  }
  return total;
}

/// Sizes of a node that nothing can schedule; what does not fit into 64 bits is reported with the
/// tensor.
std::int64_t listed_bits(const Network& network, const Node& node) {
  std::int64_t total = 0;
  const auto add = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto found = network.values.find(name);
      if (found == network.values.end() || !found->second.shape) continue;
      try {
        const std::int64_t bits = bits_of(found->second.type);
        total = checked_add(total, checked_mul(elements(*found->second.shape), bits));
      } catch (const OverflowError&) {
        continue;
      }
    }
  };
  add(node.inputs);
  add(node.outputs);
  return total;
}

void describe(const Network& network, std::size_t mark, NodeCoverage& line) {
  for (std::size_t i = mark; i < network.operators.size(); ++i) {
    line.operators.push_back(static_cast<OperatorId>(i));
    line.macs = checked_add(line.macs, macs(network.operators[i]));
  }
  if (line.operators.empty()) {
    line.status = NodeStatus::folded;
    return;
  }
  line.status = NodeStatus::mapped;
  line.bits_moved = compulsory_bits(network, mark);
}

/// Reports names nobody makes, and is true if the node should be passed over in silence.
bool cannot_start(Network& network, const Node& node, const std::string& title) {
  bool stop = false;
  for (const std::string& name : reads(node)) {
    const auto found = network.values.find(name);
    if (found == network.values.end()) {
      network.mistake(fmt::format("{}: input '{}' is made by no node and is no input of the graph",
                                  title, name),
                      "correct the name or add the tensor");
      stop = true;
    } else if (found->second.broken) {
      stop = true;
    } else if (std::ranges::find(node.outputs, name) != node.outputs.end()) {
      // Only possible if the name is made twice; rules rely on inputs that stay as they are.
      network.mistake(fmt::format("{}: '{}' is both read and made", title, name),
                      "every tensor needs a name of its own");
      stop = true;
    }
  }
  return stop;
}

void lower_node(Network& network, const Node& node, const std::string& place, NodeCoverage& line) {
  const std::string title =
      fmt::format("node '{}' ({})", node.name.empty() ? place : node.name, full_type(node));
  const std::size_t mark = network.operators.size();
  if (cannot_start(network, node, title)) return leave_outputs(network, node, true);
  NodeScope scope(network, node, name_of(node, place));
  try {
    if (expand(network, node, line)) return;
    const auto rule = registry().find(full_type(node));
    if (rule == registry().end()) {
      throw Unsupported{fmt::format("no rule for operator {}", full_type(node)), 0};
    }
    rule->second(scope);
    line.note = scope.note();
    evaluate(network, node, mark);
    if (all_inputs_constant(network, node)) make_constant(network, node, mark, line);
    cross_check(network, node, line);
    describe(network, mark, line);
  } catch (const NodeMistake& error) {
    withdraw(network, mark);
    network.mistake(title + ": " + error.what, error.hint);
    leave_outputs(network, node, true);
  } catch (const OverflowError&) {
    withdraw(network, mark);
    network.mistake(title + ": its sizes do not fit into 64 bits", "use smaller sizes");
    leave_outputs(network, node, true);
  } catch (const Unsupported& reason) {
    withdraw(network, mark);
    leave_outputs(network, node, false);
    line.status = NodeStatus::unmapped;
    line.note = reason.why;
    line.macs = reason.macs;
    line.bits_moved = listed_bits(network, node);
  }
}

}  // namespace

void lower_graph(Network& network, const Graph& graph, const std::string& prefix) {
  const Order found = order(graph);
  const auto place = [&](std::size_t n) { return fmt::format("{}#{}", prefix, n); };
  const auto label = [&](std::size_t n) {
    return graph.nodes[n].name.empty() ? place(n) : prefix + graph.nodes[n].name;
  };
  if (!found.cycle.empty()) {
    std::string path;
    for (const std::size_t n : found.cycle) path += label(n) + " -> ";
    network.mistake("the graph has a cycle: " + path + label(found.cycle.front()),
                    "a network must not feed its results back into itself");
    return;
  }
  const std::size_t first = network.coverage.size();
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    NodeCoverage line;
    line.node = label(n);
    line.type = graph.nodes[n].type;
    network.coverage.push_back(std::move(line));
  }
  for (const std::size_t n : found.nodes) {
    NodeCoverage line = network.coverage[first + n];
    lower_node(network, graph.nodes[n], place(n), line);
    network.coverage[first + n] = std::move(line);
  }
}

}  // namespace tileloom::onnx_import
