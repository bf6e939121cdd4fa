#include "tileloom/cost/quick_traffic.hpp"

#include <optional>

namespace tileloom::cost {
namespace {

/// Loops over one axis as AxisMemo knows them.
struct LaneLoops {
  AxisMemo::Node node = AxisMemo::kRoot;
  std::size_t spatial = 0;
  std::uint64_t shared = 0;

  void append(AxisMemo& memo, PackedLoop loop, bool shares) {
    node = memo.below(node, loop);
    if (!is_spatial(loop)) return;
    shared |= static_cast<std::uint64_t>(shares) << spatial;
    ++spatial;
  }
};

/// The loops as the lanes see them, chain by chain: as nothing is kept, neither the order between
/// chains matters nor a temporal loop whose tile that of the next temporal one divides.
LaneLoops lane_loops(AxisMemo& memo, const std::vector<PackedLoop>& loops, std::uint64_t shared) {
  LaneLoops result;
  for (std::size_t chain = 0; chain < memo.axis().chains.size(); ++chain) {
    std::optional<PackedLoop> temporal;  // not yet appended
    std::size_t spatial = 0;
    for (const PackedLoop loop : loops) {
      const bool shares = is_spatial(loop) && ((shared >> spatial++) & 1U) != 0;
      if (chain_of(loop) != chain) continue;
      if (temporal && (is_spatial(loop) || tile_of(*temporal) % tile_of(loop) != 0)) {
        result.append(memo, *temporal, false);
        temporal.reset();
      }
      if (is_spatial(loop)) {
        result.append(memo, loop, shares);
      } else {
        temporal = loop;
      }
    }
    if (temporal) result.append(memo, *temporal, false);
  }
  return result;
}

}  // namespace

OperandWalk::OperandWalk(const PreparedOperand& operand, AxisSet sharing)
    : operand_(operand),
      sharing_(sharing),
      ranks_(operand.ranks),
      lengths_(operand.axes.size(), 1),
      tables_(operand.axes.size()) {}

void OperandWalk::begin(const std::vector<bool>& ragged) {
  states_ = whole_states_ = each_ = shared_ = united_ = 1;
  moves_.clear();
  whole_moves_ = table_count_ = 0;
  for (std::size_t a = 0; a < operand_.own_axes; ++a) lengths_[a] = operand_.axes[a].length;
  for (const std::uint16_t axis : operand_.tables) add_table(axis);
  if (any_ragged_) ranks_ = operand_.ranks;
  any_ragged_ = !ragged.empty();
  for (std::size_t r = 0; r < ragged.size(); ++r) {
    RankRole& role = ranks_[r];
    if (!ragged[r] || role.table >= 0) continue;
    // Other ranks of the axis have one index, so none of their loops has more than one trip.
    role.table = static_cast<std::int16_t>(table_count_);
    lengths_[role.axis] = 1;
    add_table(role.axis);
  }
}

void OperandWalk::add_table(std::size_t axis) {
  Table& table = tables_[table_count_++];
  table.memo = operand_.axes[axis].memo;
  table.memo->forget_if_full();
  table.loops.clear();
  table.node = AxisMemo::kRoot;
  table.walked = table.spatial = table.temporal = table.whole_outer = 0;
  table.shared = table.united = 0;
}

void OperandWalk::take_in_table(const RankRole& role, const QuickLoop& loop) {
  Table& table = tables_[static_cast<std::size_t>(role.table)];
  table.loops.push_back(pack(role.chain, static_cast<std::int64_t>(loop.tile), loop.axis != 0));
  if (loop.axis == 0) {
    moves_.push_back({loop.trips, role.table});
    ++table.temporal;
    return;
  }
  const std::uint64_t bit = std::uint64_t{1} << table.spatial++;
  table.united |= bit;
  if ((loop.axis & sharing_) != 0) table.shared |= bit;
}

/// A temporal loop over an axis without table goes on.
void OperandWalk::move(double trips, bool whole) {
  moves_.push_back({trips, -1});
  if (!whole) return;
  whole_moves_ = moves_.size();
  for (std::size_t t = 0; t < table_count_; ++t) tables_[t].whole_outer = tables_[t].temporal;
}

void OperandWalk::take_spatial(const QuickLoop& loop) {
  const RankRole& role = ranks_[loop.rank];
  if (role.table >= 0) {
    take_in_table(role, loop);
    return;
  }
  lengths_[role.axis] = role.coefficient * (loop.tile - 1) + 1;
  const bool different = role.relevance != 0;
  each_ *= loop.trips;
  if (different || (loop.axis & sharing_) == 0) shared_ *= loop.trips;
  if (different) united_ *= loop.trips;
}

double OperandWalk::short_tile() const {
  double tile = 1;
  for (std::size_t a = 0; a < operand_.own_axes; ++a) tile *= lengths_[a];
  return tile;
}

Crossing OperandWalk::cross(Keep keep) {
  const double tile = short_tile();
  Crossing crossing;
  if (table_count_ == 0) {
    const double entering = whole_states_ * tile;
    crossing = {.entering = entering * shared_,
                .leaving = entering * shared_,
                .united = entering * united_,
                .each = entering * each_,
                .tile = tile};
  } else {
    look_up(keep, false);
    TableTraffic traffic = table_traffic();
    crossing = {.entering = traffic.entering * tile * shared_,
                .leaving = traffic.leaving * tile * shared_,
                .united = traffic.entering * tile * united_,
                .each = traffic.each * tile * each_,
                .tile = tile};
    for (std::size_t t = 0; t < table_count_; ++t) crossing.tile *= tables_[t].sums->largest;
    if (operand_.role == Role::output && groups_differ()) {
      look_up(keep, true);
      crossing.united = table_traffic().entering * tile * united_;
    }
    for (std::size_t t = 0; t < table_count_; ++t) tables_[t].shared = tables_[t].united = 0;
  }
  shared_ = united_ = each_;
  return crossing;
}

Crossing OperandWalk::reach_lanes() {
  const TableTraffic traffic = lane_traffic();
  const double entering = states_ * traffic.entering * shared_;
  return {.entering = entering,
          .leaving = entering,
          .united = 0,
          .each = states_ * traffic.each * each_,
          .tile = 1};
}

/// True if in some table not all positions below the parent share.
bool OperandWalk::groups_differ() const {
  return std::any_of(tables_.begin(), tables_.begin() + static_cast<std::ptrdiff_t>(table_count_),
                     [](const Table& table) { return table.shared != table.united; });
}

/// `united`: as if all positions below the parent shared.
void OperandWalk::look_up(Keep keep, bool united) {
  const SumsFor purpose = keep == Keep::overlap ? SumsFor::overlap : SumsFor::same;
  for (std::size_t t = 0; t < table_count_; ++t) {
    Table& table = tables_[t];
    for (; table.walked < table.loops.size(); ++table.walked) {
      table.node = table.memo->below(table.node, table.loops[table.walked]);
    }
    table.sums = &table.memo->sums(table.node, purpose, united ? table.united : table.shared);
    table.outer = table.whole_outer;
  }
}

/// (C4)
OperandWalk::TableTraffic OperandWalk::lane_traffic() const {
  TableTraffic traffic;
  for (std::size_t t = 0; t < table_count_; ++t) {
    const Table& table = tables_[t];
    if (table.spatial == 0) {
      const double elements = table.memo->lane_elements();
      traffic.entering *= elements;
      traffic.each *= elements;
    } else {
      const LaneLoops loops = lane_loops(*table.memo, table.loops, table.shared);
      const QuickMove& sums = table.memo->sums(loops.node, SumsFor::lanes, loops.shared).still(0);
      traffic.entering *= sums.united_now;
      traffic.each *= sums.each_now;
    }
  }
  return traffic;
}

/// (C3). Wherever an axis without table moves, nothing is kept: from the innermost such loop
/// outwards every state brings in a whole box, and only the moves inside it are told apart.
OperandWalk::TableTraffic OperandWalk::table_traffic() {
  TableTraffic traffic{whole_states_, whole_states_, whole_states_};
  for (std::size_t t = 0; t < table_count_; ++t) {
    const QuickMove& sums = tables_[t].sums->still(tables_[t].outer);
    traffic.entering *= sums.united_now;
    traffic.leaving *= sums.united_before;
    traffic.each *= sums.each_now;
  }
  double states = whole_states_;
  for (std::size_t m = whole_moves_; m < moves_.size(); ++m) {
    const Move& move = moves_[m];
    add_move(move, move.table < 0 ? states * (move.trips - 1) : states, traffic);
    if (move.table < 0) {
      states *= move.trips;
    } else {
      ++tables_[static_cast<std::size_t>(move.table)].outer;
    }
  }
  return traffic;
}

/// (C1), (C2) for the axes with tables; the others stand still and are factors of the caller's.
void OperandWalk::add_move(const Move& move, double states, TableTraffic& traffic) const {
  QuickMove product{1, 1, 1, 1, 1, 1};
  for (std::size_t t = 0; t < table_count_; ++t) {
    const Table& table = tables_[t];
    const bool moves = move.table == static_cast<int>(t);
    const QuickMove& sums = moves ? table.sums->own(table.outer) : table.sums->still(table.outer);
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
