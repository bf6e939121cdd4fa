#include "tileloom/cost/quick_traffic.hpp"

namespace tileloom::cost {

void QuickTrafficer::multiply_spatial(const QuickLoop& loop, const RankRole& role,
                                      const QuickBoundary& boundary) {
  each_ *= loop.trips;
  const bool grouped = (loop.axis & boundary.sharing & ~boundary.parent) != 0;
  if (!grouped || role.relevant) united_ *= loop.trips;
}

/// Every axis has the short formula: loops are factors.
void QuickTrafficer::read_loops(const PreparedOperand& operand, const QuickBoundary& boundary) {
  for (const QuickLoop& loop : boundary.loops) {
    const RankRole& role = operand.ranks[loop.rank];
    if (loop.axis == 0) {
      tile_[loop.rank] = loop.tile;
      states_ *= loop.trips;
      if (role.relevant) whole_states_ = states_;
    } else if ((loop.axis & boundary.child) != 0) {
      tile_[loop.rank] = loop.tile;
      multiply_spatial(loop, role, boundary);
    }
  }
  multiply_tile(operand);
}

/// Loops over axes without the short formula become keys into the memo, and moves are remembered.
void QuickTrafficer::read_loops_with_tables(const PreparedOperand& operand,
                                            const QuickBoundary& boundary) {
  table_of_.assign(operand.axes.size(), -1);
  if (keys_.size() < table_axes_.size()) keys_.resize(table_axes_.size());
  for (std::size_t t = 0; t < table_axes_.size(); ++t) {
    table_of_[table_axes_[t]] = static_cast<int>(t);
    keys_[t].clear();
  }
  for (const QuickLoop& loop : boundary.loops) {
    const RankRole& role = operand.ranks[loop.rank];
    const int table = table_of_[role.axis];
    const bool temporal = loop.axis == 0;
    if (!temporal && (loop.axis & boundary.child) == 0) continue;
    if (temporal) moves_.push_back({loop.trips, table});
    if (table >= 0) {
      const bool grouped = (loop.axis & boundary.sharing & ~boundary.parent) != 0;
      const LinkKind kind = temporal  ? LinkKind::temporal
                            : grouped ? LinkKind::grouped
                                      : LinkKind::separate;
      keys_[static_cast<std::size_t>(table)].push_back(
          pack(role.chain, static_cast<std::int64_t>(loop.tile), kind));
      continue;
    }
    tile_[loop.rank] = loop.tile;
    if (!temporal) {
      multiply_spatial(loop, role, boundary);
      continue;
    }
    states_ *= loop.trips;
    if (role.relevant) {
      whole_states_ = states_;
      whole_ = moves_.size();
    }
  }
  multiply_tile(operand);
  look_up(operand, boundary);
}

void QuickTrafficer::multiply_tile(const PreparedOperand& operand) {
  for (std::size_t a = 0; a < operand.own_axes; ++a) {
    const PreparedAxis& axis = operand.axes[a];
    if (!axis.short_formula || (!table_axes_.empty() && table_of_[a] >= 0)) continue;
    tile_elements_ *= axis.coefficient * (tile_[index(axis.rank)] - 1) + 1;
  }
  united_ *= tile_elements_;
  each_ *= tile_elements_;
}

void QuickTrafficer::look_up(const PreparedOperand& operand, const QuickBoundary& boundary) {
  const Keep keep = boundary.lanes ? Keep::overlap : boundary.keep;
  tables_.clear();
  for (std::size_t t = 0; t < table_axes_.size(); ++t) {
    AxisMemo& memo = *operand.axes[table_axes_[t]].memo[static_cast<std::size_t>(keep)];
    tables_.push_back({&memo(keys_[t]), 0});
    tile_elements_ *= tables_.back().sums->largest;
  }
}

QuickTraffic QuickTrafficer::operator()(const PreparedOperand& operand,
                                        const QuickBoundary& boundary) {
  united_ = each_ = states_ = whole_states_ = tile_elements_ = 1;
  whole_ = 0;
  moves_.clear();
  tables_.clear();
  tile_ = operand.extents;
  table_axes_ = operand.tables;
  if (boundary.any_ragged) {
    for (std::size_t a = 0; a < operand.axes.size(); ++a) {
      const PreparedAxis& axis = operand.axes[a];
      if (axis.short_formula && boundary.ragged[index(axis.rank)]) {
        table_axes_.push_back(static_cast<std::uint16_t>(a));
      }
    }
  }
  if (table_axes_.empty()) {
    read_loops(operand, boundary);
  } else {
    read_loops_with_tables(operand, boundary);
  }
  if (!boundary.lanes) return buffers();

  // (C4)
  QuickTraffic traffic{united_ * states_, each_ * states_, 0, 1};
  for (const Table& table : tables_) {
    traffic.entering *= table.sums->still.back().united_now;
    traffic.each *= table.sums->still.back().each_now;
  }
  traffic.leaving = traffic.entering;
  return traffic;
}

/// (C3). Wherever an axis with the short formula moves, nothing is kept: from the innermost such
/// loop outwards every state brings in a whole box, and only the moves inside it are told apart.
QuickTraffic QuickTrafficer::buffers() {
  QuickTraffic traffic{whole_states_, whole_states_, whole_states_, tile_elements_};
  if (!tables_.empty()) {
    for (std::size_t m = 0; m < whole_; ++m) {
      if (moves_[m].table >= 0) ++tables_[static_cast<std::size_t>(moves_[m].table)].outer;
    }
    for (const Table& table : tables_) {
      const QuickMove& sums = table.sums->still[table.outer];
      traffic.entering *= sums.united_now;
      traffic.leaving *= sums.united_before;
      traffic.each *= sums.each_now;
    }
    double states = whole_states_;
    for (std::size_t m = whole_; m < moves_.size(); ++m) {
      const Move& move = moves_[m];
      add_move(move, move.table < 0 ? states * (move.trips - 1) : states, traffic);
      if (move.table < 0) {
        states *= move.trips;
      } else {
        ++tables_[static_cast<std::size_t>(move.table)].outer;
      }
    }
  }
  traffic.entering *= united_;
  traffic.leaving *= united_;
  traffic.each *= each_;
  return traffic;
}

/// (C1), (C2) for the axes with tables; the others stand still and are factors of the caller's.
void QuickTrafficer::add_move(const Move& move, double states, QuickTraffic& traffic) const {
  QuickMove product{1, 1, 1, 1, 1, 1};
  for (std::size_t t = 0; t < tables_.size(); ++t) {
    const Table& table = tables_[t];
    const bool moves = move.table == static_cast<int>(t);
    const QuickMove& sums = moves ? table.sums->own[table.outer] : table.sums->still[table.outer];
    product.united_now *= sums.united_now;
    product.united_now_kept *= sums.united_now_kept;
    product.united_before *= sums.united_before;
    product.united_before_kept *= sums.united_before_kept;
    product.each_now *= sums.each_now;
    product.each_kept *= sums.each_kept;
  }
  traffic.entering += states * (product.united_now - product.united_now_kept);
  traffic.leaving += states * (product.united_before - product.united_before_kept);
  traffic.each += states * (product.each_now - product.each_kept);
}

}  // namespace tileloom::cost
