#include "tileloom/cost/quick_traffic.hpp"

namespace tileloom::cost {

/// Sorts the loops above the child: spatial ones become factors, temporal ones moves, and those over
/// axes without the short formula become keys into the memo.
void QuickTrafficer::read_loops(const PreparedOperand& operand, const QuickBoundary& boundary) {
  const std::size_t axes = operand.axes.size();
  if (keys_.size() < axes) keys_.resize(axes);
  table_of_.assign(axes, -1);
  tile_.assign(axes, -1.0);
  moves_.clear();
  tables_.clear();
  for (std::size_t a = 0; a < axes; ++a) {
    const PreparedAxis& axis = operand.axes[a];
    if (axis.short_formula && !boundary.ragged[index(axis.rank)]) continue;
    table_of_[a] = static_cast<int>(tables_.size());
    tables_.push_back({nullptr, 0, a});
    keys_[a].clear();
  }

  united_ = each_ = 1;
  for (const QuickLoop& loop : boundary.loops) {
    const RankRole& role = operand.ranks[loop.rank];
    const int table = table_of_[role.axis];
    const bool temporal = loop.axis < 0;
    const auto axis = static_cast<std::size_t>(temporal ? 0 : loop.axis);
    if (!temporal && !boundary.child[axis]) continue;
    const bool grouped = !temporal && !boundary.parent[axis] && boundary.sharing[axis];
    if (temporal) moves_.push_back({loop.trips, table, role.relevant});
    if (table >= 0) {
      const LinkKind kind = temporal  ? LinkKind::temporal
                            : grouped ? LinkKind::grouped
                                      : LinkKind::separate;
      keys_[role.axis].push_back(pack(role.chain, loop.tile, kind));
      continue;
    }
    tile_[role.axis] = static_cast<double>(loop.tile);
    if (temporal) continue;
    each_ *= loop.trips;
    if (!grouped || role.relevant) united_ *= loop.trips;
  }

  tile_elements_ = 1;
  for (std::size_t a = 0; a < axes; ++a) {
    const PreparedAxis& axis = operand.axes[a];
    if (table_of_[a] >= 0) continue;
    const double chunk = tile_[a] > 0 ? tile_[a] : axis.extent;
    tile_elements_ *= axis.coefficient * (chunk - 1) + 1;
  }
  united_ *= tile_elements_;
  each_ *= tile_elements_;
  for (Table& table : tables_) {
    const Keep keep = boundary.lanes ? Keep::overlap : boundary.keep;
    AxisMemo& memo = *operand.axes[table.axis].memo[static_cast<std::size_t>(keep)];
    table.sums = &memo(keys_[table.axis]);
    tile_elements_ *= table.sums->largest;
  }
}

QuickTraffic QuickTrafficer::operator()(const PreparedOperand& operand,
                                        const QuickBoundary& boundary) {
  read_loops(operand, boundary);
  return boundary.lanes ? lanes() : buffers();
}

/// (C4)
QuickTraffic QuickTrafficer::lanes() const {
  QuickTraffic traffic{united_, each_, 0, 1};
  for (const Move& move : moves_) {
    if (move.table >= 0) continue;
    traffic.entering *= move.trips;
    traffic.each *= move.trips;
  }
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
  std::size_t whole = 0;
  for (std::size_t m = 0; m < moves_.size(); ++m) {
    if (moves_[m].table < 0 && moves_[m].relevant) whole = m + 1;
  }
  double states = 1;
  for (std::size_t m = 0; m < whole; ++m) {
    if (moves_[m].table < 0) {
      states *= moves_[m].trips;
    } else {
      ++tables_[static_cast<std::size_t>(moves_[m].table)].outer;
    }
  }
  QuickTraffic traffic{states, states, states, tile_elements_};
  for (const Table& table : tables_) {
    const QuickMove& sums = table.sums->still[table.outer];
    traffic.entering *= sums.united_now;
    traffic.leaving *= sums.united_before;
    traffic.each *= sums.each_now;
  }
  if (!tables_.empty()) {
    for (std::size_t m = whole; m < moves_.size(); ++m) {
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
