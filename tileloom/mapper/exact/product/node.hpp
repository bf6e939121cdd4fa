#pragma once
// Nodes of the outer search and the order in which they are searched.

#include <cstdint>
#include <queue>
#include <vector>

#include "tileloom/cost/objective.hpp"

namespace tileloom::mapper::product {

/// A placement and spatial choices of the first groups.
struct Node {
  cost::Score bound;
  double urgency = 0;  ///< the least is searched first
  std::uint32_t placement = 0;
  std::uint32_t depth = 0;  ///< groups chosen
  bool chained = false;     ///< (R12) was asked
  std::int64_t number = 0;
  std::size_t last = SIZE_MAX;  ///< its last choice in Search::steps_
};

/// A choice and the one of the group before.
struct Step {
  std::size_t before = SIZE_MAX;
  std::uint32_t choice = 0;
};

struct Later {
  bool operator()(const Node& a, const Node& b) const {
    if (a.urgency != b.urgency) return a.urgency > b.urgency;
    if (a.bound != b.bound) return a.bound > b.bound;
    if (a.depth != b.depth) return a.depth < b.depth;
    return a.number > b.number;
  }
};

using Queue = std::priority_queue<Node, std::vector<Node>, Later>;

}  // namespace tileloom::mapper::product
