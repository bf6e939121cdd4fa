#pragma once
// Walks (R13) with their leaves evaluated: the second search over the temporal loops of a complete
// spatial choice, beside search_temporal.

#include <span>

#include "tileloom/mapper/exact/product/walks.hpp"

namespace tileloom::mapper::product {

/// Searches all temporal loops of a complete spatial choice under all orders of its Stores;
/// `layouts`: by skeleton. False if the budget ended first.
bool search_by_walks(ChainBound& chains, std::span<const Skeleton> skeletons,
                     std::span<const Layout> layouts, Evaluators& evaluators, Record& record);

/// False where walks tell little: operators whose windows slide over inputs that have every rank
/// (depthwise convolutions), so that no loop visits them again.
bool worth_walks(const Terrain& terrain);

}  // namespace tileloom::mapper::product
