#include "tileloom/driver/fusion_results.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "tileloom/support/file.hpp"
#include "tileloom/support/version.hpp"

namespace tileloom::driver {
namespace {

using namespace scheduler::defines;
using nlohmann::json;

void append(std::string& text, const Memory& memory) {
  auto out = std::back_inserter(text);
  fmt::format_to(out, "memory {} {} {} {} {} {} {} {} {} {}:", memory.size.value,
                 memory.read_width.value, memory.write_width.value, memory.read_energy.value,
                 memory.write_energy.value, memory.least_read.value, memory.least_write.value,
                 memory.latency.value, memory.instances, memory.served_dims.size());
  for (const std::string& dim : memory.served_dims) text += " " + dim;
  for (const MemoryOperand operand : memory.operands)
    fmt::format_to(out, " {}{}", cost::defines2022::name(operand),
                   memory.level[operand].value_or(-1));
  for (const auto& port : memory.ports) {
    text += " port";
    for (const auto& served : port.serves)
      fmt::format_to(out, " {}{}{}", cost::defines2022::name(served.operand), served.level,
                     cost::defines2022::name(served.link));
  }
  text += "\n";
}

void append(std::string& text, const cost::defines2022::LayerOperand& operand) {
  auto out = std::back_inserter(text);
  fmt::format_to(out, " {} {} {}{}", operand.name, cost::defines2022::name(operand.memory),
                 operand.bits.value, operand.constant ? "c" : "");
  for (const auto dim : operand.dims) fmt::format_to(out, " {}", cost::defines2022::name(dim));
  for (const auto axis : operand.windows) fmt::format_to(out, " w{}", static_cast<int>(axis));
  for (const auto producer : operand.producers) fmt::format_to(out, " from {}", index(producer));
}

void append(std::string& text, const Layer& layer) {
  auto out = std::back_inserter(text);
  fmt::format_to(out, "layer {} {}:", layer.id, layer.final_output_bits.value);
  for (const auto dim : layer.loops) fmt::format_to(out, " {}", cost::defines2022::name(dim));
  for (const std::int64_t size : layer.sizes.items) fmt::format_to(out, " {}", size);
  for (const Relation& r : layer.relations)
    fmt::format_to(out, " r{} {} {} {} {}", static_cast<int>(r.axis),
                   cost::defines2022::name(r.output), r.stride, cost::defines2022::name(r.kernel),
                   r.dilation);
  append(text, layer.output);
  for (const auto& operand : layer.inputs) append(text, operand);
  text += "\n";
}

std::string hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return fmt::format("{:016x}-{}", hash, text.size());
}

std::string name_of(const Point& point) {
  return fmt::format("{} {}x{}", name(point.mode), point.tile.x, point.tile.y);
}

json write(const report::FusionPoint& point) {
  json line{{"point", name_of(point.point)}};
  if (!point.totals) {
    line["infeasible"] = point.infeasible;
    return line;
  }
  const Totals& t = *point.totals;
  line["totals"] = {t.energy.value,   t.mac_energy.value, t.copy_energy.value, t.latency0.value,
                    t.latency1.value, t.latency2.value,   t.copy_latency.value};
  return line;
}

std::optional<report::FusionPoint> read(const json& line) {
  report::FusionPoint point;
  if (line.contains("infeasible") && line["infeasible"].is_string()) {
    point.infeasible = line["infeasible"].get<std::string>();
    return point;
  }
  const json values = line.value("totals", json());
  constexpr std::size_t kValues = 7;
  if (!values.is_array() || values.size() != kValues) return std::nullopt;
  for (const json& value : values)
    if (!value.is_number()) return std::nullopt;
  const auto cycles = [&](std::size_t i) { return Cycles{values[i].get<std::int64_t>()}; };
  const auto energy = [&](std::size_t i) { return Picojoules{values[i].get<double>()}; };
  point.totals = {energy(0), energy(1), energy(2), cycles(3), cycles(4), cycles(5), cycles(6)};
  return point;
}

}  // namespace

std::string fusion_identity(const Exploration& exploration) {
  std::string text = fmt::format("{}\nlpf {}\nmac {}\n", kVersion,
                                 exploration.options().lpf_limit,
                                 exploration.machine().mac_energy.value);
  for (const std::int64_t cut : exploration.cuts()) text += fmt::format("cut {}\n", cut);
  for (const RepairName& repair : repair_names())
    text += fmt::format("{} {}\n", repair.name, exploration.options().repairs.*repair.flag);
  for (const auto& dim : exploration.machine().pe_dims)
    text += fmt::format("pe {} {}\n", dim.name, dim.size);
  for (const Memory& memory : exploration.machine().memories) append(text, memory);
  for (const LayerIndex layer : ids<LayerIndex>(exploration.network().layers.size())) {
    append(text, exploration.network().layers[layer]);
    for (const auto& unrolling : exploration.costs().unrolling({layer, {}, {}, {}, 0}))
      text += fmt::format("  {} {} {}\n", unrolling.pe_dim,
                          cost::defines2022::name(unrolling.loop), unrolling.size);
  }
  return text;
}

Result<void> may_hold_results(const std::string& path) {
  if (std::filesystem::is_directory(path))
    return mistake({path}, "this is a folder", "name a file, or one that is not there yet");
  std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  constexpr std::string_view kBegin = R"({"key":")";
  std::string begin(kBegin.size(), '\0');
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  begin.resize(static_cast<std::size_t>(file.gcount()));  // the first line may be torn, too
  if (kBegin.starts_with(begin)) return {};
  return mistake({path, 1, 1}, "this is no file of explored points, and would be written to",
                 "name another file, or one that is not there yet");
}

FusionResults::FusionResults(std::string path, const std::string& identity)
    : path_(std::move(path)), key_(hash_of(identity)) {
  if (path_.empty()) return;
  const Result<std::string> text = read_file(path_);
  if (!text) return;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const json parsed = json::parse(line, nullptr, false);
    if (!parsed.is_object() || parsed.value("key", json()) != key_) continue;
    const json point = parsed.value("point", json());
    if (!point.is_string()) continue;
    if (std::optional<report::FusionPoint> known = read(parsed))
      known_.insert_or_assign(point.get<std::string>(), *std::move(known));
  }
}

std::optional<report::FusionPoint> FusionResults::find(const Point& point) const {
  const auto found = known_.find(name_of(point));
  if (found == known_.end()) return std::nullopt;
  report::FusionPoint known = found->second;
  known.point = point;
  return known;
}

Result<void> FusionResults::keep(const report::FusionPoint& point) const {
  if (path_.empty()) return {};
  json line = write(point);
  line["key"] = key_;
  std::ofstream file(path_, std::ios::app);
  file << line.dump() << '\n' << std::flush;
  if (!file)
    return mistake({path_, 0, 0}, std::string("cannot be written: ") + std::strerror(errno),
                   "name a file in a folder that exists and may be written");
  return {};
}

}  // namespace tileloom::driver
