#include "tileloom/report/inspection/inspect_architecture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <nlohmann/json.hpp>
#include <vector>

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, kRoles> kRoleNames = {"inputs", "weights", "outputs"};

std::vector<std::string> held(const Memory& memory) {
  std::vector<std::string> names;
  for (std::size_t role = 0; role < kRoles; ++role) {
    if (memory.holds[role]) names.emplace_back(kRoleNames[role]);
  }
  return names;
}

std::string size_text(const std::optional<Bits>& size) {
  if (!size) return "unlimited";
  constexpr double kKiB = 8 * 1024;
  const auto bits = static_cast<double>(size->value);
  if (bits >= kKiB * 1024) return fmt::format("{:.6g} MiB", bits / (kKiB * 1024));
  if (bits >= kKiB) return fmt::format("{:.6g} KiB", bits / kKiB);
  return fmt::format("{:.6g} B", bits / 8);
}

double access_bits(const Memory& memory) {
  return static_cast<double>(memory.word.value) * static_cast<double>(memory.block);
}

/// "r 10 w 10", "rw 8", in bytes per cycle.
std::string ports_text(const Ports& ports) {
  std::string text;
  const auto add = [&](const char* name, const std::optional<double>& port) {
    if (port) text += fmt::format("{}{} {:.6g}", text.empty() ? "" : " ", name, *port / 8);
  };
  add("r", ports.read);
  add("w", ports.write);
  add("rw", ports.shared);
  return text.empty() ? "unlimited" : text;
}

double peak(const Architecture& arch) {
  return static_cast<double>(lanes(arch)) * arch.clock_hz / arch.compute.cycles_per_operation;
}

std::string memory_lines(const Architecture& arch) {
  std::string text = fmt::format("{:<20} {:>9} {:>12} {:>6} {:>6} {:>16} {:>12} {:>12}  {}\n",
                                 "memory", "instances", "size of one", "word", "block", "B/cycle",
                                 "pJ/B read", "pJ/B write", "holds");
  for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
    const Memory& memory = arch.memories[id];
    const double per_byte = 8 / access_bits(memory);
    std::string holds = fmt::format("{}", fmt::join(held(memory), ", "));
    if (memory.double_buffered) holds += ", double-buffered";
    text +=
        fmt::format("{:<20} {:>9} {:>12} {:>6} {:>6} {:>16} {:>12.6g} {:>12.6g}  {}\n", memory.name,
                    instances(arch, id), size_text(memory.capacity), memory.word.value,
                    memory.block, ports_text(memory.ports), memory.read.value.value * per_byte,
                    memory.write.value.value * per_byte, holds);
  }
  return text;
}

std::string axis_lines(const Architecture& arch) {
  if (arch.axes.empty()) return {};
  std::string text = fmt::format("\n{:<20} {:>9} {:<9} {:<9} {:>12}  {}\n", "axis", "size",
                                 "multicast", "reduces", "pJ/B hop", "inside");
  for (const SpatialAxis& axis : arch.axes) {
    const std::string inside =
        axis.below == 0 ? "-" : arch.memories[static_cast<MemoryId>(axis.below - 1)].name;
    text += fmt::format("{:<20} {:>9} {:<9} {:<9} {:>12.6g}  {}{}\n", axis.name, axis.size,
                        axis.multicast ? "yes" : "no", axis.reduce ? "yes" : "no",
                        axis.hop.value.value * 8, inside, axis.core ? " (cores)" : "");
  }
  return text;
}

std::string compute_lines(const Architecture& arch) {
  const Compute& compute = arch.compute;
  std::string text = fmt::format(
      "\ncompute {}: {} lanes, {:.6g} pJ per multiply-accumulate, {:.6g} "
      "pJ per other operation, {:.6g} cycles each\n",
      compute.name, lanes(arch), compute.mac.value.value, compute.other.value.value,
      compute.cycles_per_operation);
  if (compute.precision) {
    const auto& [inputs, weights, outputs] = *compute.precision;
    text +=
        fmt::format("precision: inputs {}, weights {}, outputs {} bit\n", inputs, weights, outputs);
  }
  if (compute.accumulator_bits) {
    text += fmt::format("accumulators: {} bit\n", *compute.accumulator_bits);
  }
  return text;
}

std::string source_lines(const Architecture& arch) {
  std::string text = "\nwhere the energies come from\n";
  for (const Memory& memory : arch.memories) {
    text += fmt::format("  {}: {}\n", memory.name, memory.read.source);
    if (memory.write.source != memory.read.source) {
      text += fmt::format("  {} (writes): {}\n", memory.name, memory.write.source);
    }
  }
  for (const SpatialAxis& axis : arch.axes) {
    if (!axis.hop.source.empty()) text += fmt::format("  {}: {}\n", axis.name, axis.hop.source);
  }
  return text + fmt::format("  {}: {}\n", arch.compute.name, arch.compute.mac.source);
}

