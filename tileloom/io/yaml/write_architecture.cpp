#include "tileloom/io/yaml/write_architecture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <utility>
#include <vector>

#include "tileloom/io/yaml/read_architecture.hpp"

namespace tileloom {
namespace {

/// A text as YAML: plain if it is a simple word, else in double quotes.
std::string scalar(const std::string& text) {
  const auto simple = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
  };
  const bool word = !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) &&
                    std::ranges::all_of(text, simple) && text != "null";
  if (word) return text;
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += fmt::format("\\{}", c);
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string size(Bits bits) {
  struct Unit {
    const char* name;
    std::int64_t bits;
  };
  constexpr std::array<Unit, 4> kUnits = {
      {{"GiB", 8LL << 30}, {"MiB", 8LL << 20}, {"KiB", 8LL << 10}, {"B", 8}}};
  for (const Unit& unit : kUnits) {
    if (bits.value % unit.bits == 0) return fmt::format("{} {}", bits.value / unit.bits, unit.name);
  }
  return fmt::format("{} bit", bits.value);
}

/// In GHz or MHz if that reads back as the same number.
std::string frequency(double hertz) {
  const double giga = hertz / 1e9;
  if (giga >= 1 && giga * 1e9 == hertz) return fmt::format("{} GHz", giga);
  const double mega = hertz / 1e6;
  return mega * 1e6 == hertz ? fmt::format("{} MHz", mega) : fmt::format("{} Hz", hertz);
}

std::string energy_text(const Energy& energy, const char* unit = "pJ") {
  const std::string value = fmt::format("{} {}", energy.value.value, unit);
  if (energy.source == kGivenEnergy) return value;
  return fmt::format("{{value: {}, source: {}}}", value, scalar(energy.source));
}

std::string bandwidth(const Ports& ports) {
  if (ports.shared && !ports.read && !ports.write)
    return fmt::format("{} bit/cycle", *ports.shared);
  std::vector<std::string> parts;
  const auto add = [&](const char* name, const std::optional<double>& port) {
    if (port) parts.push_back(fmt::format("{}: {} bit/cycle", name, *port));
  };
  add("read", ports.read);
  add("write", ports.write);
  add("shared", ports.shared);
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

/// Lines of the file; items of the machine are indented.
class Writer {
 public:
  explicit Writer(const Architecture& arch) : arch_(arch) {}

  std::string run() {
    line("name: {}", scalar(arch_.name));
    line("source: {}", scalar(arch_.source));
    line("clock: {}", frequency(arch_.clock_hz));
    if (arch_.launch_cycles != 0) line("launch: {} cycles", arch_.launch_cycles);
    if (arch_.sync_cycles != 0) line("sync: {} cycles", arch_.sync_cycles);
    if (arch_.links.sync_core_cycles != 0) {
      line("sync_per_core: {} cycles", arch_.links.sync_core_cycles);
    }
    line("machine:");
    for (const MemoryId id : ids<MemoryId>(arch_.memories.size())) {
      write_fanouts(index(id));
      write_memory(arch_.memories[id]);
    }
    write_fanouts(arch_.memories.size());
    write_compute(arch_.compute);
    return std::move(text_);
  }

 private:
  template <class... Parts>
  void line(fmt::format_string<Parts...> format, Parts&&... parts) {
    text_ += fmt::format(format, std::forward<Parts>(parts)...) + "\n";
  }

  void write_memory(const Memory& memory) {
    constexpr std::array<const char*, kRoles> kNames = {"inputs", "weights", "outputs"};
    line("  - memory: {}", scalar(memory.name));
    if (memory.capacity) line("    size: {}", size(*memory.capacity));
    if (memory.word != Memory{}.word) line("    word: {} bit", memory.word.value);
    if (memory.block != 1) line("    block: {}", memory.block);
    if (memory.ports != Ports{}) line("    bandwidth: {}", bandwidth(memory.ports));
    if (memory.holds != Memory{}.holds) {
      std::vector<std::string> held;
      for (std::size_t role = 0; role < kRoles; ++role) {
        if (memory.holds[role]) held.emplace_back(kNames[role]);
      }
      line("    holds: [{}]", fmt::join(held, ", "));
    }
    if (memory.double_buffered) line("    double_buffered: true");
    if (!memory.shared_along.empty()) {
      std::vector<std::string> axes;
      for (const AxisId axis : memory.shared_along) axes.push_back(scalar(arch_.axes[axis].name));
      line("    shared_along: [{}]", fmt::join(axes, ", "));
    }
    if (memory.read == memory.write) {
      line("    energy: {}", energy_text(memory.read));
    } else {
      line("    energy: {{read: {}, write: {}}}", energy_text(memory.read),
           energy_text(memory.write));
    }
  }

  /// Neighbouring axes with the same costs and kind are one item.
  void write_fanouts(std::size_t below) {
    std::vector<SpatialAxis> group;
    const auto flush = [&] {
      if (!group.empty()) write_fanout(group);
      group.clear();
    };
    for (const SpatialAxis& axis : arch_.axes) {
      if (axis.below != below) continue;
      if (!group.empty() && (group[0].core != axis.core || group[0].hop != axis.hop)) flush();
      group.push_back(axis);
    }
    flush();
  }

  void write_fanout(std::span<const SpatialAxis> group) {
    std::vector<std::string> sizes;
    for (const SpatialAxis& axis : group) {
      sizes.push_back(fmt::format("{}: {}", scalar(axis.name), axis.size));
    }
    line("  - {}: {{{}}}", group[0].core ? "cores" : "fanout", fmt::join(sizes, ", "));
    write_ability("multicast", group, &SpatialAxis::multicast);
    write_ability("reduce", group, &SpatialAxis::reduce);
    if (group[0].core) {
      write_links();
    } else {
      write_unroll(group);
    }
    if (group[0].hop != Energy{}) line("    hop_energy: {}", energy_text(group[0].hop, "pJ/bit"));
  }

  /// Once, at the first cores.
  void write_links() {
    if (std::exchange(links_written_, true)) return;
    const CoreLinks& links = arch_.links;
    if (links.channels != 1) line("    channels: {}", links.channels);
    if (links.remote != 1) line("    remote: {}", links.remote);
    if (links.port) line("    port: {} bit/cycle", *links.port);
    if (links.exchange) line("    exchange: {} bit/cycle", *links.exchange);
  }

  void write_unroll(std::span<const SpatialAxis> group) {
    constexpr std::array<const char*, 4> kKinds = {"any", "output_channels", "input_channels",
                                                   "positions"};
    std::vector<std::string> unrolled;
    for (const SpatialAxis& axis : group) {
      if (axis.unroll == Unroll::any) continue;
      unrolled.push_back(fmt::format("{}: {}", scalar(axis.name),
                                     kKinds.at(static_cast<std::size_t>(axis.unroll))));
    }
    if (!unrolled.empty()) line("    unroll: {{{}}}", fmt::join(unrolled, ", "));
  }

  void write_ability(const char* key, std::span<const SpatialAxis> group,
                     bool SpatialAxis::*ability) {
    if (std::ranges::all_of(group, ability)) return;
    std::vector<std::string> able;
    for (const SpatialAxis& axis : group) {
      if (axis.*ability) able.push_back(scalar(axis.name));
    }
    line("    {}: [{}]", key, fmt::join(able, ", "));
  }

  void write_compute(const Compute& compute) {
    line("  - compute: {}", scalar(compute.name));
    std::vector<std::string> precision;
    if (compute.precision) {
      const auto& [inputs, weights, outputs] = *compute.precision;
      precision = {fmt::format("inputs: {} bit", inputs), fmt::format("weights: {} bit", weights),
                   fmt::format("outputs: {} bit", outputs)};
    }
    if (compute.accumulator_bits) {
      precision.push_back(fmt::format("accumulator: {} bit", *compute.accumulator_bits));
    }
    if (!precision.empty()) line("    precision: {{{}}}", fmt::join(precision, ", "));
    if (compute.cycles_per_operation != Compute{}.cycles_per_operation) {
      line("    cycles_per_operation: {}", compute.cycles_per_operation);
    }
    line("    mac_energy: {}", energy_text(compute.mac));
    if (compute.other != compute.mac) line("    other_energy: {}", energy_text(compute.other));
  }

  const Architecture& arch_;
  std::string text_;
  bool links_written_ = false;
};

}  // namespace

std::string write_architecture(const Architecture& arch) { return Writer(arch).run(); }

}  // namespace tileloom
