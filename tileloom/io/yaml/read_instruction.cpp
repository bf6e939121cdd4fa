#include "tileloom/io/yaml/read_instruction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/io/yaml/reader.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Reader;

constexpr std::int64_t kMostLanes = 4096;
constexpr std::int64_t kMostBits = 64;

/// {x: 1, y: 16, z: 16}, in the order of the file.
std::vector<LaneDim> read_lanes(Reader& reader, const Node& node) {
  std::vector<LaneDim> dims;
  if (node.kind != Node::Kind::map) {
    reader.report(node.place, fmt::format("'lanes' is {}", description(node)),
                  "give the extent of every dimension, such as {x: 1, y: 16, z: 16}");
    return dims;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto extent =
        read_integer(reader, node.items[i], "lanes of " + node.keys[i].name, {1, kMostLanes});
    dims.push_back({node.keys[i].name, extent.value_or(1)});
  }
  return dims;
}

void read_index(Reader& reader, const Node& node, const Instruction& instruction,
                InstructionOperand& operand) {
  std::vector<std::string> known;
  for (const LaneDim& dim : instruction.dims) known.push_back(dim.name);
  for (const Node* item : read_list(reader, node, "index")) {
    const std::optional<std::string> name = read_text(reader, *item, "index");
    if (!name) continue;
    const auto at = std::ranges::find(known, *name);
    if (at == known.end()) {
      reader.report(item->place, fmt::format("unknown dimension {}", yaml::quoted(*name)),
                    suggestion(*name, known));
      continue;
    }
    const auto dim = static_cast<LaneDimId>(at - known.begin());
    if (has_dim(operand, dim)) {
      reader.report(item->place, fmt::format("'{}' is given twice", *name),
                    "name every dimension once");
      continue;
    }
    operand.dims.push_back(dim);
  }
}

/// {index: [x, z], bits: 8, stored_bits: 8, signed: true, memory: NAME, layout: dense, strided or
/// replicated, free_packing: true}.
void read_operand(Reader& reader, const Node& node, const Instruction& instruction,
                  InstructionOperand& operand) {
  static const std::array<std::string, 3> kLayouts = {"dense", "strided", "replicated"};
  Fields fields(reader, node, "the operand '" + operand.name + "'");
  if (const Node* index = fields.required("index", "index: [x, z]")) {
    read_index(reader, *index, instruction, operand);
  }
  if (const Node* bits = fields.required("bits", "bits: 8")) {
    operand.bits = read_integer(reader, *bits, "bits", {1, kMostBits}).value_or(operand.bits);
  }
  operand.stored_bits = operand.bits;
  if (const Node* bits = fields.optional("stored_bits")) {
    operand.stored_bits =
        read_integer(reader, *bits, "stored_bits", {1, kMostBits}).value_or(operand.bits);
  }
  if (const Node* is_signed = fields.optional("signed")) {
    operand.is_signed = read_boolean(reader, *is_signed, "signed").value_or(true);
  }
  if (const Node* memory = fields.optional("memory")) {
    operand.memory = read_text(reader, *memory, "memory").value_or("");
  }
  if (const Node* layout = fields.optional("layout")) {
    const auto choice = read_choice(reader, *layout, "layout", kLayouts);
    if (choice) operand.layout = static_cast<Layout>(*choice);
  }
  if (const Node* free = fields.optional("free_packing")) {
    operand.free_packing = read_boolean(reader, *free, "free_packing").value_or(true);
  }
  fields.finish();
}

Instruction read_fields(Reader& reader, Fields& fields) {
  Instruction instruction;
  instruction.data.name = "data";
  instruction.weights.name = "weights";
  instruction.result.name = "result";
  instruction.result.layout = Layout::strided;
  if (const Node* name = fields.required("name", "name: my_instruction")) {
    instruction.name = read_text(reader, *name, "name").value_or("");
  }
  if (const Node* source = fields.required("source", "source: where the figures come from")) {
    instruction.source = read_text(reader, *source, "source").value_or("");
  }
  if (const Node* lanes = fields.required("lanes", "lanes: {x: 1, y: 16, z: 16}")) {
    instruction.dims = read_lanes(reader, *lanes);
  }
  for (InstructionOperand* operand :
       {&instruction.data, &instruction.weights, &instruction.result}) {
    const Node* node = fields.required(operand->name, operand->name + ": {index: [x, z], bits: 8}");
    if (node != nullptr) read_operand(reader, *node, instruction, *operand);
  }
  if (const Node* bytes = fields.optional("bytes_per_step")) {
    instruction.bytes_per_step =
        read_integer(reader, *bytes, "bytes_per_step").value_or(instruction.bytes_per_step);
  }
  return instruction;
}

std::vector<std::string> folders() {
  std::vector<std::string> all = shipped_architecture_folders();
  for (std::string& folder : all) folder += "/instructions";
  return all;
}

}  // namespace

Result<Instruction> parse_instruction(const std::string& text, const std::string& file) {
  Reader reader(file);
  const std::optional<Node> root = yaml::parse_document(
      text, file, "an instruction with name, source, lanes, data, weights and result",
      reader.diagnostics());
  if (!root) return tl::unexpected(reader.take());
  Fields fields(reader, *root, "the instruction");
  Instruction instruction;
  if (root->kind == Node::Kind::map) instruction = read_fields(reader, fields);
  fields.finish();
  if (reader.clean()) reader.diagnostics() = check(instruction, {file});
  if (!reader.clean()) return tl::unexpected(reader.take());
  return instruction;
}

Result<Instruction> read_instruction(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_instruction(*text, path);
}

std::vector<std::string> instruction_names() { return architecture_names(folders()); }

Result<Instruction> load_instruction(const std::string& name_or_path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path path(name_or_path);
  if (path.has_parent_path() || path.has_extension() || fs::is_regular_file(path, error)) {
    return read_instruction(name_or_path);
  }
  for (const std::string& folder : folders()) {
    const fs::path candidate = fs::path(folder) / (name_or_path + ".yaml");
    if (fs::is_regular_file(candidate, error)) return read_instruction(candidate.string());
  }
  return mistake({}, fmt::format("unknown instruction {}", yaml::quoted(name_or_path)),
                 suggestion(name_or_path, instruction_names()));
}

}  // namespace tileloom
