#pragma once
// The temporal loops of a complete spatial choice, from the outside in, by what (R12) knows of the
// rest of every path. docs/exact_mapper.md (R13)

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/chain_bound.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"
#include "tileloom/mapper/exact/product/walk_tables.hpp"
#include "tileloom/mapper/exact/product/walk_values.hpp"

namespace tileloom::mapper::product {

/// All trips of a mapping: by group, [rank of the group · blocks + block].
using Trips = std::vector<std::vector<std::int64_t>>;
/// A mapping's loops but for their order within blocks; false ends the search.
using WalkLeaf = std::function<bool(std::size_t order, const Trips& trips)>;

/// Calls `leaf` with all loops that may be those of a mapping that improves on the record. What it is
/// made of outlives it.
class WalkSearch {
 public:
  WalkSearch(ChainBound& chains, std::vector<WalkOrder> orders, WalkLeaf leaf,
             Record& record);
  ~WalkSearch();

  /// False if `leaf` or the budget ended the search: it may go on later, with the orders that are
  /// not done. `done`: by order; those it finishes are.
  bool run(std::vector<bool>& done);

 private:
  class Walks;
  std::unique_ptr<Walks> walks_;
};

}  // namespace tileloom::mapper::product
