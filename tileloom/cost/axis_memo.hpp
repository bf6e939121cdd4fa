#pragma once
// Axis sums by the loops that determine them. A search meets the same loops over one axis again and
// again in different company; each is worked out once.

#include <cstdint>
#include <memory>
#include <vector>

#include "tileloom/cost/axis_sums.hpp"

namespace tileloom::cost {

/// Sums as doubles: products of them cannot overflow, and are exact up to 2^53.
struct QuickMove {
  double united_now = 0, united_now_kept = 0;
  double united_before = 0, united_before_kept = 0;
  double each_now = 0, each_kept = 0;
};

struct QuickSums {
  std::vector<QuickMove> own;
  std::vector<QuickMove> still;
  double largest = 0;
};

/// One loop over an axis, packed; spatial ones do not say yet whether they share.
using PackedLoop = std::uint64_t;
inline PackedLoop pack(std::size_t chain, std::int64_t tile, bool spatial) {
  return (static_cast<PackedLoop>(tile) << 8) | (static_cast<PackedLoop>(chain) << 1) |
         static_cast<PackedLoop>(spatial);
}

/// What determines the sums of an axis: its loops in path order, and which of the spatial ones
/// share (bit i: the i-th). The hash of the loops grows with them.
struct AxisKey {
  std::vector<PackedLoop> loops;
  std::uint64_t shared = 0;
  std::uint64_t hash = 0;

  void clear() {
    loops.clear();
    shared = hash = 0;
  }
  void push_back(PackedLoop loop) {
    loops.push_back(loop);
    hash = (hash ^ loop) * 0xff51afd7ed558ccdULL;
    hash ^= hash >> 32;
  }
};

/// The sums of one axis under one Keep, for any loops over it. Not shared between threads.
class AxisMemo {
 public:
  /// `axis`: offset, extent, coefficients and chains without loops.
  AxisMemo(AxisChains axis, Keep keep);

  const QuickSums& operator()(const AxisKey& key);

 private:
  struct Entry {
    std::uint64_t hash = 0;
    AxisKey key;
    std::unique_ptr<QuickSums> sums;
  };

  std::unique_ptr<QuickSums> work_out(const AxisKey& key) const;
  void grow();

  AxisChains axis_;
  Keep keep_;
  std::vector<Entry> slots_;
  std::size_t used_ = 0;
};

}  // namespace tileloom::cost
