#include "tileloom/io/yaml/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tileloom/io/yaml/energy.hpp"
#include "tileloom/io/yaml/quantity.hpp"

namespace tileloom::yaml {
namespace {

constexpr std::int64_t kMostPositions = 1'000'000'000;
constexpr std::int64_t kMostBits = 4096;

Ports read_ports(Reader& reader, const Node& node, Bits word, const MachineContext& context) {
  Ports ports;
  if (node.kind != Node::Kind::map) {
    ports.shared = read_bandwidth(reader, node, "bandwidth", word, context.clock_hz);
    return ports;
  }
  Fields fields(reader, node, "'bandwidth'");
  const auto read = [&](const char* key, std::optional<double>& port) {
    const Node* value = fields.optional(key);
    if (value != nullptr) port = read_bandwidth(reader, *value, key, word, context.clock_hz);
  };
  read("read", ports.read);
  read("write", ports.write);
  read("shared", ports.shared);
  fields.finish();
  return ports;
}

bool is_table(const Node& energy) {
  return energy.text == "table" || (energy.keys.size() == 1 && energy.keys[0].name == "table");
}

/// What `energy: table` would be at `place`.
Node table_at(Place place) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.place = place;
  node.text = "table";
  return node;
}

/// The energy under `key`; if it is left out it comes from the table of the file's technology, and
/// without a technology it is missing.
const Node* energy_or_table(Fields& fields, const char* key, const char* example,
                            const MachineContext& context, const Node& from_table) {
  if (!context.technology) return fields.required(key, example);
  const bool given = fields.has(key);
  const Node* node = fields.optional(key);
  return given ? node : &from_table;
}

std::array<bool, kRoles> read_holds(Reader& reader, const Node& node) {
  const std::vector<std::string> roles = {"inputs", "weights", "outputs"};
  std::array<bool, kRoles> holds{};
  for (const Node* item : read_list(reader, node, "holds")) {
    const std::optional<std::size_t> role = read_choice(reader, *item, "tensor", roles);
    if (role) holds.at(*role) = true;
  }
  return holds;
}

/// The kind that the energy table knows a memory by: given, or dram if its size is unlimited.
EnergyKind read_kind(Reader& reader, Fields& fields, bool unlimited) {
  const std::vector<std::string> kinds = {"dram", "sram", "register"};
  const Node* node = fields.optional("kind");
  std::optional<std::size_t> kind;
  if (node != nullptr) kind = read_choice(reader, *node, "kind of memory", kinds);
  return kind ? static_cast<EnergyKind>(*kind) : (unlimited ? EnergyKind::dram : EnergyKind::sram);
}

void read_precision(Reader& reader, const Node& node, Compute& compute) {
  const auto bits = [&](const Node& value, const char* name) {
    const std::optional<Bits> size = read_size(reader, value, name);
    if (size && size->value > kMostBits) {
      reader.report(value.place, fmt::format("'{}' is {}, too large", name, quoted(value.text)),
                    fmt::format("it must be at most {} bit", kMostBits));
    }
    return size ? size->value : 1;
  };
  if (node.kind != Node::Kind::map) {
    const std::int64_t all = bits(node, "precision");
    compute.precision = {all, all, all};
    return;
  }
  Fields fields(reader, node, "'precision'");
  const Node* inputs = fields.optional("inputs");
  const Node* weights = fields.optional("weights");
  const Node* outputs = fields.optional("outputs");
  if (inputs != nullptr && weights != nullptr && outputs != nullptr) {
    compute.precision = {bits(*inputs, "inputs"), bits(*weights, "weights"),
                         bits(*outputs, "outputs")};
  } else if (inputs != nullptr || weights != nullptr || outputs != nullptr) {
    reader.report(node.place, "'precision' names some of inputs, weights and outputs",
                  "name all three or none");
  }
  if (const Node* accumulator = fields.optional("accumulator")) {
    compute.accumulator_bits = bits(*accumulator, "accumulator");
  }
  fields.finish();
}

/// Names of axes: a list, or true or false for all of them.
std::vector<bool> read_ability(Reader& reader, const Node& node, const std::string& name,
                               const std::vector<AxisItem>& axes) {
  if (node.kind == Node::Kind::scalar && (node.text == "true" || node.text == "false")) {
    return std::vector<bool>(axes.size(), node.text == "true");
  }
  std::vector<std::string> names;
  for (const AxisItem& item : axes) names.push_back(item.axis.name);
  std::vector<bool> able(axes.size(), false);
  for (const Node* item : read_list(reader, node, name)) {
    const std::optional<std::size_t> axis = read_choice(reader, *item, "axis", names);
    if (axis) able[*axis] = true;
  }
  return able;
}

/// {x: 14, y: 12}, or a number for one axis named `only`.
std::vector<AxisItem> read_axes(Reader& reader, const Node& node, const std::string& key,
                                const std::string& only) {
  std::vector<AxisItem> axes;
  const auto add = [&](const std::string& name, const Node& size, Place place) {
    const std::optional<std::int64_t> count =
        read_integer(reader, size, name, {.least = 1, .most = kMostPositions});
    AxisItem item;
    item.axis.name = name;
    item.axis.size = count.value_or(1);
    item.place = place;
    axes.push_back(std::move(item));
  };
  if (node.kind == Node::Kind::map) {
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      add(node.keys[i].name, node.items[i], node.keys[i].place);
    }
  } else if (!only.empty() && node.kind == Node::Kind::scalar) {
    add(only, node, node.place);
    return axes;
  }
  if (axes.empty()) {
    reader.report(node.place,
                  fmt::format("'{}' is {}, not axes with their sizes", key, description(node)),
                  fmt::format("write such as '{}: {{x: 14, y: 12}}'", key));
  }
  return axes;
}

