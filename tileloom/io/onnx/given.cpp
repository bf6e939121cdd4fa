#include "tileloom/io/onnx/given.hpp"

#include <fmt/format.h>

#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// The size of one dimension of a graph input, or a mistake.
std::optional<std::int64_t> bound_size(Network& network, const Declaration& input,
                                       std::size_t axis) {
  const Dimension& dimension = (*input.shape)[axis];
  const std::string place = fmt::format("{}:{}", input.name, axis);
  const auto& bind = network.options->bind;
  auto found = bind.find(place);
  if (found == bind.end() && !dimension.size) found = bind.find(dimension.symbol);
  const std::optional<std::int64_t> size = found == bind.end() ? dimension.size : found->second;
  if (!size) {
    const std::string symbol = dimension.symbol.empty() ? place : dimension.symbol;
    network.mistake(fmt::format("input '{}': dimension {} is '{}', which has no size", input.name,
                                axis, dimension.symbol.empty() ? "?" : dimension.symbol),
                    fmt::format("bind it, for example --bind {}=1", symbol));
  } else if (*size < 1) {
    network.mistake(
        fmt::format("input '{}': dimension {} is {}, must be at least 1", input.name, axis, *size),
        fmt::format("bind it, for example --bind {}=1", place));
  } else {
    return size;
  }
  return std::nullopt;
}

void add_input(Network& network, const Declaration& input) {
  Value value{.type = input.type};
  if (!input.shape) {
    network.mistake(fmt::format("input '{}' has no shape", input.name),
                    "export the model with input shapes");
    value.broken = true;
  } else if (input.shape->size() > kMostDimensions) {
    network.mistake(fmt::format("input '{}' has {} dimensions, at most {} can be handled",
                                input.name, input.shape->size(), kMostDimensions),
                    "correct the model");
    value.broken = true;
  } else {
    value.shape.emplace();
    for (std::size_t axis = 0; axis < input.shape->size(); ++axis) {
      const auto size = bound_size(network, input, axis);
      value.broken |= !size;
      value.shape->push_back(size.value_or(1));
    }
  }
  const Shape shape = value.shape.value_or(Shape{});
  try {
    checked_mul(elements(shape), bits_of(value.type));
  } catch (const OverflowError&) {
    network.mistake(fmt::format("input '{}' is {}: its size does not fit into 64 bits", input.name,
                                to_text(shape)),
                    "use smaller sizes");
    value.broken = true;
  }
  value.storage = network.add_storage(input.name, input.type, shape);
  network.storages[value.storage].given = true;
  network.storages[value.storage].shared = network.readers[input.name] != 1;
  network.values[input.name] = std::move(value);
}

void add_initializer(Network& network, const std::string& name, const Literal& literal) {
  Value value{.type = literal.type, .shape = literal.shape, .numbers = literal.numbers};
  try {
    for (const std::int64_t extent : literal.shape) {
      // A constant of no elements is legal (an absent list of axes), a negative size is not.
      if (extent >= 0) continue;
      network.mistake(fmt::format("initializer '{}' is {}, sizes must not be negative", name,
                                  to_text(literal.shape)),
                      "correct the model");
      value.broken = true;
      break;
    }
    if (!value.broken) checked_mul(elements(literal.shape), bits_of(literal.type));
  } catch (const OverflowError&) {
    network.mistake(fmt::format("initializer '{}' is {}: its size does not fit into 64 bits", name,
                                to_text(literal.shape)),
                    "use smaller sizes");
    value.broken = true;
  }
  value.storage = network.add_storage(name, literal.type, literal.shape);
  network.storages[value.storage].constant = true;
  network.values[name] = std::move(value);
}

/// Nodes that look at the size of a tensor only do not need it to be in memory.
bool needs_content(const Node& node) { return node.type != "Shape" && node.type != "Size"; }

}  // namespace

void add_given(Network& network, const Graph& graph) {
  for (const auto& [name, literal] : graph.initializers) add_initializer(network, name, literal);
  for (const Declaration& input : graph.inputs) {
    const auto found = network.values.find(input.name);
    const bool has_constant =
        found != network.values.end() && network.storages[found->second.storage].constant;
    if (!has_constant) add_input(network, input);
  }
}

void count_readers(Network& network, const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (needs_content(node)) {
      for (const std::string& name : node.inputs) {
        if (!name.empty()) ++network.readers[name];
      }
    }
    for (const auto& [name, attribute] : node.attributes) {
      if (attribute.graph) count_readers(network, *attribute.graph);
    }
  }
  for (const Declaration& output : graph.outputs) ++network.readers[output.name];
}

}  // namespace tileloom::onnx_import
