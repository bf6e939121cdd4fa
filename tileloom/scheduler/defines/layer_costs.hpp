#pragma once
// Mapping and cost of layer-tiles, each distinct one solved once for a whole exploration.

#include <array>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "tileloom/cost/profiles/defines2022/layer.hpp"
#include "tileloom/mapper/loma/map_layer.hpp"
#include "tileloom/scheduler/defines/hierarchy.hpp"
#include "tileloom/scheduler/defines/options.hpp"

namespace tileloom::scheduler::defines {

using cost::defines2022::LayerIndex;
using cost::defines2022::Network;

/// A tile of a layer on what is left of the machine.
struct LayerTile {
  LayerIndex layer{};
  Extent output;
  PerOperand<int> top;  ///< the highest level of each operand that takes part
  /// Bits of each memory that something else occupies; empty: none.
  std::vector<std::int64_t> reserved;
  int halvings = 0;  ///< of the largest unrolling, where not even one step's data fit
  bool operator==(const LayerTile&) const = default;
};

/// What the mapper chose for a layer-tile.
using mapper::loma::MappedLayer;

/// The layer's sizes with the tile's output map.
cost::defines2022::Sizes sizes_of(const Network& network, const LayerTile& tile);
/// The machine as the mapper of a layer-tile sees it: levels above the top removed, reserved bits
/// taken off, a twin of I1 for additions.
Machine machine_for(const Network& network, const Machine& machine, const LayerTile& tile);

/// Solves layer-tiles and remembers them: equal layers of the network share, and reservations that
/// leave room for the same. Safe to call from several threads; an answer never depends on what was
/// asked before.
class LayerCosts {
 public:
  LayerCosts(const Network& network, const Machine& machine, const Options& options);

  /// Absent if no loop order is legal.
  std::shared_ptr<const MappedLayer> cost(const LayerTile& tile);
  /// How the layer-tile is spread over the PEs; empty where the network does not say.
  cost::defines2022::SpatialMapping unrolling(const LayerTile& tile) const;
  /// Distinct layer-tiles solved so far.
  std::size_t solved() const;

 private:
  struct Hash {
    std::size_t operator()(const LayerTile& tile) const;
  };
  /// An answer, and the sizes of the remaining memories for which it is the answer.
  struct Answer {
    cost::defines2022::SizeRanges sizes;
    std::shared_ptr<const MappedLayer> cost;
  };
  /// All answers for a layer-tile, whatever is reserved.
  struct Answers {
    std::mutex mutex;
    std::vector<Answer> known;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<LayerTile, std::shared_ptr<Answers>, Hash> answers;
  };

  Answer solve(const LayerTile& tile) const;

  const Network& network_;
  const Machine& machine_;
  const Options& options_;
  std::string family_;                       ///< of spatial mappings
  PerId<LayerIndex, LayerIndex> alike_;      ///< the first layer that is the same but for its map
  std::array<Shard, 64> shards_;
};

}  // namespace tileloom::scheduler::defines
