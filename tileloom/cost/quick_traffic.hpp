#pragma once
// cost/traffic another way: what crosses the boundaries of one operand, in one walk down the path,
// in doubles.

#include <algorithm>
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

/// Elements that cross from a Store of an operand to what is inside it, the next Store or the
/// lanes, summed over all steps.
struct Crossing {
  double entering = 0;  ///< distinct per group of positions
  double leaving = 0;   ///< distinct per group of positions
  double united = 0;    ///< entering, distinct among all positions of the parent
  double each = 0;      ///< entering, every position counted
  double tile = 0;      ///< elements of the largest box of one child
};

/// One operand on the way down a path.
class OperandWalk {
 public:
  /// `sharing`: axes whose positions share an access.
  OperandWalk(const PreparedOperand& operand, AxisSet sharing);

  /// Back to the top. `ragged`: by rank, whether some tile does not divide the enclosing one; empty
  /// if all do.
  void begin(const std::vector<bool>& ragged);

  /// One more temporal loop above whatever comes next.
  void take(const QuickLoop& loop) {
    const RankRole& role = ranks_[loop.rank];
    if (role.table >= 0) {
      take_in_table(role, loop);
      return;
    }
    lengths_[role.axis] = role.coefficient * (loop.tile - 1) + 1;
    states_ *= loop.trips;
    whole_states_ = std::max(whole_states_, states_ * role.relevance);
    if (table_count_ > 0) move(loop.trips, role.relevance != 0);
  }
  /// One more spatial loop that multiplies whatever comes next.
  void take_spatial(const QuickLoop& loop);

  /// Crosses into the next Store.
  Crossing cross(Keep keep);
  /// Crosses from the innermost Store into the lanes.
  Crossing reach_lanes();

 private:
  /// A temporal loop, outermost first.
  struct Move {
    double trips = 1;
    int table = -1;  ///< index into tables_; -1 = the loop's axis has none
  };
  /// An axis that has no short formula.
  struct Table {
    AxisMemo* memo = nullptr;
    std::vector<PackedLoop> loops;  ///< so far
    std::size_t walked = 0;         ///< of them, those above `node`
    AxisMemo::Node node{};
    std::size_t spatial = 0;      ///< number of spatial loops among them
    std::uint64_t shared = 0;     ///< which of them stand below the parent and share (bits)
    std::uint64_t united = 0;     ///< which of them stand below the parent
    std::size_t temporal = 0;     ///< number of temporal loops
    std::size_t whole_outer = 0;  ///< of them, those above the innermost move of whole boxes
    std::size_t outer = 0;        ///< of them, those outside the move under consideration
    const QuickSums* sums = nullptr;
  };
  /// Products of sums over the axes with tables, and states.
  struct TableTraffic {
    double entering = 1, leaving = 1, each = 1;
  };

  void add_table(std::size_t axis);
  void take_in_table(const RankRole& role, const QuickLoop& loop);
  void move(double trips, bool whole);
  double short_tile() const;
  bool groups_differ() const;
  void look_up(Keep keep, bool united);
  TableTraffic table_traffic();
  TableTraffic lane_traffic() const;
  void add_move(const Move& move, double states, TableTraffic& traffic) const;

  const PreparedOperand& operand_;
  AxisSet sharing_;
  std::vector<RankRole> ranks_;  ///< of the operand, with tables for ragged ones
  bool any_ragged_ = false;
  std::vector<double> lengths_;  ///< by axis; 1 if it has a table
  double states_ = 1;            ///< of the temporal loops over axes without tables
  /// Of those outside and at the innermost one that moves the box, to a disjoint one.
  double whole_states_ = 1;
  double each_ = 1;    ///< trips of the spatial loops over axes without tables
  double shared_ = 1;  ///< those of them whose positions see different boxes or do not share
  double united_ = 1;  ///< those of them above the parent or whose positions see different boxes
  std::vector<Move> moves_;      ///< if there are tables
  std::size_t whole_moves_ = 0;  ///< number of moves down to the innermost one of whole boxes
  std::vector<Table> tables_;    ///< the first table_count_ are in use
  std::size_t table_count_ = 0;
};

}  // namespace tileloom::cost