/// Axes of lanes and what they run over.
void read_unroll(Reader& reader, const Node& node, std::vector<AxisItem>& axes) {
  const std::vector<std::string> kinds = {"any", "output_channels", "input_channels", "positions"};
  Fields fields(reader, node, "'unroll'");
  for (AxisItem& item : axes) {
    const Node* value = fields.optional(item.axis.name);
    if (value == nullptr) continue;
    const std::optional<std::size_t> kind = read_choice(reader, *value, "kind of rank", kinds);
    if (kind) item.axis.unroll = static_cast<Unroll>(*kind);
  }
  fields.finish();
}

/// The keys that fanouts and cores have in common.
std::vector<AxisItem> read_axis_keys(Reader& reader, Fields& fields, const std::string& key) {
  const bool cores = key == "cores";
  const Node* sizes = fields.required(key, key + ": {x: 14, y: 12}");
  std::vector<AxisItem> axes;
  if (sizes != nullptr) axes = read_axes(reader, *sizes, key, cores ? "core" : "");
  for (AxisItem& item : axes) item.axis.core = cores;
  if (const Node* multicast = fields.optional("multicast")) {
    const std::vector<bool> able = read_ability(reader, *multicast, "multicast", axes);
    for (std::size_t i = 0; i < axes.size(); ++i) axes[i].axis.multicast = able[i];
  }
  if (const Node* reduce = fields.optional("reduce")) {
    const std::vector<bool> able = read_ability(reader, *reduce, "reduce", axes);
    for (std::size_t i = 0; i < axes.size(); ++i) axes[i].axis.reduce = able[i];
  }
  if (const Node* hop = fields.optional("hop_energy")) {
    const Energy energy = read_energy_per_bit(reader, *hop, "hop_energy");
    for (AxisItem& item : axes) item.axis.hop = energy;
  }
  return axes;
}

}  // namespace

