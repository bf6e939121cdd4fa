#include "tileloom/mapper/gamma/flexibility.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "tileloom/support/nearest.hpp"

namespace tileloom::mapper::gamma {
namespace {

std::int64_t extent_of(const Operator& op, const std::string& rank) {
  for (const Rank& candidate : op.ranks) {
    if (candidate.name == rank) return candidate.extent;
  }
  return 1;
}

/// A number, or the extent of a rank.
std::int64_t cluster_size(const Dataflow& dataflow, const Operator& op) {
  std::int64_t size = 0;
  const char* last = dataflow.cluster.data() + dataflow.cluster.size();
  const auto [end, error] = std::from_chars(dataflow.cluster.data(), last, size);
  return error == std::errc{} && end == last ? size : extent_of(op, dataflow.cluster);
}

void fix_parallel(const Dataflow& dataflow, const Architecture& arch, Restriction& rules) {
  for (std::size_t level = 0; level < dataflow.parallel.size(); ++level) {
    if (arch.axes.size() == 1) {
      rules.parts.push_back({level, {dataflow.parallel[level]}, std::nullopt});
    } else if (level < arch.axes.size()) {
      rules.constraints.only.push_back({static_cast<AxisId>(level), {dataflow.parallel[level]}});
    }
  }
}

}  // namespace

std::vector<Dataflow> dataflows() {
  return {{"dla", {"K", "C"}, "64", {"P", "Q"}, {"K", "C"}, {"R", "S"}},
          {"eyeriss", {"P", "R"}, "R", {"P", "Q"}, {"P", "R"}, {"S"}},
          {"tpu", {"K", "C"}, "16", {"P", "Q"}, {"K", "C", "R", "S"}, {}}};
}

Restriction restriction(const Dataflow& dataflow, const Flexibility& free, const Architecture& arch,
                        const Operator& op) {
  Restriction rules;
  const auto innermost = static_cast<MemoryId>(arch.memories.size() - 1);
  if (!free.parallel) fix_parallel(dataflow, arch, rules);
  if (!free.shape && arch.axes.size() == 1) {
    rules.parts.push_back({1, {}, cluster_size(dataflow, op)});
  }
  if (!free.order) {
    for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
      if (memory != innermost) rules.constraints.orders.push_back({memory, dataflow.order});
    }
  }
  if (!free.tile) {
    for (const std::string& rank : dataflow.single) {
      rules.constraints.tiles.push_back({innermost, rank, {1, 1}});
    }
    for (const std::string& rank : dataflow.whole) {
      const std::int64_t extent = extent_of(op, rank);
      rules.constraints.tiles.push_back({innermost, rank, {extent, extent}});
    }
  }
  return rules;
}

Result<Machine> parse_machine(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view bits = colon == std::string_view::npos ? "0000" : text.substr(colon + 1);
  const std::vector<Dataflow> known = dataflows();
  const auto found = std::ranges::find(known, name, &Dataflow::name);
  if (found == known.end()) {
    std::vector<std::string> names;
    for (const Dataflow& dataflow : known) names.push_back(dataflow.name);
    return mistake({}, fmt::format("unknown dataflow '{}'", name), suggestion(name, names));
  }
  const bool good = bits.size() == 4 && bits.find_first_not_of("01") == std::string_view::npos;
  if (!good) {
    return mistake({}, fmt::format("'{}' is no class of flexibility", bits),
                   "write four digits 0 (fixed) or 1 (free): order, parallel ranks, shape, tiles");
  }
  return Machine{*found, {bits[0] == '1', bits[1] == '1', bits[2] == '1', bits[3] == '1'}};
}

}  // namespace tileloom::mapper::gamma
