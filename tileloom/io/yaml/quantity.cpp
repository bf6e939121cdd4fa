#include "tileloom/io/yaml/quantity.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <system_error>
#include <vector>

#include "tileloom/support/nearest.hpp"

namespace tileloom::yaml {
namespace {

struct Unit {
  const char* name;
  double value;
};

/// "64 KiB" → 64 and "KiB".
struct Measure {
  double number = 0;
  std::string unit;
};

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<Measure> split(const std::string& text) {
  const std::string content = trimmed(text);
  double number = 0;
  const char* end = content.data() + content.size();
  const auto [stop, error] = std::from_chars(content.data(), end, number);
  if (error != std::errc{} || !std::isfinite(number)) return std::nullopt;
  return Measure{number, trimmed({stop, end})};
}

/// Reports anything but a number; `example` shows what to write.
std::optional<Measure> read_measure(Reader& reader, const Node& node, const std::string& name,
                                    const std::string& example) {
  std::optional<Measure> measure;
  if (node.kind == Node::Kind::scalar) measure = split(node.text);
  if (!measure) {
    reader.report(node.place,
                  fmt::format("'{}' is {}, not a number with a unit", name, description(node)),
                  fmt::format("write such as '{}'", example));
  }
  return measure;
}

/// The value of a unit; an unknown or missing one is reported with `example`.
std::optional<double> unit_value(Reader& reader, const Node& node, const std::string& name,
                                 const std::string& unit, std::span<const Unit> units,
                                 const std::string& example) {
  std::vector<std::string> names;
  for (const Unit& known : units) {
    if (known.name == unit) return known.value;
    names.emplace_back(known.name);
  }
  if (unit.empty()) {
    reader.report(node.place, fmt::format("'{}' is {} without a unit", name, quoted(node.text)),
                  fmt::format("write such as '{}'", example));
  } else {
    reader.report(node.place, fmt::format("'{}' has the unknown unit {}", name, quoted(unit)),
                  suggestion(unit, names));
  }
  return std::nullopt;
}

constexpr double kKibi = 1024;

std::vector<Unit> size_units(std::optional<Bits> word) {
  std::vector<Unit> units = {{"bit", 1},
                             {"bits", 1},
                             {"B", 8},
                             {"KiB", 8 * kKibi},
                             {"MiB", 8 * kKibi * kKibi},
                             {"GiB", 8 * kKibi * kKibi * kKibi},
                             {"TiB", 8 * kKibi * kKibi * kKibi * kKibi}};
  if (word) {
    units.push_back({"words", static_cast<double>(word->value)});
    units.push_back({"word", static_cast<double>(word->value)});
  }
  return units;
}

/// KB, MB and GB mean 1000s to some and 1024s to others; a size must not be guessed.
bool report_ambiguous(Reader& reader, const Node& node, const std::string& name,
                      const Measure& measure) {
  constexpr std::array<const char*, 4> kAmbiguous = {"KB", "kB", "MB", "GB"};
  for (const char* unit : kAmbiguous) {
    if (measure.unit != unit) continue;
    reader.report(node.place, fmt::format("'{}' has the ambiguous unit '{}'", name, unit),
                  fmt::format("write {}iB for powers of 1024, or the number of B",
                              std::string(1, unit[0] == 'k' ? 'K' : unit[0])));
    return true;
  }
  return false;
}

}  // namespace

std::optional<Bits> read_size(Reader& reader, const Node& node, const std::string& name,
                              std::optional<Bits> word) {
  constexpr const char* kExample = "64 KiB";
  constexpr double kMost = 8 * kKibi * kKibi * kKibi * kKibi * kKibi;  // 1 PiB
  const std::optional<Measure> measure = read_measure(reader, node, name, kExample);
  if (!measure || report_ambiguous(reader, node, name, *measure)) return std::nullopt;
  const std::optional<double> unit =
      unit_value(reader, node, name, measure->unit, size_units(word), kExample);
  if (!unit) return std::nullopt;
  const double bits = measure->number * *unit;
  if (bits <= 0) {
    reader.report(node.place, fmt::format("'{}' is {}", name, quoted(node.text)),
                  "it must be greater than 0");
  } else if (bits > kMost) {
    reader.report(node.place, fmt::format("'{}' is {}, too large", name, quoted(node.text)),
                  "it must be at most 1024 TiB");
  } else if (bits != std::floor(bits)) {
    reader.report(node.place,
                  fmt::format("'{}' is {}, not a whole number of bits", name, quoted(node.text)),
                  "write it in a smaller unit");
  } else {
    return Bits{static_cast<std::int64_t>(bits)};
  }
  return std::nullopt;
}

std::optional<double> read_bandwidth(Reader& reader, const Node& node, const std::string& name,
                                     Bits word, std::optional<double> clock_hz) {
  constexpr const char* kExample = "16 B/cycle";
  const std::optional<Measure> measure = read_measure(reader, node, name, kExample);
  if (!measure) return std::nullopt;
  if (measure->number <= 0) {
    reader.report(node.place, fmt::format("'{}' is {}", name, quoted(node.text)),
                  "it must be greater than 0; leave it out if it is unlimited");
    return std::nullopt;
  }
  const std::vector<std::string> per_cycle = {"bit/cycle", "B/cycle", "KiB/cycle", "words/cycle",
                                              "word/cycle"};
  const std::vector<double> per_cycle_bits = {1, 8, 8 * kKibi, static_cast<double>(word.value),
                                              static_cast<double>(word.value)};
  constexpr std::array<Unit, 6> kPerSecond = {{{"GB/s", 8e9},
                                               {"MB/s", 8e6},
                                               {"GiB/s", 8 * kKibi * kKibi * kKibi},
                                               {"TB/s", 8e12},
                                               {"Gbit/s", 1e9},
                                               {"Mbit/s", 1e6}}};
  std::vector<Unit> units;
  for (std::size_t i = 0; i < per_cycle.size(); ++i) {
    units.push_back({per_cycle[i].c_str(), per_cycle_bits[i]});
  }
  for (const Unit& unit : kPerSecond) {
    if (measure->unit == unit.name && !clock_hz) {
      reader.report(node.place, fmt::format("'{}' is per second, but no clock is given", name),
                    "add 'clock: 1 GHz' to the file or write it per cycle");
      return std::nullopt;
    }
    units.push_back({unit.name, unit.value / clock_hz.value_or(1)});
  }
  const std::optional<double> unit = unit_value(reader, node, name, measure->unit, units, kExample);
  if (!unit) return std::nullopt;
  const double bits = measure->number * *unit;
  if (!std::isfinite(bits) || bits == 0) {
    reader.report(node.place, fmt::format("'{}' is {}, out of range", name, quoted(node.text)),
                  "leave it out if it is unlimited");
    return std::nullopt;
  }
  return bits;
}

std::optional<double> read_frequency(Reader& reader, const Node& node, const std::string& name) {
  constexpr std::array<Unit, 4> kUnits = {{{"Hz", 1}, {"kHz", 1e3}, {"MHz", 1e6}, {"GHz", 1e9}}};
  const std::optional<Measure> measure = read_measure(reader, node, name, "1 GHz");
  if (!measure) return std::nullopt;
  const std::optional<double> unit = unit_value(reader, node, name, measure->unit, kUnits, "1 GHz");
  if (!unit) return std::nullopt;
  const double hertz = measure->number * *unit;
  if (!(hertz > 0) || !std::isfinite(hertz)) {
    reader.report(node.place, fmt::format("'{}' is {}", name, quoted(node.text)),
                  "it must be greater than 0");
    return std::nullopt;
  }
  return hertz;
}

std::optional<std::int64_t> read_cycles(Reader& reader, const Node& node, const std::string& name) {
  Node number = node;
  for (const std::string suffix : {" cycles", " cycle"}) {
    if (number.text.ends_with(suffix)) number.text.resize(number.text.size() - suffix.size());
  }
  return read_integer(reader, number, name, {.least = 0});
}

std::optional<EnergyFigure> read_energy(Reader& reader, const Node& node, const std::string& name,
                                        std::optional<Bits> word) {
  constexpr const char* kExample = "0.25 pJ";
  constexpr std::array<Unit, 3> kUnits = {{{"fJ", 1e-3}, {"pJ", 1}, {"nJ", 1e3}}};
  const std::optional<Measure> measure = read_measure(reader, node, name, kExample);
  if (!measure) return std::nullopt;
  const std::size_t slash = measure->unit.find('/');
  const std::optional<double> unit =
      unit_value(reader, node, name, trimmed(measure->unit.substr(0, slash)), kUnits, kExample);
  if (!unit) return std::nullopt;
  if (measure->number < 0) {
    reader.report(node.place, fmt::format("'{}' is {}", name, quoted(node.text)),
                  "an energy is 0 or more");
    return std::nullopt;
  }
  EnergyFigure figure{measure->number * *unit, {}};
  if (slash == std::string::npos) return figure;

  const std::string amount = trimmed(measure->unit.substr(slash + 1));
  const Measure per = split(amount).value_or(Measure{1, amount});
  const std::optional<double> data =
      unit_value(reader, node, name, per.unit, size_units(word), "0.1 pJ/bit");
  if (!data) return std::nullopt;
  if (!(per.number * *data > 0)) {
    reader.report(node.place, fmt::format("'{}' is {}", name, quoted(node.text)),
                  "an energy is per a positive amount of data");
    return std::nullopt;
  }
  figure.per_bits = per.number * *data;
  return figure;
}

}  // namespace tileloom::yaml
