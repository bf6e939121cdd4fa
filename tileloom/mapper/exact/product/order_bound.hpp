#pragma once
// What the orders of the loops within the blocks add, once every group's trips are chosen.
// docs/exact_mapper.md (R8)

#include <span>

#include "tileloom/mapper/exact/product/candidates.hpp"
#include "tileloom/mapper/exact/product/ledger.hpp"

namespace tileloom::mapper::product {

/// Position among the output's boundaries of the first with partial sums if reductions over time
/// begin in block `reduces_from`; their number if none has.
std::size_t first_unfinished(const Frame& frame, std::uint32_t reduces_from);

/// A lower bound over all orders of the chosen loops. `floor`: by quantity, the least it can be.
Bounds order_bound(const Frame& frame, const Ledger& ledger,
                   std::span<const Candidate* const> chosen, std::span<const double> floor);

}  // namespace tileloom::mapper::product
