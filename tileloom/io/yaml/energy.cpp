#include "tileloom/io/yaml/energy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/yaml/quantity.hpp"
#include "tileloom/io/yaml/read_architecture.hpp"

namespace tileloom::yaml {
namespace {

/// Looks an energy up for `technology`; what the table lacks is a mistake at `place`.
std::optional<TableEnergy> look_up_at(Reader& reader, Place place, const EnergyOf& of,
                                      const std::string& technology) {
  if (of.kind != EnergyKind::dram && !of.capacity) {
    reader.report(place, fmt::format("'{}' cannot be looked up without a size", of.name),
                  of.kind == EnergyKind::mac ? "add 'precision: 8 bit'" : "add 'size: 64 KiB'");
    return std::nullopt;
  }
  const auto found =
      look_up({technology, of.kind, of.capacity.value_or(Bits{0}), of.access.value_or(Bits{0})});
  if (found) return *found;
  reader.report(place, found.error().what, found.error().hint);
  return std::nullopt;
}

/// `table` or `{table: TECHNOLOGY}`. Outer absent: another form; inner absent: a mistake.
std::optional<std::optional<TableEnergy>> read_table(Reader& reader, const Node& node,
                                                     const EnergyOf& of,
                                                     const MachineContext& context) {
  const bool short_form = node.kind == Node::Kind::scalar && node.text == "table";
  const bool long_form =
      node.kind == Node::Kind::map && node.keys.size() == 1 && node.keys.front().name == "table";
  if (!short_form && !long_form) return std::nullopt;
  if (long_form) {
    const std::optional<std::string> technology = read_text(reader, node.items.front(), "table");
    if (!technology) return std::optional<TableEnergy>{};
    return look_up_at(reader, node.items.front().place, of, *technology);
  }
  if (!context.technology) {
    reader.report(node.place, fmt::format("'{}' is 'table', but no technology is given", of.name),
                  "add 'technology: 45nm' to the file or write {table: 45nm}");
    return std::optional<TableEnergy>{};
  }
  return look_up_at(reader, node.place, of, *context.technology);
}

/// Picojoules per access from a figure that may be per amount of data.
double per_access(Reader& reader, const Node& node, const EnergyOf& of,
                  const EnergyFigure& figure) {
  if (!figure.per_bits) return figure.pj;
  if (!of.access) {
    reader.report(node.place, fmt::format("'{}' is per amount of data", of.name),
                  "an operation has one energy: write such as '0.25 pJ'");
    return 0;
  }
  return figure.pj * (static_cast<double>(of.access->value) / *figure.per_bits);
}

}  // namespace

Energy read_energy_value(Reader& reader, const Node& node, const EnergyOf& of,
                         const MachineContext& context) {
  if (const auto table = read_table(reader, node, of, context)) {
    return *table ? Energy{(*table)->read, (*table)->source} : Energy{};
  }
  if (node.kind != Node::Kind::map) {
    const std::optional<EnergyFigure> figure = read_energy(reader, node, of.name, of.word);
    return {{figure ? per_access(reader, node, of, *figure) : 0}, kGivenEnergy};
  }
  Fields fields(reader, node, fmt::format("'{}'", of.name));
  Energy energy{{}, kGivenEnergy};
  if (const Node* value = fields.required("value", "value: 0.25 pJ")) {
    const std::optional<EnergyFigure> figure = read_energy(reader, *value, of.name, of.word);
    if (figure) energy.value = {per_access(reader, *value, of, *figure)};
  }
  if (const Node* source = fields.optional("source")) {
    energy.source = read_text(reader, *source, "source").value_or("");
  }
  fields.finish();
  return energy;
}

void read_memory_energy(Reader& reader, const Node& node, const EnergyOf& of,
                        const MachineContext& context, Memory& memory) {
  if (const auto table = read_table(reader, node, of, context)) {
    if (*table) {
      memory.read = {(*table)->read, (*table)->source};
      memory.write = {(*table)->write, (*table)->source};
    }
    return;
  }
  const bool split = node.kind == Node::Kind::map && !node.keys.empty() &&
                     std::ranges::find(node.keys, "value", &Key::name) == node.keys.end();
  if (!split) {
    memory.read = memory.write = read_energy_value(reader, node, of, context);
    return;
  }
  Fields fields(reader, node, fmt::format("'{}'", of.name));
  const auto direction = [&](const char* key) {
    const Node* value = fields.required(key, fmt::format("{}: 0.25 pJ", key));
    EnergyOf part = of;
    part.name = key;
    return value != nullptr ? read_energy_value(reader, *value, part, context) : Energy{};
  };
  memory.read = direction("read");
  memory.write = direction("write");
  if (const Node* source = fields.optional("source")) {
    const std::string text = read_text(reader, *source, "source").value_or("");
    for (Energy* energy : {&memory.read, &memory.write}) {
      if (energy->source == kGivenEnergy) energy->source = text;
    }
  }
  fields.finish();
}

Energy read_energy_per_bit(Reader& reader, const Node& node, const std::string& name) {
  const Node* value = &node;
  Energy energy{{}, kGivenEnergy};
  std::optional<Fields> fields;
  if (node.kind == Node::Kind::map) {
    fields.emplace(reader, node, fmt::format("'{}'", name));
    value = fields->required("value", "value: 0.1 pJ/bit");
    if (const Node* source = fields->optional("source")) {
      energy.source = read_text(reader, *source, "source").value_or("");
    }
    fields->finish();
  }
  if (value == nullptr) return energy;
  const std::optional<EnergyFigure> figure = read_energy(reader, *value, name);
  if (figure && !figure->per_bits && figure->pj != 0) {
    reader.report(value->place,
                  fmt::format("'{}' is {} without an amount of data", name, quoted(value->text)),
                  "write it per bit, such as '0.1 pJ/bit'");
  }
  if (figure) energy.value = {figure->pj / figure->per_bits.value_or(1)};
  return energy;
}

}  // namespace tileloom::yaml
