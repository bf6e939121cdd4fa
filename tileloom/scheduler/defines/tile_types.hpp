#pragma once
// The distinct tiles of a stack and how often each occurs.

#include <vector>

#include "tileloom/scheduler/defines/levels.hpp"

namespace tileloom::scheduler::defines {

/// Tiles that cost the same.
struct TileType {
  Extent tile;
  bool first = false;  ///< tile (0,0): weights come from their top memory
  std::optional<MemoryIndex> h_make, h_use, v_make, v_use;
  std::int64_t count = 0;
  Extent first_seen{0, 0};  ///< column and row of the output where the first such tile begins
  TileSizes written;        ///< columns (if h_make) and rows (if v_make) put into the caches
  CacheBits caches;         ///< what the caches hold while such a tile runs
};

struct TilePlan {
  std::vector<Levels> places;  ///< in the order in which they are first met
  std::vector<TileType> types; ///< in the order in which they are first met
  std::optional<MemoryIndex> w;  ///< the highest of all places
  std::optional<MemoryIndex> v;  ///< of all tiles
};

/// The tiles of a stack whose output is cut into `tile`. The left-over tile comes first: tile (0,0)
/// is OX mod Tx wide (Tx if 0), all others Tx; row-major, x innermost. A tile hands columns on
/// in its right neighbour's H level and rows in the last tile's V level (as published, defect 4), or
/// in the higher of both neighbours' and the highest of all.
tl::expected<TilePlan, NoRoom> plan_tiles(const Machine& machine, const Hierarchy& hierarchy,
                                          const Graph& graph, const Point& point,
                                          const Repairs& repairs);

}  // namespace tileloom::scheduler::defines
