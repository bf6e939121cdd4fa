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

/// One boundary of a path: the loops above the child, and which axes multiply and share what.
struct QuickBoundary {
  std::span<const QuickLoop> loops;
  bool any_ragged = false;
  const std::vector<bool>& ragged;  ///< by rank: some tile does not divide the enclosing one
  AxisSet parent = 0;               ///< axes that multiply the parent
  AxisSet child = 0;                ///< axes that multiply the child
  AxisSet sharing = 0;              ///< axes whose positions share an access
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
    int table = -1;  ///< index into tables_; -1 = the loop's axis has the short formula
  };
  /// An axis without the short formula.
  struct Table {
    const QuickSums* sums = nullptr;
    std::size_t outer = 0;  ///< of its temporal loops outside the move under consideration
  };

  void read_loops(const PreparedOperand& operand, const QuickBoundary& boundary);
  void read_loops_with_tables(const PreparedOperand& operand, const QuickBoundary& boundary);
  void multiply_spatial(const QuickLoop& loop, const RankRole& role, const QuickBoundary& boundary);
  void multiply_tile(const PreparedOperand& operand);
  void look_up(const PreparedOperand& operand, const QuickBoundary& boundary);
  QuickTraffic buffers();
  void add_move(const Move& move, double states, QuickTraffic& traffic) const;

  std::vector<Move> moves_;
  std::vector<Table> tables_;
  std::vector<std::uint16_t> table_axes_;
  std::vector<std::vector<PackedLoop>> keys_;  ///< by table
  std::vector<int> table_of_;                  ///< by axis
  std::vector<double> tile_;                   ///< by rank: its chunk at the child
  double united_ = 1;  ///< elements of all axes with the short formula, a group's positions united
  double each_ = 1;    ///< the same, every position counted
  double states_ = 1;  ///< of all temporal loops over axes with the short formula
  double whole_states_ = 1;  ///< of those outside and at the innermost one that moves the box
  std::size_t whole_ = 0;    ///< number of moves down to that one
  double tile_elements_ = 1;
};

}  // namespace tileloom::cost
