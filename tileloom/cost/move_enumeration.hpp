#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "tileloom/cost/axis_sums.hpp"

namespace tileloom::cost {

/// Sums of kinds of move, state by state: exact for partial tiles and padding. States whose chunks
/// differ by a shift alone are looked at once, unless the edge of the tensor cuts one of them; what
/// the states of one chain look like serves all moves of the axis in which that chain moves alike.
/// Not shared between threads.
class MoveEnumeration {
 public:
  MoveEnumeration();
  ~MoveEnumeration();
  /// From now on of this axis, which outlives the calls of `sums`.
  void begin(const AxisChains& axis);
  MoveSums sums(Keep keep, const std::vector<Move>& moves, std::int64_t& largest);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;  ///< made when first asked
  const AxisChains* axis_ = nullptr;
  bool begun_ = false;
};

}  // namespace tileloom::cost
