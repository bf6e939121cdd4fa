#pragma once
// Items searched ahead of their turn on several threads, with the answer of a search of one after
// the other.

#include <cstddef>
#include <functional>

#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {

/// Threads that a budget allows, of those that the caller has.
int threads_of(const Budget& budget);

/// Does something so that this thread, when it waits for others, takes up nothing but parts of it.
bool alone(const std::function<bool()>& work);

/// Searches one item and adds to the record what that took and found; false if the budget ended.
using SearchItem = std::function<bool(std::size_t item, Record& record)>;
/// A search that one thread may do beside others.
using MakeSearch = std::function<SearchItem()>;

/// Searches items 0 … items − 1. An item begun with the record as it was after the one before would
/// find the same in its turn; one begun with less (something improved meanwhile, or the budget ends
/// within it) is searched again. So record and answer are those of one thread, to the last count of
/// work. False if the budget ended.
bool search_ahead(std::size_t items, const MakeSearch& make, Record& record);

}  // namespace tileloom::mapper::product