/// The way from the cores to memory and between them.
std::string link_lines(const Architecture& arch) {
  const CoreLinks& links = arch.links;
  if (links == CoreLinks{}) return {};
  std::string text = fmt::format(
      "\ncores: {} over {} channels, remote accesses at {:.6g} of a "
      "channel's bandwidth, synchronisation {} cycles per core\n",
      cores(arch), links.channels, links.remote, links.sync_core_cycles);
  if (links.port) text += fmt::format("a core's port: {:.6g} B/cycle\n", *links.port / 8);
  if (links.exchange) {
    text += fmt::format("exchange between cores: {:.6g} B/cycle per core\n", *links.exchange / 8);
  }
  return text;
}

Json port_json(const std::optional<double>& port) { return port ? Json(*port) : Json(); }

Json inspected_memory(const Architecture& arch, MemoryId id) {
  const Memory& memory = arch.memories[id];
  const auto energy = [&](const Energy& figure) -> Json {
    return {{"pj_per_access", figure.value.value},
            {"pj_per_bit", figure.value.value / access_bits(memory)},
            {"source", figure.source}};
  };
  Json shared = Json::array();
  for (const AxisId axis : memory.shared_along) shared.push_back(arch.axes[axis].name);
  return {{"name", memory.name},
          {"instances", instances(arch, id)},
          {"size_bits", memory.capacity ? Json(memory.capacity->value) : Json()},
          {"word_bits", memory.word.value},
          {"block_words", memory.block},
          {"bandwidth",
           {{"read", port_json(memory.ports.read)},
            {"write", port_json(memory.ports.write)},
            {"shared", port_json(memory.ports.shared)}}},
          {"read", energy(memory.read)},
          {"write", energy(memory.write)},
          {"holds", held(memory)},
          {"double_buffered", memory.double_buffered},
          {"shared_along", std::move(shared)}};
}

Json axis_json(const Architecture& arch, const SpatialAxis& axis) {
  const Json inside =
      axis.below == 0 ? Json() : Json(arch.memories[static_cast<MemoryId>(axis.below - 1)].name);
  return {{"name", axis.name},
          {"size", axis.size},
          {"multicast", axis.multicast},
          {"reduce", axis.reduce},
          {"core", axis.core},
          {"inside", inside},
          {"hop_pj_per_bit", axis.hop.value.value},
          {"hop_source", axis.hop.source}};
}

Json compute_json(const Compute& compute) {
  Json precision;
  if (compute.precision) {
    precision = Json::object();
    for (std::size_t role = 0; role < kRoles; ++role) {
      precision[kRoleNames[role]] = (*compute.precision)[role];
    }
  }
  const auto energy = [](const Energy& figure) -> Json {
    return {{"pj", figure.value.value}, {"source", figure.source}};
  };
  return {
      {"name", compute.name},
      {"mac", energy(compute.mac)},
      {"other", energy(compute.other)},
      {"cycles_per_operation", compute.cycles_per_operation},
      {"precision_bits", std::move(precision)},
      {"accumulator_bits", compute.accumulator_bits ? Json(*compute.accumulator_bits) : Json()}};
}

}  // namespace

std::string architecture_table(const Architecture& arch) {
  std::string text = fmt::format(
      "{}: {} lanes at {:.6g} MHz, at most {:.4g} multiply-accumulates per second\n{}\n", arch.name,
      lanes(arch), arch.clock_hz / 1e6, peak(arch), arch.source);
  if (arch.launch_cycles != 0 || arch.sync_cycles != 0) {
    text += fmt::format("launch {} cycles, synchronisation {} cycles\n", arch.launch_cycles,
                        arch.sync_cycles);
  }
  return text + "\n" + memory_lines(arch) + axis_lines(arch) + link_lines(arch) +
         compute_lines(arch) + source_lines(arch);
}

std::string architecture_json(const Architecture& arch) {
  Json memories = Json::array();
  for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
    memories.push_back(inspected_memory(arch, id));
  }
  Json axes = Json::array();
  for (const SpatialAxis& axis : arch.axes) axes.push_back(axis_json(arch, axis));
  const Json document{{"schema", "tileloom.inspect.architecture/1"},
                      {"name", arch.name},
                      {"source", arch.source},
                      {"clock_hz", arch.clock_hz},
                      {"lanes", lanes(arch)},
                      {"peak_macs_per_second", peak(arch)},
                      {"launch_cycles", arch.launch_cycles},
                      {"sync_cycles", arch.sync_cycles},
                      {"sync_cycles_per_core", arch.links.sync_core_cycles},
                      {"channels", arch.links.channels},
                      {"remote", arch.links.remote},
                      {"port_bits_per_cycle", port_json(arch.links.port)},
                      {"exchange_bits_per_cycle", port_json(arch.links.exchange)},
                      {"memories", std::move(memories)},
                      {"axes", std::move(axes)},
                      {"compute", compute_json(arch.compute)}};
  // Names come from the file: whatever is not UTF-8 is replaced.
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report
