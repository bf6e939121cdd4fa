#include "tileloom/io/yaml/read_vta.hpp"

#include <fmt/format.h>

#include <bit>

#include "tileloom/io/yaml/quantity.hpp"
#include "tileloom/io/yaml/reader.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom {
namespace {

using VtaConfig = target::vta::Config;
using yaml::Fields;
using yaml::Node;
using yaml::Reader;

constexpr std::int64_t kMostVtaBlock = 256;
constexpr std::int64_t kMostVtaBufferBytes = std::int64_t{1} << 28;

/// The base-2 logarithm; a number that has none is reported.
std::optional<int> read_vta_log(Reader& reader, const Node& node, const std::string& name,
                            std::int64_t value, const std::string& example) {
  if (std::has_single_bit(static_cast<std::uint64_t>(value))) {
    return std::countr_zero(static_cast<std::uint64_t>(value));
  }
  reader.report(node.place, fmt::format("'{}' is {}, no power of two", name, value),
                "give a power of two, such as " + example);
  return std::nullopt;
}

struct VtaLanes {
  const char* name;
  int VtaConfig::*log_size;
};

/// {batch: 1, block_in: 16, block_out: 16}.
void read_vta_core(Reader& reader, const Node& node, VtaConfig& config) {
  static constexpr std::array<VtaLanes, 3> kVtaLanes{{{"batch", &VtaConfig::log_batch},
                                                  {"block_in", &VtaConfig::log_block_in},
                                                  {"block_out", &VtaConfig::log_block_out}}};
  Fields fields(reader, node, "the GEMM core");
  for (const VtaLanes& lanes : kVtaLanes) {
    const Node* size = fields.required(lanes.name, fmt::format("{}: 16", lanes.name));
    if (size == nullptr) continue;
    const auto value = read_integer(reader, *size, lanes.name, {1, kMostVtaBlock});
    if (!value) continue;
    const auto log = read_vta_log(reader, *size, lanes.name, *value, "16");
    if (log) config.*lanes.log_size = *log;
  }
  fields.finish();
}

/// {inp: 32 KiB, wgt: 256 KiB, acc: 128 KiB, uop: 32 KiB}.
void read_vta_buffers(Reader& reader, const Node& node, VtaConfig& config) {
  Fields fields(reader, node, "the list of buffers");
  for (const target::vta::Buffer& buffer : target::vta::kBuffers) {
    const Node* size = fields.optional(buffer.name);
    if (size == nullptr) continue;
    const std::optional<Bits> bits = read_size(reader, *size, buffer.name);
    if (!bits) continue;
    const std::int64_t bytes = bits->value / 8;
    if (bits->value % 8 != 0 || bytes > kMostVtaBufferBytes) {
      reader.report(size->place, fmt::format("'{}' has {} bit", buffer.name, bits->value),
                    "give whole bytes, at most 256 MiB");
      continue;
    }
    const auto log = read_vta_log(reader, *size, buffer.name, bytes, "32 KiB");
    if (log) config.*buffer.log_size = *log;
  }
  fields.finish();
}

/// {port_bytes: 8, read_latency: 25, ...}.
void read_vta_timing(Reader& reader, const Node& node, target::vta::TimingOptions& timing) {
  Fields fields(reader, node, "the timing");
  for (const target::vta::TimingFigure& figure : target::vta::kTimingFigures) {
    const Node* value = fields.optional(figure.name);
    if (value == nullptr) continue;
    const auto number = read_integer(reader, *value, figure.name,
                                     {figure.least, target::vta::kMostTimingFigure});
    if (number) timing.*figure.value = *number;
  }
  fields.finish();
}

target::vta::Machine read_vta_fields(Reader& reader, Fields& fields) {
  target::vta::Machine machine;
  if (const Node* name = fields.required("name", "name: my_vta")) {
    read_text(reader, *name, "name");
  }
  if (const Node* source = fields.required("source", "source: where the figures come from")) {
    read_text(reader, *source, "source");
  }
  yaml::Place place = fields.node().place;
  const Node* core = fields.required("vta", "vta: {batch: 1, block_in: 16, block_out: 16}");
  if (core != nullptr) {
    place = core->place;
    read_vta_core(reader, *core, machine.config);
    machine.config = target::vta::with_addressable_buffers(machine.config);
  }
  if (const Node* buffers = fields.optional("buffers")) {
    place = buffers->place;
    read_vta_buffers(reader, *buffers, machine.config);
  }
  if (const Node* timing = fields.optional("timing")) read_vta_timing(reader, *timing, machine.timing);
  if (!reader.clean()) return machine;
  for (const std::string& reason : target::vta::unsupported(machine.config)) {
    reader.report(place, reason, "use other buffers or another GEMM core");
  }
  return machine;
}

}  // namespace

Result<target::vta::Machine> parse_vta(const std::string& text, const std::string& file) {
  Reader reader(file);
  const std::optional<Node> root = yaml::parse_document(
      text, file, "a VTA with name, source and vta", reader.diagnostics());
  if (!root) return tl::unexpected(reader.take());
  Fields fields(reader, *root, "the machine");
  target::vta::Machine machine;
  if (root->kind == Node::Kind::map) machine = read_vta_fields(reader, fields);
  fields.finish();
  if (!reader.clean()) return tl::unexpected(reader.take());
  return machine;
}

Result<target::vta::Machine> read_vta(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_vta(*text, path);
}

bool describes_vta(const std::string& text) {
  Diagnostics ignored;
  const std::optional<Node> root = yaml::parse_document(text, {}, {}, ignored);
  if (!root || root->kind != Node::Kind::map) return false;
  for (const auto& key : root->keys) {
    if (key.name == "vta") return true;
  }
  return false;
}

}  // namespace tileloom
