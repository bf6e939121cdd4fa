#pragma once
// Where one layer of a network begins before the last stores of the one before have ended.
//
// A store leaves a token that the compute unit takes. The next layer needs it in two places: before
// it writes the accumulators that are being stored, and before it loads what is being stored. Each
// store is waited for as late as these two allow.

#include <cstdint>
#include <vector>

#include "tileloom/target/vta/codegen/schedule_tiles.hpp"

namespace tileloom::target::vta {

/// The stores of one tile whose token nobody has taken.
struct PendingStore {
  std::int64_t first_entry = 0;  ///< ACC entries from here on
  std::int64_t entries = 0;
  std::vector<Store> stores;     ///< the last one pushes the token
};

/// True if a load reads what a store writes: elements of `load_bytes` and `store_bytes`.
bool meet(const Load& load, std::int64_t load_bytes, const Store& store, std::int64_t store_bytes);

/// What the steps of a layer have to do with what the layer before left behind.
struct ChainedStep {
  std::int64_t first_entry = 0;  ///< ACC entries that the step resets, if it does
  std::int64_t entries = 0;
  std::vector<Load> loads;       ///< of tensors
};

/// Sets `pops`, and the waits of the loads, so that every pending store is waited for before its
/// accumulators are reset and before its values are loaded. All are waited for by the last step;
/// tokens are taken in the order of the stores, and before those of the layer's own.
/// @param tensor_bytes  of an element of the memories that tensors move through
/// @return the step that waits for the last store
std::size_t wait_for_pending(const std::vector<PendingStore>& pending,
                      const std::vector<ChainedStep>& chained, std::int64_t tensor_bytes,
                      std::vector<TileStep>& steps);

}  // namespace tileloom::target::vta
