#include "tileloom/io/zigzag/read_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>

#include "tileloom/io/zigzag/equation.hpp"
#include "tileloom/io/zigzag/shipped.hpp"

namespace tileloom::io::zigzag {
namespace {

using namespace cost::defines2022;

using LayerNumbers = std::map<std::int64_t, LayerIndex>;  ///< id in the file → index

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::optional<Dim> dim_called(const std::string& text) {
  for (const Dim dim : kAllDims)
    if (text == name(dim)) return dim;
  return std::nullopt;
}

std::optional<Dim> dim_or_mistake(Reading& reading, const Node& node, const std::string& text) {
  const std::optional<Dim> dim = dim_called(text);
  if (!dim)
    reading.mistake(node, fmt::format("unknown loop \"{}\"", text),
                    "known: B, C, FX, FY, G, K, OX, OY");
  return dim;
}

/// The layer's loops and windows that an operand is indexed by.
void add_indices(Reading& reading, const Node& equation, const Layer& layer,
                 const EquationOperand& written, LayerOperand& operand) {
  for (const std::string& index : written.indices) {
    if (index == "ix" || index == "iy") {
      const Axis axis = index == "ix" ? Axis::x : Axis::y;
      operand.windows.push_back(axis);
      if (std::ranges::none_of(layer.relations, [&](const Relation& r) { return r.axis == axis; }))
        reading.mistake(equation, fmt::format("index {} has no relation", index),
                        "add it to \"relations\", such as \"ix=1*ox+1*fx\"");
      continue;
    }
    const std::optional<Dim> dim = dim_or_mistake(reading, equation, upper(index));
    if (!dim) continue;
    operand.dims.push_back(*dim);
    if (std::ranges::find(layer.loops, *dim) == layer.loops.end())
      reading.mistake(equation, fmt::format("index {} is not a loop of \"dims\"", index),
                      "give its size there");
  }
}

std::vector<LayerIndex> read_producers(Reading& reading, const Node& node,
                                       const LayerNumbers& numbers) {
  std::vector<LayerIndex> producers;
  for (const Node& item : reading.items(node)) {
    const auto found = item.value->is_number_integer()
                           ? numbers.find(item.value->get<std::int64_t>())
                           : numbers.end();
    if (found == numbers.end())
      reading.mistake(item, fmt::format("no earlier layer has the id {}", item.value->dump()),
                      "a layer reads layers that stand before it in the file");
    else
      producers.push_back(found->second);
  }
  return producers;
}

/// O → O, constants → I2, the first activation → I1, a second one → I2.
void read_operands(Reading& reading, const Node& node, const LayerNumbers& numbers, Layer& layer) {
  const Node equation = reading.member(node, "equation");
  const std::string text = reading.string(equation);
  const auto operands = parse_equation(text);
  if (!operands) {
    if (!text.empty())
      reading.mistake(equation, fmt::format("cannot read the equation \"{}\"", text),
                      "write OUTPUT[i][j]…+=INPUT[…]*INPUT[…] with two inputs");
    return;
  }
  const Node precision = reading.member(node, "precision");
  const Node inputs = reading.member(node, "inputs");
  std::vector<std::string> constants;
  for (const Node& item : reading.items(reading.member(node, "constant_operands")))
    constants.push_back(reading.string(item));

  bool first_activation = true;
  for (const EquationOperand& written : *operands) {
    const bool is_output = &written == &operands->front();
    LayerOperand operand{.name = written.name};
    operand.bits = {reading.non_negative_integer(reading.member(precision, written.name))};
    add_indices(reading, equation, layer, written, operand);
    if (is_output) {
      operand.memory = MemoryOperand::O;
      layer.output = std::move(operand);
      layer.final_output_bits = {
          reading.non_negative_integer(reading.member(precision, "O_final"))};
      continue;
    }
    operand.constant = std::ranges::find(constants, written.name) != constants.end();
    if (!operand.constant)
      operand.producers = read_producers(reading, reading.member(inputs, written.name), numbers);
    operand.memory = operand.constant || !first_activation ? MemoryOperand::I2 : MemoryOperand::I1;
    first_activation = first_activation && operand.constant;
    layer.inputs.push_back(std::move(operand));
  }
  if (first_activation)
    reading.mistake(equation, "every input is constant", "one input must be an activation");
}

void read_input_layer(Reading& reading, const Node& node, Layer& layer) {
  layer.is_input = true;
  layer.output = {.name = "O", .memory = MemoryOperand::O, .dims = layer.loops};
  layer.output.bits = {reading.positive_integer(reading.member(node, "bits"))};
  layer.final_output_bits = layer.output.bits;
}

Layer read_layer(Reading& reading, const Node& node, const LayerNumbers& numbers) {
  Layer layer;
  const Node id = reading.member(node, "id");
  if (id.value->is_number_integer())
    layer.id = id.value->get<std::int64_t>();
  else
    reading.mistake(id, "the id is not an integer", "number the layers");
  const Loops loops = read_loops(reading, reading.member(node, "dims"));
  layer.loops = loops.order;
  layer.sizes = loops.sizes;
  if (!reading.optional_member(node, "equation")) {
    read_input_layer(reading, node, layer);
    return layer;
  }
  for (const Node& item : reading.items(reading.member(node, "relations")))
    layer.relations.push_back(read_relation(reading, item));
  read_operands(reading, node, numbers, layer);
  return layer;
}

SpatialMapping read_spatial_mapping(Reading& reading, const Node& node) {
  SpatialMapping mapping;
  for (const auto& [pe_dim, entry] : reading.members(node)) {
    const std::vector<Node> parts = reading.items(entry);
    if (parts.size() != 2) {
      reading.mistake(entry, fmt::format("expected 2 items, found {}", parts.size()),
                      "write [loop, size], such as [\"K\", 32]");
      continue;
    }
    const auto loop = dim_or_mistake(reading, parts[0], reading.string(parts[0]));
    const std::int64_t size = reading.positive_integer(parts[1]);
    if (loop) mapping.push_back({pe_dim, *loop, size});
  }
  return mapping;
}

void read_spatial_mappings(Reading& reading, const Node& node, const LayerNumbers& numbers,
                           Network& network) {
  for (const auto& [family, per_layer] : reading.members(node)) {
    PerId<LayerIndex, SpatialMapping>& mappings = network.spatial_mappings[family];
    mappings = PerId<LayerIndex, SpatialMapping>(network.layers.size());
    for (const auto& [number, index] : numbers) {
      if (network.layers[index].is_input) continue;
      mappings[index] =
          read_spatial_mapping(reading, reading.member(per_layer, std::to_string(number)));
    }
  }
}

}  // namespace

Loops read_loops(Reading& reading, const Node& dims) {
  Loops loops;
  double iterations = 1;
  for (const auto& [text, size] : reading.members_as_written(dims)) {
    const std::optional<Dim> dim = dim_or_mistake(reading, size, text);
    if (!dim) continue;
    loops.order.push_back(*dim);
    loops.sizes[*dim] = reading.positive_integer(size);
    iterations *= static_cast<double>(loops.sizes[*dim]);
  }
  constexpr double kMostIterations = 1e15;  // so that bits times iterations fit into 64 bits
  if (iterations > kMostIterations)
    reading.mistake(dims, fmt::format("the loops have {:.3g} iterations", iterations),
                    "at most 1e15 are supported");
  return loops;
}

Relation read_relation(Reading& reading, const Node& node) {
  static const std::regex form(
      R"(\s*(ix|iy)\s*=\s*(?:(\d{1,9})\s*\*\s*)?(ox|oy)\s*\+\s*(?:(\d{1,9})\s*\*\s*)?(fx|fy)\s*)");
  const std::string text = reading.string(node);
  std::smatch parts;
  if (!std::regex_match(text, parts, form)) {
    if (!text.empty())
      reading.mistake(node, fmt::format("cannot read the relation \"{}\"", text),
                      "write ix=STRIDE*ox+DILATION*fx");
    return {};
  }
  const auto factor = [&](std::size_t i) {
    return parts[i].matched ? std::int64_t{std::stoll(parts[i].str())} : 1;
  };
  const Relation relation{parts[1] == "ix" ? Axis::x : Axis::y, *dim_called(upper(parts[3])),
                          factor(2), *dim_called(upper(parts[5])), factor(4)};
  if (relation.stride == 0 || relation.dilation == 0)
    reading.mistake(node, "a factor of the relation is 0", "stride and dilation are at least 1");
  return relation;
}

Network read_network(Reading& reading, const Node& node, std::string network_name) {
  Network network;
  network.name = std::move(network_name);
  LayerNumbers numbers;
  for (const Node& item : reading.items(reading.member(node, "layers"))) {
    Layer layer = read_layer(reading, item, numbers);
    const std::int64_t id = layer.id;
    const LayerIndex index = network.layers.push_back(std::move(layer));
    if (!numbers.emplace(id, index).second)
      reading.mistake(item, fmt::format("layer id {} is used twice", id), "number each layer once");
  }
  read_spatial_mappings(reading, reading.member(node, "spatial_mapping_per_arch"), numbers,
                        network);
  return network;
}

Result<Network> read_network_file(const std::string& path) {
  return read_one<Network>(path, "workloads", "workload", read_network);
}

std::vector<std::string> network_names() { return names_in(shipped_network_folders()); }

Result<Network> load_network(const std::string& name_or_path) {
  const Result<std::string> path = find_file(name_or_path, shipped_network_folders(), "workload");
  if (!path) return tl::unexpected(path.error());
  return read_network_file(*path);
}

}  // namespace tileloom::io::zigzag
