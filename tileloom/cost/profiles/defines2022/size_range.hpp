#pragma once
// For which sizes of a memory an answer stays the same.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace tileloom::cost::defines2022 {

/// Sizes [at_least, below) of a memory, in bits. Whoever compares a need with the size tells the
/// range which way it went: any other size in the range would have gone the same way.
struct SizeRange {
  std::int64_t at_least = 0;
  std::int64_t below = std::numeric_limits<std::int64_t>::max();

  /// need ≤ size was asked, and was `fits`.
  void asked(std::int64_t need, bool fits) {
    if (fits)
      at_least = std::max(at_least, need);
    else
      below = std::min(below, need);
  }
  bool contains(std::int64_t size) const { return at_least <= size && size < below; }
};

/// One for each memory of the machine.
using SizeRanges = std::vector<SizeRange>;

}  // namespace tileloom::cost::defines2022
