#include "tileloom/loop_tree/path_loops.hpp"

#include "tileloom/support/checked.hpp"

namespace tileloom {

std::vector<PathLoop> path_loops(const Operator& op, std::span<const PathNode> path) {
  std::vector<std::int64_t> tile;
  for (const Rank& rank : op.ranks) tile.push_back(rank.extent);
  std::vector<PathLoop> loops;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Loop* loop = std::get_if<Loop>(&path[i]);
    if (loop == nullptr) continue;
    std::int64_t& extent = tile[index(loop->rank)];
    loops.push_back({i, *loop, extent, ceil_div(extent, loop->tile)});
    extent = loop->tile;
  }
  return loops;
}

}  // namespace tileloom
