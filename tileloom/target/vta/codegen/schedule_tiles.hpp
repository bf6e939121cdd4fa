#pragma once
// The sequence of tiles, the slot of each operand in it, and who must wait for whom.

#include <array>
#include <cstdint>
#include <vector>

#include "tileloom/target/vta/codegen/tiling.hpp"

namespace tileloom::target::vta {

/// One tile of the iteration space: loads, a GEMM, and after the last reduction an epilogue.
struct TileStep {
  Tile tile;
  std::array<std::int64_t, kParts> slots{};
  std::array<bool, kParts> loaded{};  ///< the slot must be filled first
  /// Of a piece of a tile: its first entry in the slot.
  std::array<std::int64_t, kParts> offsets{};
  bool first = false;  ///< of the tiles that add to the same accumulators
  bool last = false;
  /// What the loads must wait for (before_step, after_step); -1: nothing.
  std::int64_t loads_after = -1;
  /// They take a token for it; else an earlier load did.
  bool load_waits = false;
  /// A later load waits for this GEMM.
  bool frees_buffers = false;
  /// Stores of the layer before that the step waits for before it computes.
  std::int64_t pops = 0;
  /// A later load, or this step's, waits for them.
  bool tells_loads = false;
  /// The reset overwrites what an earlier store reads and takes its token.
  bool reset_waits = false;
  /// A later reset, or FINISH, waits for this store.
  bool store_signals = false;

  /// Slot for the tile of a tensor that is added to the result; -1: none is loaded.
  std::int64_t other_slot = -1;

  std::int64_t slot(Part part) const { return slots[static_cast<std::size_t>(part)]; }
  bool loads(Part part) const { return loaded[static_cast<std::size_t>(part)]; }
  bool loads_other() const { return other_slot >= 0; }
  bool loads_anything() const {
    return loads(Part::data) || loads(Part::weights) || loads_other();
  }
};

/// Moments of the compute unit: before the first GEMM of a step, and after its last one.
inline std::int64_t before_step(std::size_t step) { return 2 * static_cast<std::int64_t>(step); }
inline std::int64_t after_step(std::size_t step) { return before_step(step) + 1; }

/// Lets the loads take tokens: a load that waits for one moment waits for all before it, so only a
/// later one needs another token.
void order_loads(std::vector<TileStep>& steps);

/// Slots are given to the least recently used tile's successor. Every token is popped exactly once:
/// units work in order and queues are first in, first out, so a wait for an instruction covers
/// those before it.
/// Of a tensor that is added to the result, `other_slots` tiles are there at once, each loaded with
/// the last step of its tile of the result.
std::vector<TileStep> schedule_tiles(const Nest& nest, const Tiling& tiling);

}  // namespace tileloom::target::vta
