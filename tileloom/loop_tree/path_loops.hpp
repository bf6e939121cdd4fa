#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom {

/// A loop of a path and what it divides.
struct PathLoop {
  std::size_t position = 0;  ///< in the path
  Loop loop;
  std::int64_t extent = 1;  ///< the tile of the enclosing loop over its rank, or the rank's extent
  std::int64_t trips = 1;   ///< ⌈extent / tile⌉
};

/// The loops of a path over ranks of `op`, outermost first.
std::vector<PathLoop> path_loops(const Operator& op, std::span<const PathNode> path);

}  // namespace tileloom
