#pragma once
// One tile type through all layers of a stack: where each layer's tile lies, what is copied before
// it, and what it costs. exact_model.md, section 3.

#include <optional>
#include <vector>

#include "tileloom/scheduler/defines/copy.hpp"
#include "tileloom/scheduler/defines/layer_costs.hpp"
#include "tileloom/scheduler/defines/tile_types.hpp"

namespace tileloom::scheduler::defines {

/// A try to map a layer with some levels more than its tiles need.
struct Attempt {
  int extra_o = 0, extra_i = 0;
  std::vector<Copy> reads;  ///< what this layer's operands need copied
};

/// A node of the stack, run once.
struct NodeRun {
  NodeId node{};
  CopyLayer copies;                ///< before it
  std::vector<Attempt> attempts;   ///< the last one succeeded
  std::vector<Copy> writes;        ///< caches written after it
  std::optional<LayerTile> tile;   ///< absent for an input
  std::shared_ptr<const MappedLayer> cost;
};

/// A tile type run once.
struct TileRun {
  TileSizes sizes;
  std::vector<NodeRun> nodes;  ///< in topological order
};

/// Why a stack cannot run: no loop order of a layer-tile is legal, whatever levels are granted.
struct NoMapping {
  std::string layer;
  LayerTile tile;
};

/// Everything a tile type's run depends on but the type.
struct TileContext {
  const Machine& machine;
  const Hierarchy& hierarchy;
  const Graph& graph;
  const TilePlan& plan;
  const Repairs& repairs;
  LayerCosts& costs;
};
tl::expected<TileRun, NoMapping> run_tile(const TileContext& context, const TileType& type);

}  // namespace tileloom::scheduler::defines
