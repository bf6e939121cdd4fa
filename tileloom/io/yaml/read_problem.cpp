#include "tileloom/io/yaml/read_problem.hpp"

#include <fmt/format.h>

#include "tileloom/io/yaml/problem.hpp"
#include "tileloom/io/yaml/quantity.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Reader;

constexpr const char* kExpected = "one of 'conv', 'matmul' and 'einsum'";

/// bits: 8 bit, or {inputs: 8 bit, weights: 8 bit, outputs: 8 bit, partial: 24 bit}.
ElementBits read_bits(Reader& reader, const Node& node) {
  ElementBits bits;
  if (node.kind != Node::Kind::map) {
    const std::int64_t all = yaml::read_size(reader, node, "bits").value_or(Bits{8}).value;
    return {all, all, all, all};
  }
  Fields fields(reader, node, "'bits'");
  const auto read = [&](const char* key, std::int64_t& width) {
    const Node* value = fields.optional(key);
    if (value == nullptr) return false;
    width = yaml::read_size(reader, *value, key).value_or(Bits{width}).value;
    return true;
  };
  read("inputs", bits.input);
  read("weights", bits.weight);
  read("outputs", bits.output);
  if (!read("partial", bits.partial)) bits.partial = bits.output;
  fields.finish();
  return bits;
}

/// Reads the one operator of the file under its name.
std::optional<Workload> read_operator(Reader& reader, Fields& fields) {
  std::string name = "problem";
  if (const Node* node = fields.optional("name")) {
    name = read_text(reader, *node, "name").value_or(name);
  }
  const Node* conv = fields.optional("conv");
  const Node* matmul = fields.optional("matmul");
  const Node* einsum = fields.optional("einsum");
  const Node* bits_node = fields.optional("bits");
  const ElementBits bits = bits_node != nullptr ? read_bits(reader, *bits_node) : ElementBits{};
  const int given = (conv != nullptr) + (matmul != nullptr) + (einsum != nullptr);
  if (given != 1) {
    reader.report(fields.node().place,
                  fmt::format("the problem has {} operators", given == 0 ? "no" : "several"),
                  fmt::format("give {}", kExpected));
    return std::nullopt;
  }
  if (conv != nullptr) {
    const std::optional<ConvShape> shape = yaml::read_conv(reader, *conv);
    return shape ? std::optional(one_conv(name, *shape, bits)) : std::nullopt;
  }
  if (matmul != nullptr) {
    const std::optional<MatmulShape> shape = yaml::read_matmul(reader, *matmul);
    return shape ? std::optional(one_matmul(name, *shape, bits)) : std::nullopt;
  }
  return yaml::read_einsum(reader, *einsum, name, bits);
}

}  // namespace

Result<Workload> parse_problem(const std::string& text, const std::string& file) {
  Reader reader(file);
  const std::optional<Node> root = yaml::parse_document(
      text, file, fmt::format("a problem with {}", kExpected), reader.diagnostics());
  if (!root) return tl::unexpected(reader.take());
  Fields fields(reader, *root, "the problem");
  std::optional<Workload> workload;
  try {
    if (root->kind == Node::Kind::map) workload = read_operator(reader, fields);
    fields.finish();
    if (reader.clean() && workload) reader.diagnostics() = check(*workload, {file});
  } catch (const OverflowError&) {
    reader.report({}, "the sizes of the problem do not fit into 64 bits", "use smaller sizes");
  }
  if (!reader.clean() || !workload) return tl::unexpected(reader.take());
  return std::move(*workload);
}

Result<Workload> read_problem(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_problem(*text, path);
}

}  // namespace tileloom
