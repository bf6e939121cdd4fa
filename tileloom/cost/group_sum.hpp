#pragma once
// What the positions of one axis that share a buffer or a read contribute to a move.

#include <cstdint>
#include <vector>

#include "tileloom/cost/axis_sums.hpp"
#include "tileloom/workload/interval.hpp"

namespace tileloom::cost {

/// One position of the axis during one move.
struct Position {
  Interval now;
  Interval before;
};

/// Adds up what one group of positions contributes to one move. (C1), (C2)
class GroupSum {
 public:
  GroupSum();
  void begin() { positions_.clear(); }
  void add(const Position& position) { positions_.push_back(position); }

  /// Adds it `count` times.
  void finish(Keep keep, std::int64_t count, MoveSums& sums, std::int64_t& largest);

 private:
  std::vector<Position> positions_;
  std::vector<Interval> now_, before_, entering_, leaving_;
};

}  // namespace tileloom::cost
