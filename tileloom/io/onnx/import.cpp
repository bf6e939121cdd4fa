#include "tileloom/io/onnx/import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "tileloom/io/onnx/given.hpp"
#include "tileloom/io/onnx/lower.hpp"
#include "tileloom/io/onnx/parse.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom {
namespace onnx_import {
namespace {

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

bool is_made(const Graph& graph, const std::string& name) {
  return std::ranges::any_of(graph.nodes, [&](const Node& node) {
    return std::ranges::find(node.outputs, name) != node.outputs.end();
  });
}

void mark_results(Network& network, const Graph& graph) {
  for (const Declaration& output : graph.outputs) {
    const auto found = network.values.find(output.name);
    if (found == network.values.end()) {
      if (is_made(graph, output.name)) continue;  // not known because of a mistake told before
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
  network.functions = &model.functions;
  const Graph& graph = model.graph;
  check_names(network, graph);
  count_readers(network, graph);
  for (const Declaration& value : graph.values) network.declared[value.name] = value;
  for (const Declaration& value : graph.outputs) network.declared[value.name] = value;
  add_given(network, graph);
  lower_graph(network, graph, "");
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
  try {
    return onnx_import::import(*model, name, options);
  } catch (const OverflowError& error) {
    return mistake({name}, error.what(), "bind smaller dimensions or split the model");
  }
}

Result<Workload> import_onnx(const std::string& path, const ImportOptions& options) {
  const Result<std::string> bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return import_onnx_bytes(*bytes, path, options);
}

}  // namespace tileloom
