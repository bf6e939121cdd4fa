#include "tileloom/arch/energy_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tileloom/support/nearest.hpp"

namespace tileloom {
namespace {

constexpr double kKiB = 8192;  // bits
constexpr double kMiB = 1024 * kKiB;

constexpr std::string_view kHorowitz =
    "M. Horowitz, 'Computing's energy problem', ISSCC 2014, 45 nm at 0.9 V";
constexpr std::string_view kEyeriss =
    "Chen, Emer, Sze, 'Eyeriss', ISCA 2016, 65 nm: relative to one 16-bit multiply-accumulate, "
    "which counts as 1 pJ here";
constexpr std::string_view kDefines = "DeFiNES (HPCA 2023) artifact, revision 7097d60";
constexpr std::string_view kPat =
    "Timeloop revision 4cf6d4c, public PAT energy formula; arrays and registers alike";

}  // namespace

std::string to_string(EnergyKind kind) {
  switch (kind) {
    case EnergyKind::dram:
      return "dram";
    case EnergyKind::sram:
      return "sram";
    case EnergyKind::register_file:
      return "register";
    case EnergyKind::mac:
      return "mac";
  }
  return {};
}

const std::vector<TableEntry>& energy_table() {
  using enum EnergyKind;
  // Horowitz: caches are read 64 bits at a time; DRAM 1.3 to 2.6 nJ (the mean is entered); a MAC is
  // an 8-bit or 32-bit integer multiplication (0.2 or 3.1 pJ) and a 32-bit addition (0.1 pJ).
  // Eyeriss: register file 1, global buffer 6, DRAM 200 per 16-bit word.
  // DeFiNES: energy per word of the full port; the width of the port is the third column.
  static const std::vector<TableEntry> table = {
      {"45nm", sram, 8 * kKiB, 64, 10, 10, kHorowitz},
      {"45nm", sram, 32 * kKiB, 64, 20, 20, kHorowitz},
      {"45nm", sram, kMiB, 64, 100, 100, kHorowitz},
      {"45nm", dram, 0, 64, 1950, 1950, kHorowitz},
      {"45nm", mac, 8, 0, 0.3, 0.3, kHorowitz},
      {"45nm", mac, 32, 0, 3.2, 3.2, kHorowitz},
      {"eyeriss2016", register_file, 0, 16, 1, 1, kEyeriss},
      {"eyeriss2016", sram, 0, 16, 6, 6, kEyeriss},
      {"eyeriss2016", dram, 0, 16, 200, 200, kEyeriss},
      {"eyeriss2016", mac, 16, 0, 1, 1, kEyeriss},
      {"defines2022", register_file, 8, 8, 0.01, 0.01, kDefines},
      {"defines2022", register_file, 16, 16, 0.02, 0.02, kDefines},
      {"defines2022", register_file, 64 * 8, 8, 0.053, 0.053, kDefines},
      {"defines2022", register_file, 128 * 8, 8, 0.095, 0.095, kDefines},
      {"defines2022", sram, kKiB, 256, 4.78, 5.59, kDefines},
      {"defines2022", sram, 32 * kKiB, 256, 13.28, 15.4, kDefines},
      {"defines2022", sram, 64 * kKiB, 512, 26.56, 30.8, kDefines},
      {"defines2022", sram, kMiB, 1024, 208.08, 189.2, kDefines},
      {"defines2022", sram, 2 * kMiB, 2048, 416.16, 378.4, kDefines},
      {"defines2022", dram, 0, 64, 700, 750, kDefines},
      {"defines2022", mac, 8, 0, 0.04, 0.04, kDefines},
  };
  return table;
}

const std::vector<std::string>& technologies() {
  static const std::vector<std::string> names = {"45nm", "eyeriss2016", "defines2022", "pat"};
  return names;
}

namespace {

/// Timeloop's public PAT table, one array that is not shared by several instances:
///     array  [(5/99.5)·(KB − 0.5) + 1] · width/16     DRAM  200·width/16     MAC  (bits/16)² [pJ]
TableEnergy pat(const EnergyQuery& query) {
  const double capacity = static_cast<double>(query.capacity.value);
  const double width = static_cast<double>(query.access.value);
  double energy = 0;
  switch (query.kind) {
    case EnergyKind::dram:
      energy = 200 * width / 16;
      break;
    case EnergyKind::sram:
    case EnergyKind::register_file:
      energy = (5 / 99.5 * (capacity / kKiB - 0.5) + 1) * width / 16;
      break;
    case EnergyKind::mac:
      energy = capacity / 16 * (capacity / 16);
      break;
  }
  return {{energy}, {energy}, std::string(kPat)};
}

/// Energy of `entry` for the width of the query's access.
double scaled(double energy, const TableEntry& entry, const EnergyQuery& query) {
  if (entry.access_bits == 0) return energy;
  return energy * static_cast<double>(query.access.value) / entry.access_bits;
}

/// A point on the line through two points on log-log paper.
double interpolate(double s, double s0, double e0, double s1, double e1) {
  return e0 * std::pow(e1 / e0, std::log(s / s0) / std::log(s1 / s0));
}

std::string size_text(EnergyKind kind, double bits) {
  if (kind == EnergyKind::mac || bits < 8) return fmt::format("{} bit", bits);
  if (bits < kKiB) return fmt::format("{} B", bits / 8);
  return bits < kMiB ? fmt::format("{} KiB", bits / kKiB) : fmt::format("{} MiB", bits / kMiB);
}

}  // namespace

tl::expected<TableEnergy, NoEnergy> look_up(const EnergyQuery& query) {
  if (std::ranges::find(technologies(), query.technology) == technologies().end()) {
    return tl::unexpected(NoEnergy{fmt::format("unknown technology '{}'", query.technology),
                                   suggestion(query.technology, technologies())});
  }
  if (query.technology == "pat") return pat(query);

  std::vector<TableEntry> entries;  // of this technology and kind, by growing size
  for (const TableEntry& entry : energy_table()) {
    if (entry.technology == query.technology && entry.kind == query.kind) entries.push_back(entry);
  }
  if (entries.empty()) {
    return tl::unexpected(NoEnergy{fmt::format("the energy table has no {} for technology '{}'",
                                               to_string(query.kind), query.technology),
                                   "give the energy in pJ or name another technology"});
  }
  const double size = static_cast<double>(query.capacity.value);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const TableEntry& entry = entries[i];
    const double read = scaled(entry.read_pj, entry, query);
    const double write = scaled(entry.write_pj, entry, query);
    if (entry.capacity_bits == 0 || entry.capacity_bits == size) {
      return TableEnergy{{read}, {write}, std::string(entry.source)};
    }
    if (i + 1 == entries.size() || size < entry.capacity_bits) break;
    const TableEntry& next = entries[i + 1];
    if (size >= next.capacity_bits) continue;
    const auto between = [&](double e0, double e1) {
      return Picojoules{interpolate(size, entry.capacity_bits, e0, next.capacity_bits, e1)};
    };
    return TableEnergy{between(read, scaled(next.read_pj, next, query)),
                       between(write, scaled(next.write_pj, next, query)),
                       fmt::format("{}; interpolated between {} and {}", entry.source,
                                   size_text(query.kind, entry.capacity_bits),
                                   size_text(query.kind, next.capacity_bits))};
  }
  return tl::unexpected(NoEnergy{
      fmt::format("the energy table has {} of {} to {} for technology '{}', not of {}",
                  to_string(query.kind), size_text(query.kind, entries.front().capacity_bits),
                  size_text(query.kind, entries.back().capacity_bits), query.technology,
                  size_text(query.kind, size)),
      "give the energy in pJ or name another technology"});
}

}  // namespace tileloom
