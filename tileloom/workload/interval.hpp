#pragma once
#include <cstdint>

namespace tileloom {

/// Indices begin ≤ i < end; empty if begin ≥ end.
struct Interval {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t length() const { return end > begin ? end - begin : 0; }
  bool operator==(const Interval&) const = default;
};

}  // namespace tileloom
