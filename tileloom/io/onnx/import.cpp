#include "tileloom/io/onnx/import.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <unordered_set>

#include "tileloom/io/onnx/infer.hpp"
#include "tileloom/io/onnx/lower.hpp"
#include "tileloom/io/onnx/order.hpp"
#include "tileloom/io/onnx/parse.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom {
namespace onnx_import {
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

/// Every name is made once.
void check_names(Network& network, const Graph& graph) {
  std::unordered_set<std::string> made;
  const auto make = [&](const std::string& name, const std::string& what) {
    if (made.insert(name).second) return;
    network.mistake(fmt::format("{} '{}' has the name of another tensor", what, name),
                    "every tensor needs a name of its own");
  };
  for (const Declaration& input : graph.inputs) make(input.name, "input");
  std::unordered_set<std::string> constants;
  for (const auto& [name, literal] : graph.initializers) {
    if (constants.insert(name).second) continue;
    network.mistake(fmt::format("initializer '{}' has the name of another tensor", name),
                    "every tensor needs a name of its own");
  }
  made.insert(constants.begin(), constants.end());  // may be inputs too, as up to IR version 3
  for (const Node& node : graph.nodes) {
    for (const std::string& name : node.outputs) {
      if (!name.empty()) make(name, fmt::format("{} output", node.type));
    }
  }
}

/// Nodes that look at the size of a tensor only do not need it to be in memory.
bool needs_content(const Node& node) { return node.type != "Shape" && node.type != "Size"; }

void count_readers(Network& network, const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (!needs_content(node)) continue;
    for (const std::string& name : reads(node)) ++network.readers[name];
  }
  for (const Declaration& output : graph.outputs) ++network.readers[output.name];
}

void mark_results(Network& network, const Graph& graph) {
  for (const Declaration& output : graph.outputs) {
    const auto found = network.values.find(output.name);
    if (found == network.values.end()) {
      network.mistake(fmt::format("output '{}' is made by no node", output.name),
                      "the file may be truncated: export or download it again");
    } else {
      network.storages[found->second.storage].result = found->second.shape.has_value();
    }
  }
}

Result<Workload> import(const Model& model, const std::string& file, const ImportOptions& options) {
  Network network;
  network.options = &options;
  network.file = file;
  network.opsets = model.opsets;
  const Graph& graph = model.graph;
  check_names(network, graph);
  count_readers(network, graph);
  for (const Declaration& value : graph.values) network.declared[value.name] = value;
  for (const Declaration& value : graph.outputs) network.declared[value.name] = value;
  for (const auto& [name, literal] : graph.initializers) add_initializer(network, name, literal);
  for (const Declaration& input : graph.inputs) {
    if (!network.values.contains(input.name)) add_input(network, input);
  }
  lower_graph(network, graph);
  mark_results(network, graph);
  if (!network.mistakes.empty()) return tl::unexpected(std::move(network.mistakes));
  const std::string name = std::filesystem::path(file).stem().string();
  Workload workload = finish(std::move(network), name);
  Diagnostics wrong = check(workload, {file});
  if (!wrong.empty()) return tl::unexpected(std::move(wrong));
  return workload;
}

}  // namespace
}  // namespace onnx_import

Result<Workload> import_onnx_bytes(std::string_view bytes, const std::string& name,
                                   const ImportOptions& options) {
  const Result<onnx_import::Model> model = onnx_import::parse(bytes, name);
  if (!model) return tl::unexpected(model.error());
  return onnx_import::import(*model, name, options);
}

Result<Workload> import_onnx(const std::string& path, const ImportOptions& options) {
  const Result<std::string> bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return import_onnx_bytes(*bytes, path, options);
}

}  // namespace tileloom
