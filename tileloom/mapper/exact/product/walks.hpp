#pragma once
// The temporal loops of a complete spatial choice, from the outside in, by what (R12) knows of the
// rest of every path. docs/exact_mapper.md (R13)

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/chain_bound.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"
#include "tileloom/mapper/exact/product/walk_values.hpp"

namespace tileloom::mapper::product {

/// All trips of a mapping: by group, [rank of the group · blocks + block].
using Trips = std::vector<std::vector<std::int64_t>>;
/// A mapping's loops but for their order within blocks; false ends the search.
using WalkLeaf = std::function<bool(std::size_t order, const Trips& trips)>;

/// Calls `leaf` with all loops that may be those of a mapping that improves on the record. False if
/// it or the budget ended the search.
bool search_walks(ChainBound& chains, std::span<const WalkOrder> orders, const WalkLeaf& leaf,
                  Record& record);

}  // namespace tileloom::mapper::product
