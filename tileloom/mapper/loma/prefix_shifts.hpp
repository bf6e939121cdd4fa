#pragma once
// Every order of a multiset, each a prefix shift away from the one before.

#include <cstdint>
#include <vector>

namespace tileloom::mapper::loma {

/// Visits the distinct orders of `items` in cool-lex order, beginning with the items as they are,
/// which must be non-increasing. A step moves one item to the front.
/// Source: A. Williams, Loopless generation of multiset permutations using a constant number of
/// variables by prefix shifts, SODA 2009, algorithm 1.
class PrefixShifts {
 public:
  explicit PrefixShifts(std::vector<int> items);

  /// The order now, first item first.
  const std::vector<int>& order() const { return order_; }
  /// Goes to the next order; false if there is none.
  bool next();

 private:
  std::vector<int> order_;
  std::size_t i_ = 0;  ///< place of the last item of the longest non-increasing prefix
};

/// The number of distinct orders: n! / Π multiplicity!. Saturates at INT64_MAX.
std::int64_t count_orders(const std::vector<int>& items);

}  // namespace tileloom::mapper::loma
