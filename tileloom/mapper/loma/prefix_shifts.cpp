#include "tileloom/mapper/loma/prefix_shifts.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace tileloom::mapper::loma {

PrefixShifts::PrefixShifts(std::vector<int> items) : order_(std::move(items)) {
  i_ = order_.size() < 2 ? 0 : order_.size() - 2;
}

// The linked list of the paper as an array: its pointer i is a place, afteri the place behind it.
// A prefix shift of the item at place k is a rotation of the places 0 … k.
bool PrefixShifts::next() {
  const std::size_t n = order_.size();
  if (n < 2) return false;
  const std::size_t after = i_ + 1;
  const bool last = after + 1 == n;
  if (last && order_[after] >= order_[0]) return false;
  const std::size_t k = !last && order_[i_] >= order_[after + 1] ? after + 1 : after;
  const int moved = order_[k];
  const int head = order_[0];
  for (std::size_t place = k; place > 0; --place) order_[place] = order_[place - 1];
  order_[0] = moved;
  i_ = moved < head ? 0 : i_ + 1;
  return true;
}

std::int64_t count_orders(const std::vector<int>& items) {
  std::map<int, int> seen;
  std::int64_t count = 1;
  for (std::size_t placed = 0; placed < items.size(); ++placed) {
    // C(placed + 1, m) / C(placed, m − 1) = (placed + 1) / m
    const std::int64_t factor = static_cast<std::int64_t>(placed) + 1;
    if (count > INT64_MAX / factor) return INT64_MAX;
    count = count * factor / ++seen[items[placed]];
  }
  return count;
}

}  // namespace tileloom::mapper::loma
