#include "tileloom/io/onnx/integer/real_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tileloom/io/onnx/given.hpp"
#include "tileloom/io/onnx/integer/node_reader.hpp"
#include "tileloom/io/onnx/order.hpp"

namespace tileloom::onnx_import {
namespace {

std::string shown(const Node& node) {
  const std::string& name = node.name.empty() && !node.outputs.empty() ? node.outputs.front()
                                                                       : node.name;
  return fmt::format("{} '{}'", full_type(node), name);
}

/// Reads a graph node by node and collects what is wrong.
class GraphReader {
 public:
  GraphReader(const Model& model, const std::string& file, std::uint64_t seed,
              const std::map<std::string, std::int64_t>& bind)
      : graph_(model.graph), reading_(seed) {
    options_.bind = bind;
    scope_.options = &options_;
    scope_.file = file;
    scope_.opsets = model.opsets;
    add_initializers(graph_, reading_.constants);
  }

  Result<RealNetwork> run() && {
    const Order order = onnx_import::order(graph_);
    if (!order.cycle.empty()) scope_.mistake("the nodes form a cycle", "correct the model");
    count_uses(order);
    read_input();
    for (const std::size_t n : order.nodes) read(graph_.nodes[n]);
    check_output();
    if (!scope_.mistakes.empty()) return tl::unexpected(std::move(scope_.mistakes));
    RealNetwork network = std::move(reading_.builder.network);
    network.drawn = reading_.drawn > 0;
    if (network.drawn) {
      network.notes.push_back(fmt::format("{} constants have no values in the file and are drawn",
                                          reading_.drawn));
    }
    network.notes.insert(network.notes.end(), host_.begin(), host_.end());
    return network;
  }

 private:
  /// How many nodes read a name in the end, not counting those that pass it on.
  void count_uses(const Order& order) {
    for (const Declaration& output : graph_.outputs) ++reading_.uses[output.name];
    for (std::size_t i = order.nodes.size(); i-- > 0;) {
      const Node& node = graph_.nodes[order.nodes[i]];
      const bool passes = passes_on(full_type(node)) && !node.outputs.empty();
      const std::int64_t uses = passes ? reading_.uses[node.outputs.front()] : 1;
      for (std::size_t k = 0; k < node.inputs.size(); ++k) {
        reading_.uses[node.inputs[k]] += passes && k > 0 ? 0 : uses;
      }
    }
  }

  void read_input() {
    std::vector<const Declaration*> inputs;
    for (const Declaration& input : graph_.inputs) {
      if (!reading_.constants.contains(input.name)) inputs.push_back(&input);
    }
    // Weights may be inputs without values: those that only a layer's second operand reads.
    for (std::size_t i = 1; i < inputs.size(); ++i) add_missing(*inputs[i]);
    if (inputs.empty()) {
      scope_.mistake("the model has no input", "give a model of one image");
      return;
    }
    add_given(scope_, graph_);
    const auto found = scope_.values.find(inputs.front()->name);
    if (found == scope_.values.end() || found->second.broken) return;
    const Shape shape = found->second.shape.value_or(Shape{});
    if (shape.size() != 4 && shape.size() != 2) {
      scope_.mistake(fmt::format("input '{}' is {}: no image of batch, channels, rows and columns",
                                 inputs.front()->name, to_text(shape)),
                     "networks of images have an integer program");
      return;
    }
    ImageShape image{shape[0], shape[1], 1, 1};
    if (shape.size() == 4) image = {shape[0], shape[1], shape[2], shape[3]};
    if (elements(shape) > kMostElements) {
      scope_.mistake(fmt::format("input '{}' is {}: too large", inputs.front()->name,
                                 to_text(shape)),
                     "use smaller sizes");
      return;
    }
    const std::string& name = inputs.front()->name;
    reading_.activations[name] = {
        reading_.builder.add_tensor(name, image, reading_.uses[name]), shape.size() == 2};
  }

