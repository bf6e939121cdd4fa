#pragma once
#include <vector>

#include "tileloom/cost/evaluate.hpp"

namespace tileloom::cost {

/// Widths in bits of the elements a Store exchanges with its children and with its parent. (O2)
struct StoreWidth {
  std::int64_t below = 0;
  std::int64_t above = 0;
};

/// Widths of every Store of the path, in path order.
std::vector<StoreWidth> store_widths(const Operator& op, std::span<const PathNode> path);

/// Occupancy of every memory that holds a Store, outermost first. (O1)
std::vector<Occupancy> occupancy(const Architecture& arch, const PathCounts& counts,
                                 const std::vector<StoreWidth>& widths);

}  // namespace tileloom::cost
