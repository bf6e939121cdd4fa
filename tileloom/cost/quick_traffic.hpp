#pragma once
#include <span>
#include <vector>

#include "tileloom/cost/prepared.hpp"

namespace tileloom::cost {

/// One loop of the path that has more than one trip.
struct QuickLoop {
  double trips = 1;
  double tile = 1;
  AxisSet axis = 0;  ///< 0 = temporal
  std::size_t rank = 0;
};

/// The loops of a path, and whether any tile does not divide the enclosing one.
struct QuickPath {
  std::span<const QuickLoop> loops;
  std::span<const QuickLoop> spatial;  ///< the spatial ones of them
  bool any_ragged = false;
  const std::vector<bool>& ragged;  ///< by rank; meaningful if any_ragged
};

/// One boundary of a path: how many loops stand above the child, and which axes multiply and share
/// what.
struct QuickBoundary {
  std::size_t loops_above = 0;
  AxisSet axes_above = 0;  ///< of the spatial loops among them; all loops on an axis are, or none
  AxisSet parent = 0;      ///< axes that multiply the parent
  AxisSet child = 0;       ///< axes that multiply the child
  AxisSet sharing = 0;     ///< axes whose positions share an access
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

/// Works out the boundaries of one operand in one walk down the path; keeps its working memory.
class QuickTrafficer {
 public:
  /// `boundaries` from the outside in; the answer, one per boundary, is valid until the next call.
  std::span<const QuickTraffic> operator()(const PreparedOperand& operand, const QuickPath& path,
                                           std::span<const QuickBoundary> boundaries);

 private:
  /// A temporal loop, outermost first.
  struct Move {
    double trips = 1;
    int table = -1;  ///< index into tables_; -1 = the loop's axis has the short formula
  };
  /// An axis without the short formula, its loops so far being the key of its sums.
  struct Table {
    std::size_t axis = 0;
    AxisKey key;
    std::vector<AxisSet> spatial;  ///< axes of the spatial loops in the key
    const QuickSums* sums = nullptr;
    std::size_t outer = 0;  ///< of its temporal loops outside the move under consideration
  };

  void begin(const PreparedOperand& operand, const QuickPath& path);
  void add_table(std::size_t axis);
  void walk(const PreparedOperand& operand, const QuickPath& path,
            std::span<const QuickBoundary> boundaries, AxisSet ignored);
  void take(const PreparedOperand& operand, const QuickLoop& loop);
  QuickTraffic cross(const PreparedOperand& operand, const QuickPath& path,
                     const QuickBoundary& boundary);
  void look_up(const PreparedOperand& operand, const QuickBoundary& boundary);
  void cross_lanes(QuickTraffic& traffic) const;
  void cross_tables(QuickTraffic& traffic);
  void add_move(const Move& move, double states, QuickTraffic& traffic) const;

  std::vector<QuickTraffic> results_;
  std::vector<Move> moves_;
  std::vector<Table> tables_;  ///< the first table_count_ are in use
  std::size_t table_count_ = 0;
  std::span<const int> table_of_;  ///< by axis: index into tables_; -1 = short formula
  std::vector<int> ragged_table_of_;
  std::vector<double> tile_;  ///< by axis with the short formula: its rank's chunk
  double states_ = 1;         ///< of the temporal loops over axes with the short formula
  double whole_states_ = 1;   ///< of those outside and at the innermost one that moves the box
  std::size_t whole_ = 0;     ///< number of moves down to that one
};

}  // namespace tileloom::cost
