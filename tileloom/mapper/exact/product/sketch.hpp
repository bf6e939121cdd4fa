#pragma once
// A mapping of the product space (docs/exact_mapper.md, section 1) as a value that is easy to
// change: what a search without a proof walks over.

#include <cstdint>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/terrain.hpp"

namespace tileloom::mapper::product {

/// A Store below the homes.
struct SketchedStore {
  std::size_t operand = 0;
  MemoryId memory{};
  bool operator==(const SketchedStore&) const = default;
};

/// Block b, where temporal loops stand, lies directly above Store b; the last one above the lanes.
/// Spatial loops of an axis stand at the end of the block above the first Store inside the axis.
struct Sketch {
  std::vector<SketchedStore> stores;   ///< in path order, without the homes
  std::vector<std::int64_t> trips;     ///< [block · ranks + rank], ≥ 1
  std::vector<std::uint16_t> order;    ///< [block · ranks + position] → rank, outermost first
  std::vector<std::int64_t> spread;    ///< [open axis · ranks + rank], ≥ 1
  bool operator==(const Sketch&) const = default;

  std::size_t blocks() const { return stores.size() + 1; }
};

/// The sketch of a path of this space.
Sketch sketch_of(const Terrain& terrain, std::span<const PathNode> path);

/// The path of a sketch, into a vector whose memory is used again.
void write_path(const Terrain& terrain, const Sketch& sketch, std::vector<PathNode>& path);

/// By open axis: the block that its spatial loops end.
std::size_t block_of_axis(const Terrain& terrain, const Sketch& sketch, std::size_t axis);

/// True if the axes have room and the rules about shared memories hold (cost_model.md 1.6, rules
/// 3 to 6). What fits is not looked at.
bool legal(const Terrain& terrain, const Sketch& sketch);

/// True if a Store of the operand in this memory may stand at this place of the order of Stores.
bool may_stand(const Terrain& terrain, std::span<const SketchedStore> stores,
               const SketchedStore& store, std::size_t place);

}  // namespace tileloom::mapper::product