MemoryItem read_memory(Reader& reader, const Node& node, const MachineContext& context) {
  MemoryItem item;
  Memory& memory = item.memory;
  memory.word = context.word;
  Fields fields(reader, node, "the memory");
  if (const Node* name = fields.required("memory", "memory: DRAM")) {
    memory.name = read_text(reader, *name, "memory").value_or("");
  }
  if (const Node* word = fields.optional("word")) {
    memory.word = read_size(reader, *word, "word").value_or(memory.word);
  }
  const Node* size = fields.optional("size");
  if (size != nullptr) memory.capacity = read_size(reader, *size, "size", memory.word);
  if (const Node* block = fields.optional("block")) {
    memory.block =
        read_integer(reader, *block, "block", {.least = 1, .most = kMostPositions}).value_or(1);
  }
  if (const Node* bandwidth = fields.optional("bandwidth")) {
    memory.ports = read_ports(reader, *bandwidth, memory.word, context);
  }
  if (const Node* holds = fields.optional("holds")) memory.holds = read_holds(reader, *holds);
  if (const Node* twice = fields.optional("double_buffered")) {
    memory.double_buffered = read_boolean(reader, *twice, "double_buffered").value_or(false);
  }
  if (const Node* shared = fields.optional("shared_along")) {
    for (const Node* axis : read_list(reader, *shared, "shared_along")) {
      const std::optional<std::string> name = read_text(reader, *axis, "shared_along");
      if (name) item.shared_along.push_back({*name, axis->place});
    }
  }
  const EnergyKind kind = read_kind(reader, fields, size == nullptr);
  const Node from_table = table_at(node.place);
  if (const Node* energy = energy_or_table(fields, "energy", "energy: 1 pJ", context, from_table)) {
    const Bits access{memory.block * std::min<std::int64_t>(memory.word.value, kMostPositions)};
    // A size that could not be read was reported; the table must not complain again.
    const bool unreadable = size != nullptr && !memory.capacity;
    if (!unreadable || !is_table(*energy)) {
      read_memory_energy(reader, *energy, {"energy", kind, memory.capacity, access, memory.word},
                         context, memory);
    }
  }
  fields.finish();
  return item;
}

std::vector<AxisItem> read_fanout(Reader& reader, const Node& node) {
  Fields fields(reader, node, "the fanout");
  std::vector<AxisItem> axes = read_axis_keys(reader, fields, "fanout");
  if (const Node* unroll = fields.optional("unroll")) read_unroll(reader, *unroll, axes);
  fields.finish();
  return axes;
}

CoresItem read_cores(Reader& reader, const Node& node, const MachineContext& context) {
  Fields fields(reader, node, "the fanout");
  CoresItem item{read_axis_keys(reader, fields, "cores"), {}};
  if (const Node* channels = fields.optional("channels")) {
    item.links.channels =
        read_integer(reader, *channels, "channels", {.least = 1, .most = kMostPositions})
            .value_or(1);
  }
  if (const Node* remote = fields.optional("remote")) {
    item.links.remote = read_number(reader, *remote, "remote").value_or(1);
  }
  if (const Node* port = fields.optional("port")) {
    item.links.port = read_bandwidth(reader, *port, "port", context.word, context.clock_hz);
  }
  if (const Node* exchange = fields.optional("exchange")) {
    item.links.exchange =
        read_bandwidth(reader, *exchange, "exchange", context.word, context.clock_hz);
  }
  fields.finish();
  return item;
}

ComputeItem read_compute(Reader& reader, const Node& node, const MachineContext& context) {
  ComputeItem item;
  Compute& compute = item.compute;
  Fields fields(reader, node, "the compute unit");
  if (const Node* name = fields.required("compute", "compute: mac")) {
    compute.name = read_text(reader, *name, "compute").value_or(compute.name);
  }
  if (const Node* lanes = fields.optional("lanes")) {
    item.lanes = read_axes(reader, *lanes, "lanes", "lane");
  }
  if (const Node* unroll = fields.optional("unroll")) read_unroll(reader, *unroll, item.lanes);
  if (const Node* precision = fields.optional("precision")) {
    read_precision(reader, *precision, compute);
  }
  if (const Node* cycles = fields.optional("cycles_per_operation")) {
    compute.cycles_per_operation = read_number(reader, *cycles, "cycles_per_operation").value_or(1);
  }
  std::optional<Bits> width;
  if (compute.precision) width = Bits{(*compute.precision)[0]};
  const auto energy = [&](const Node& value, const char* name) {
    return read_energy_value(reader, value, {name, EnergyKind::mac, width, {}, {}}, context);
  };
  const Node from_table = table_at(node.place);
  if (const Node* mac =
          energy_or_table(fields, "mac_energy", "mac_energy: 0.25 pJ", context, from_table)) {
    compute.mac = energy(*mac, "mac_energy");
  }
  const Node* other = fields.optional("other_energy");
  compute.other = other != nullptr ? energy(*other, "other_energy") : compute.mac;
  fields.finish();
  return item;
}

}  // namespace tileloom::yaml
