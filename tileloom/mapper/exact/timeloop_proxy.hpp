#pragma once
// A machine and an operator on which Tileloom's own model counts nearly as Timeloop does, so that
// its fast searches find good places to begin.

#include "tileloom/mapper/exact/ruler.hpp"
#include "tileloom/mapper/timeloop_scorer.hpp"

namespace tileloom::mapper {

struct TimeloopProxy {
  Workload workload;  ///< one operator; every element is one bit, which stands for a word
  Architecture arch;  ///< capacities, ports and prices per word
};

TimeloopProxy timeloop_proxy(const MapSpace& space, const TimeloopNouns& nouns);

/// Points of the proxy's space that descents from its most promising spatial choices end at, best
/// first. All obey Timeloop's rule that no rank runs on both X and Y in one place.
std::vector<Point> proxy_minima(const MapSpace& space, const cost::Objective& objective,
                                const Budget& budget);

/// The point with the path's placement and factors. Stores of a memory come together; loops that
/// stood between them join the memory's.
Point nearest_point(const MapSpace& space, std::span<const PathNode> path);

}  // namespace tileloom::mapper