  void add_missing(const Declaration& input) {
    RealConstant constant{input.type, {}, std::nullopt};
    if (!input.shape) return;
    for (const Dimension& dimension : *input.shape) {
      if (!dimension.size) return;
      constant.shape.push_back(*dimension.size);
    }
    reading_.constants[input.name] = std::move(constant);
  }

  void read(const Node& node) {
    const NodeScope scope(scope_, node, node.name.empty() && !node.outputs.empty()
                                            ? node.outputs.front()
                                            : node.name);
    try {
      if (fold_constant(scope, reading_.constants)) return;
      if (reads_broken(node) || stays_on_host(node)) return;
      const NodeRule rule = node_rule(full_type(node));
      if (rule == nullptr) scope.unsupported("this operator has no integer form here");
      rule(scope, reading_);
      return;
    } catch (const Unsupported& reason) {
      scope_.mistake(fmt::format("{} cannot run as integers: {}", shown(node), reason.why),
                     "docs/vta_networks.md lists what can");
    } catch (const NodeMistake& wrong) {
      scope_.mistake(fmt::format("{}: {}", shown(node), wrong.what), wrong.hint);
    }
    broken_.insert(node.outputs.begin(), node.outputs.end());
  }

  bool reads_broken(const Node& node) {
    for (const std::string& name : node.inputs) {
      if (!broken_.contains(name)) continue;
      broken_.insert(node.outputs.begin(), node.outputs.end());
      return true;
    }
    return false;
  }

  /// A softmax at the end: the host computes it from the program's result.
  bool stays_on_host(const Node& node) {
    const bool last = (node.type == "Softmax" || node.type == "LogSoftmax") &&
                      !node.outputs.empty() && is_output(node.outputs.front());
    const auto input = node.inputs.empty() ? reading_.activations.end()
                                           : reading_.activations.find(node.inputs.front());
    if (!last || input == reading_.activations.end()) return false;
    reading_.activations[node.outputs.front()] = input->second;
    host_.push_back(fmt::format("{} stays with the host: the program ends before it", shown(node)));
    return true;
  }

  bool is_output(const std::string& name) const {
    for (const Declaration& output : graph_.outputs) {
      if (output.name == name) return true;
    }
    return false;
  }

  void check_numbers(const RealLayer& layer) {
    const auto finite = [](double value) { return std::isfinite(value); };
    const bool good = std::all_of(layer.weights.begin(), layer.weights.end(), finite) &&
                      std::all_of(layer.bias.begin(), layer.bias.end(), finite);
    if (good) return;
    scope_.mistake(fmt::format("'{}' has weights that are not finite", layer.name),
                   "export the model again");
  }

  /// The result is the last tensor.
  void check_output() {
    if (!scope_.mistakes.empty()) return;
    const LayerBuilder& builder = reading_.builder;
    if (builder.network.layers.empty()) {
      scope_.mistake("no layer computes anything", "give a model with convolutions or products");
      return;
    }
    for (const RealLayer& layer : builder.network.layers) check_numbers(layer);
    const std::size_t last = builder.network.tensors.size() - 1;
    for (const Declaration& output : graph_.outputs) {
      const auto found = reading_.activations.find(output.name);
      if (found != reading_.activations.end() && found->second.tensor == last) continue;
      scope_.mistake(fmt::format("output '{}' is not what the last layer computes", output.name),
                     "a program has one result: cut the model there");
    }
  }

  const Graph& graph_;
  ImportOptions options_;
  Network scope_;
  Reading reading_;
  std::set<std::string> broken_;
  std::vector<std::string> host_;
};

}  // namespace

Result<RealNetwork> real_network(const Model& model, const std::string& file, std::uint64_t seed,
                                 const std::map<std::string, std::int64_t>& bind) {
  return GraphReader(model, file, seed, bind).run();
}

}  // namespace tileloom::onnx_import
