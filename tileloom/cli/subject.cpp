#include "tileloom/cli/subject.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "tileloom/cli/search_options.hpp"
#include "tileloom/io/csv/read_layers.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/read_problem.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::cli {
namespace {

/// Appends the tensors and operators of `part`, whose names get `suffix` where they are taken.
void append(Workload& all, const Workload& part, const std::string& suffix) {
  const auto first = static_cast<std::uint32_t>(all.tensors.size());
  const auto moved = [&](TensorId id) {
    return static_cast<TensorId>(first + static_cast<std::uint32_t>(index(id)));
  };
  for (Tensor tensor : part.tensors) {
    tensor.name += suffix;
    all.tensors.push_back(std::move(tensor));
  }
  for (Operator op : part.operators) {
    const bool taken = std::any_of(all.operators.begin(), all.operators.end(),
                                   [&](const Operator& other) { return other.name == op.name; });
    if (taken) op.name += suffix;
    for (Operand& input : op.inputs) input.tensor = moved(input.tensor);
    op.output.tensor = moved(op.output.tensor);
    all.operators.push_back(std::move(op));
  }
}

Result<Workload> read_table(const std::string& path) {
  const Result<std::vector<TableLayer>> layers = read_layers(path);
  if (!layers) return tl::unexpected(layers.error());
  Workload all;
  all.name = path;
  for (std::size_t i = 0; i < layers->size(); ++i) {
    const TableLayer& layer = (*layers)[i];
    append(all, one_conv(layer.name, layer.shape, ElementBits{}), fmt::format("#{}", i + 1));
  }
  return all;
}

/// The network with no operator but the named one.
Result<Workload> only_layer(Workload network, const std::string& name) {
  std::vector<std::string> names;
  for (const Operator& op : network.operators) {
    if (op.name == name) {
      const Operator chosen = op;
      network.operators = {chosen};
      network.coverage.clear();
      return network;
    }
    names.push_back(op.name);
  }
  return mistake({}, fmt::format("no layer '{}' in {}", name, network.name),
                 names.size() > 30 ? std::string("'tileloom inspect' lists the operators")
                                   : suggestion(name, names));
}

}  // namespace

void add_subject_options(CLI::App& verb, SubjectOptions& options) {
  verb.add_option("MODEL", options.model, "ONNX file");
  verb.add_option("--layer", options.layer, "only this operator of MODEL")->type_name("NAME");
  verb.add_option("--problem", options.problem, "one operator as YAML")->type_name("FILE");
  verb.add_option("--layers", options.layers, "a table of convolutions")->type_name("FILE.csv");
  verb.add_option("--bind", options.bind, "size of a symbolic dimension: NAME=SIZE");
}

Result<Workload> read_subject(const SubjectOptions& options) {
  const int given = static_cast<int>(!options.model.empty()) +
                    static_cast<int>(!options.problem.empty()) +
                    static_cast<int>(!options.layers.empty());
  if (given != 1) {
    return mistake({}, given == 0 ? "nothing to map" : "more than one thing to map",
                   "give one of MODEL, --problem FILE or --layers FILE.csv");
  }
  if (!options.problem.empty()) return read_problem(options.problem);
  if (!options.layers.empty()) return read_table(options.layers);
  const auto bindings = parse_bindings(options.bind);
  if (!bindings) return tl::unexpected(bindings.error());
  Result<Workload> network = import_onnx(options.model, {.bind = *bindings});
  if (!network || options.layer.empty()) return network;
  return only_layer(std::move(*network), options.layer);
}

}  // namespace tileloom::cli
