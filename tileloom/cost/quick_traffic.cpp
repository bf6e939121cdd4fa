#include "tileloom/cost/quick_traffic.hpp"

namespace tileloom::cost {

std::span<const QuickTraffic> QuickTrafficer::operator()(
    const PreparedOperand& operand, const QuickPath& path,
    std::span<const QuickBoundary> boundaries) {
  results_.clear();
  // An axis along which some child is shared stands above that child without multiplying it; then
  // each boundary gets a walk of its own in which such loops do not exist.
  bool shared = false;
  for (const QuickBoundary& boundary : boundaries) {
    shared = shared || (boundary.axes_above & ~boundary.child) != 0;
  }
  if (!shared) {
    walk(operand, path, boundaries, 0);
  } else {
    for (std::size_t b = 0; b < boundaries.size(); ++b) {
      walk(operand, path, boundaries.subspan(b, 1), ~boundaries[b].child);
    }
  }
  return results_;
}

void QuickTrafficer::begin(const PreparedOperand& operand, const QuickPath& path) {
  states_ = whole_states_ = 1;
  whole_ = 0;
  moves_.clear();
  table_count_ = 0;
  if (tile_.size() < operand.axes.size()) {
    tile_.resize(operand.axes.size());
    tables_.resize(operand.axes.size());
  }
  for (std::size_t a = 0; a < operand.own_axes; ++a) tile_[a] = operand.axes[a].extent;
  table_of_ = operand.table_of;
  for (const std::uint16_t axis : operand.tables) add_table(axis);
  if (!path.any_ragged) return;
  ragged_table_of_.assign(operand.table_of.begin(), operand.table_of.end());
  for (std::size_t a = 0; a < operand.axes.size(); ++a) {
    const PreparedAxis& axis = operand.axes[a];
    if (!axis.short_formula || !path.ragged[index(axis.rank)]) continue;
    ragged_table_of_[a] = static_cast<int>(table_count_);
    add_table(a);
  }
  table_of_ = ragged_table_of_;
}

void QuickTrafficer::add_table(std::size_t axis) {
  Table& table = tables_[table_count_++];
  table.axis = axis;
  table.key.clear();
  table.spatial.clear();
}

void QuickTrafficer::walk(const PreparedOperand& operand, const QuickPath& path,
                          std::span<const QuickBoundary> boundaries, AxisSet ignored) {
  begin(operand, path);
  std::size_t next = 0;
  for (const QuickBoundary& boundary : boundaries) {
    for (; next < boundary.loops_above; ++next) {
      if ((path.loops[next].axis & ignored) == 0) take(operand, path.loops[next]);
    }
    results_.push_back(cross(operand, path, boundary));
  }
}

/// One more loop above whatever comes next.
void QuickTrafficer::take(const PreparedOperand& operand, const QuickLoop& loop) {
  const RankRole role = operand.ranks[loop.rank];
  const int table = table_of_[role.axis];
  if (table < 0) {
    tile_[role.axis] = loop.tile;
    if (loop.axis != 0) return;
    states_ *= loop.trips;
    if (table_count_ > 0) moves_.push_back({loop.trips, -1});
    if (role.relevant) {
      whole_states_ = states_;
      whole_ = moves_.size();
    }
    return;
  }
  Table& sums = tables_[static_cast<std::size_t>(table)];
  sums.key.push_back(pack(role.chain, static_cast<std::int64_t>(loop.tile), loop.axis != 0));
  if (loop.axis == 0) {
    moves_.push_back({loop.trips, table});
  } else {
    sums.spatial.push_back(loop.axis);
  }
}

QuickTraffic QuickTrafficer::cross(const PreparedOperand& operand, const QuickPath& path,
                                   const QuickBoundary& boundary) {
  double tile = 1;
  for (std::size_t a = 0; a < operand.own_axes; ++a) {
    if (table_of_[a] < 0) tile *= operand.axes[a].coefficient * (tile_[a] - 1) + 1;
  }
  double united = tile;
  double each = tile;
  if (boundary.axes_above != 0) {
    for (const QuickLoop& loop : path.spatial) {
      if ((loop.axis & boundary.axes_above & boundary.child) == 0) continue;
      const RankRole& role = operand.ranks[loop.rank];
      if (table_of_[role.axis] >= 0) continue;
      each *= loop.trips;
      const bool grouped = (loop.axis & boundary.sharing & ~boundary.parent) != 0;
      if (!grouped || role.relevant) united *= loop.trips;
    }
  }
  const double states = boundary.lanes ? states_ : whole_states_;
  QuickTraffic traffic{states, states, states, tile};
  if (table_count_ > 0) {
    look_up(operand, boundary);
    for (std::size_t t = 0; t < table_count_; ++t) traffic.tile *= tables_[t].sums->largest;
    boundary.lanes ? cross_lanes(traffic) : cross_tables(traffic);
  }
  traffic.entering *= united;
  traffic.leaving *= united;
  traffic.each *= each;
  return traffic;
}

void QuickTrafficer::look_up(const PreparedOperand& operand, const QuickBoundary& boundary) {
  const Keep keep = boundary.lanes ? Keep::overlap : boundary.keep;
  const AxisSet shared = boundary.sharing & ~boundary.parent;
  for (std::size_t t = 0; t < table_count_; ++t) {
    Table& table = tables_[t];
    table.key.shared = 0;
    for (std::size_t i = 0; i < table.spatial.size(); ++i) {
      if ((table.spatial[i] & shared) != 0) table.key.shared |= std::uint64_t{1} << i;
    }
    AxisMemo& memo = *operand.axes[table.axis].memo[static_cast<std::size_t>(keep)];
    table.sums = &memo(table.key);
    table.outer = 0;
  }
}

/// (C4)
void QuickTrafficer::cross_lanes(QuickTraffic& traffic) const {
  for (std::size_t t = 0; t < table_count_; ++t) {
    const QuickMove& sums = tables_[t].sums->still.back();
    traffic.entering *= sums.united_now;
    traffic.leaving *= sums.united_now;
    traffic.each *= sums.each_now;
  }
}

/// (C3). Wherever an axis with the short formula moves, nothing is kept: from the innermost such
/// loop outwards every state brings in a whole box, and only the moves inside it are told apart.
void QuickTrafficer::cross_tables(QuickTraffic& traffic) {
  for (std::size_t m = 0; m < whole_; ++m) {
    if (moves_[m].table >= 0) ++tables_[static_cast<std::size_t>(moves_[m].table)].outer;
  }
  for (std::size_t t = 0; t < table_count_; ++t) {
    const QuickMove& sums = tables_[t].sums->still[tables_[t].outer];
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

/// (C1), (C2) for the axes with tables; the others stand still and are factors of the caller's.
void QuickTrafficer::add_move(const Move& move, double states, QuickTraffic& traffic) const {
  QuickMove product{1, 1, 1, 1, 1, 1};
  for (std::size_t t = 0; t < table_count_; ++t) {
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
