#pragma once
// The tiles and modes that the case studies of DeFiNES try on a network.

#include <algorithm>
#include <cmath>
#include <vector>

#include "tileloom/scheduler/defines/exploration.hpp"

namespace bench {

using namespace tileloom::scheduler::defines;

/// Every mode with every width and height.
inline std::vector<Point> points_of(const std::vector<std::int64_t>& xs,
                                    const std::vector<std::int64_t>& ys) {
  std::vector<Point> points;
  for (const Mode mode : kModes)
    for (const std::int64_t y : ys)
      for (const std::int64_t x : xs) points.push_back({mode, {x, y}});
  return points;
}

/// The paper's 36 tiles: six widths and six heights. For FSRCNN they are the paper's own; elsewhere
/// as many sizes, from one output to the whole map.
inline std::vector<Point> fusion_grid(const Network& network) {
  const Graph graph = graph_of(network);
  if (network.name == "fsrcnn") return points_of({1, 4, 16, 60, 240, 960}, {1, 4, 18, 72, 270, 540});
  // The end of the network may be one output (a classifier): the stacks before it have larger maps.
  Extent largest;
  const std::vector<NodeId>::difference_type middle =
      static_cast<std::vector<NodeId>::difference_type>(graph.nodes.size()) / 2;
  const Extent end = graph.nodes[graph.end()].full;
  largest = end.x > 1 ? end : graph.nodes[static_cast<NodeId>(middle)].full;
  const auto sizes = [](std::int64_t full) {
    std::vector<std::int64_t> all;
    for (const double power : {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}) {
      const auto size =
          static_cast<std::int64_t>(std::lround(std::pow(static_cast<double>(full), power)));
      if (all.empty() || all.back() != size) all.push_back(size);
    }
    return all;
  };
  return points_of(sizes(largest.x), sizes(largest.y));
}

}  // namespace bench
