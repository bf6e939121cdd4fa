#pragma once
// The mappings found so far that no other beats in both latency and energy.

#include <span>
#include <vector>

#include "tileloom/cost/objective.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::mapper::product {

/// Scores here are pairs: `first` cycles, `second` picojoules.
class Pareto {
 public:
  struct Point {
    cost::Score score;
    std::vector<PathNode> path;
  };

  /// True if some point is no worse than `bound` in both, up to this share.
  bool covers(const cost::Score& bound, double rounding) const;
  /// Keeps the mapping unless a point is as good; drops the points that it beats. True if kept.
  bool offer(const cost::Score& score, std::span<const PathNode> path);
  /// By cycles, ascending; energies descend.
  const std::vector<Point>& points() const { return points_; }

 private:
  std::vector<Point> points_;
};

/// Bounds of which every one of `bounds` is no better than some one in both, at most `most`, by
/// cycles: those that no other is below, neighbours joined where that loses least.
std::vector<cost::Score> staircase(std::vector<cost::Score> bounds, std::size_t most);

}  // namespace tileloom::mapper::product
