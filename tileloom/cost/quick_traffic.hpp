#pragma once
#include <span>
#include <vector>

#include "tileloom/cost/prepared.hpp"

namespace tileloom::cost {

/// One loop of the path that has more than one trip.
struct QuickLoop {
  std::size_t rank = 0;
  std::int64_t tile = 1;
  double trips = 1;
  int axis = -1;  ///< -1 = temporal
};

/// One boundary of a path: the loops above the child, and which axes multiply and share what.
struct QuickBoundary {
  std::span<const QuickLoop> loops;
  const std::vector<bool>& ragged;   ///< by rank: some tile does not divide the enclosing one
  const std::vector<bool>& parent;   ///< by axis: replicates the parent's memory
  const std::vector<bool>& child;    ///< by axis: replicates the child's memory
  const std::vector<bool>& sharing;  ///< by axis: positions share an access
  Keep keep = Keep::overlap;
  bool lanes = false;  ///< the child is the lanes
};

/// As cost::Traffic, in doubles.
struct QuickTraffic {
  double entering = 0;
  double each = 0;
  double leaving = 0;
  double tile = 0;
};

/// Works out boundaries; keeps its working memory between calls.
class QuickTrafficer {
 public:
  QuickTraffic operator()(const PreparedOperand& operand, const QuickBoundary& boundary);

 private:
  /// A temporal loop above the child, outermost first.
  struct Move {
    double trips = 1;
    int table = -1;         ///< index into tables_; -1 = the loop's axis has the short formula
    bool relevant = false;  ///< with the short formula: the box moves
  };
  /// An axis without the short formula.
  struct Table {
    const QuickSums* sums = nullptr;
    std::size_t outer = 0;  ///< of its temporal loops outside the move under consideration
    std::size_t axis = 0;
  };

  void read_loops(const PreparedOperand& operand, const QuickBoundary& boundary);
  QuickTraffic lanes() const;
  QuickTraffic buffers();
  void add_move(const Move& move, double states, QuickTraffic& traffic) const;

  std::vector<Move> moves_;
  std::vector<Table> tables_;
  std::vector<std::vector<PackedLoop>> keys_;  ///< by axis
  std::vector<int> table_of_;                  ///< by axis
  std::vector<double> tile_;                   ///< by axis, short formula: the rank's chunk
  double united_ = 1;  ///< elements of all axes with the short formula, a group's positions united
  double each_ = 1;    ///< the same, every position counted
  double tile_elements_ = 1;
};

}  // namespace tileloom::cost
