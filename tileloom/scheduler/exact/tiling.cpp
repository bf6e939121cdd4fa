#include "tileloom/scheduler/exact/tiling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {

Overlap overlap_of(const Tiling& tiling, std::size_t place) {
  const auto other = tiling.other_overlaps.find(place);
  return other == tiling.other_overlaps.end() ? tiling.overlap : other->second;
}

std::vector<std::int64_t> breakpoints(std::int64_t extent) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t size = extent; size > 0; size = sizes.back() - 1)
    sizes.push_back(ceil_div(extent, ceil_div(extent, size)));
  return sizes;
}

std::string words(const NetworkProblem& problem, const Range& range, const Tiling& tiling) {
  const Operator& driver = problem.workload.operators[static_cast<OperatorId>(range.last)];
  std::string text;
  for (const TileLoop& loop : tiling.loops) {
    text +=
        fmt::format("{}{} in {}", text.empty() ? "" : ", ", driver.rank(loop.rank).name, loop.tile);
  }
  switch (tiling.overlap) {
    case Overlap::recompute:
      text += ", halos recomputed";
      break;
    case Overlap::row:
      text += tiling.loops.size() > 1 ? ", halos kept along the row" : ", halos kept";
      break;
    case Overlap::all:
      text += ", halos kept";
      break;
  }
  if (!tiling.other_overlaps.empty()) {
    const auto again = std::ranges::count(tiling.other_overlaps, Overlap::recompute,
                                          [](const auto& other) { return other.second; });
    text += fmt::format(" (of {}: recomputed", again);
    const auto row = static_cast<std::ptrdiff_t>(tiling.other_overlaps.size()) - again;
    if (row > 0) text += fmt::format(", of {}: along the row", row);
    text += ")";
  }
  if (tiling.inside != 0)
    text += fmt::format(", {} boundaries kept near", std::popcount(tiling.inside));
  if (tiling.streamed != 0)
    text += fmt::format(", {} weights streamed", std::popcount(tiling.streamed));
  return text;
}

}  // namespace tileloom::scheduler::exact
