#include "tileloom/cost/axis_sums.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "tileloom/cost/partition_sums.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/workload/interval.hpp"

namespace tileloom::cost {
namespace {

Interval kept_part(const Interval& now, const Interval& before, Keep keep) {
  if (keep == Keep::same) return now == before ? now : Interval{};
  const Interval common{std::max(now.begin, before.begin), std::min(now.end, before.end)};
  return common.length() > 0 ? common : Interval{};
}

/// Number of distinct indices in a list of intervals (which it sorts).
std::int64_t union_length(std::vector<Interval>& intervals) {
  std::ranges::sort(intervals, {}, &Interval::begin);
  std::int64_t total = 0;
  std::int64_t covered_to = INT64_MIN;
  for (const Interval& interval : intervals) {
    const std::int64_t from = std::max(interval.begin, covered_to);
    if (interval.end > from) {
      total += interval.end - from;
      covered_to = interval.end;
    }
  }
  return total;
}

/// The pieces of `whole` outside `hole` (at most two).
void subtract(const Interval& whole, const Interval& hole, std::vector<Interval>& pieces) {
  if (hole.length() == 0) {
    pieces.push_back(whole);
    return;
  }
  if (whole.begin < hole.begin) pieces.push_back({whole.begin, hole.begin});
  if (hole.end < whole.end) pieces.push_back({hole.end, whole.end});
}

/// One position of the axis during one move.
struct Position {
  Interval now;
  Interval before;
};

/// Adds up what one group of positions contributes to one move. (C1), (C2)
class GroupSum {
 public:
  void begin() { positions_.clear(); }
  void add(const Position& position) { positions_.push_back(position); }

  void finish(Keep keep, MoveSums& sums, std::int64_t& largest) {
    now_.clear();
    before_.clear();
    entering_.clear();
    leaving_.clear();
    for (const Position& position : positions_) {
      const Interval kept = kept_part(position.now, position.before, keep);
      sums.each_now = checked_add(sums.each_now, position.now.length());
      sums.each_kept = checked_add(sums.each_kept, kept.length());
      largest = std::max(largest, position.now.length());
      if (position.now.length() > 0) {
        now_.push_back(position.now);
        subtract(position.now, kept, entering_);
      }
      if (position.before.length() > 0) {
        before_.push_back(position.before);
        subtract(position.before, kept, leaving_);
      }
    }
    const std::int64_t now = union_length(now_);
    const std::int64_t before = union_length(before_);
    sums.united_now = checked_add(sums.united_now, now);
    sums.united_now_kept = checked_add(sums.united_now_kept, now - union_length(entering_));
    sums.united_before = checked_add(sums.united_before, before);
    sums.united_before_kept = checked_add(sums.united_before_kept, before - union_length(leaving_));
  }

 private:
  std::vector<Position> positions_;
  std::vector<Interval> now_, before_, entering_, leaving_;
};

/// Adds up one kind of move by visiting every state: exact for partial tiles and padding.
class MoveEnumeration {
 public:
  MoveEnumeration(const AxisChains& axis, Keep keep, const std::vector<Move>& moves)
      : axis_(axis), keep_(keep), moves_(moves), tables_(axis.chains.size()) {}

  void run(MoveSums& sums, std::int64_t& largest) {
    sums_ = &sums;
    largest_ = &largest;
    choose_state(0);
  }

 private:
  void choose_state(std::size_t chain) {
    if (chain == axis_.chains.size()) {
      choose_separate(0);
      return;
    }
    for_each_move(axis_.chains[chain], moves_[chain], [&](const ChunkTable& table) {
      tables_[chain] = &table;
      choose_state(chain + 1);
    });
  }

  void choose_separate(std::size_t chain) {
    if (chain == axis_.chains.size()) {
      group_.begin();
      collect(0, {axis_.offset, axis_.offset + 1}, {axis_.offset, axis_.offset + 1});
      group_.finish(keep_, *sums_, *largest_);
      return;
    }
    for (const std::vector<ChunkPair>& row : *tables_[chain]) {
      rows_[chain] = &row;
      choose_separate(chain + 1);
    }
  }

  /// `now`/`before`: hull over the chains so far; an absent chunk makes it empty.
  void collect(std::size_t chain, Interval now, Interval before) {
    if (chain == axis_.chains.size()) {
      group_.add({cut(now), cut(before)});
      return;
    }
    for (const ChunkPair& pair : *rows_[chain]) {
      collect(chain + 1, extend(now, chain, pair.now), extend(before, chain, pair.before));
    }
  }

  Interval extend(const Interval& hull, std::size_t chain, const Chunk& chunk) const {
    if (chunk.length == 0 || hull.length() == 0) return {};
    if (axis_.idle_only) return hull;
    const std::int64_t c = axis_.coefficients[chain];
    return {hull.begin + c * chunk.start, hull.end + c * (chunk.start + chunk.length - 1)};
  }

  Interval cut(const Interval& hull) const {
    const Interval inside{std::max<std::int64_t>(hull.begin, 0), std::min(hull.end, axis_.extent)};
    return inside.length() > 0 ? inside : Interval{};
  }

  const AxisChains& axis_;
  Keep keep_;
  const std::vector<Move>& moves_;
  std::vector<const ChunkTable*> tables_;
  std::vector<const std::vector<ChunkPair>*> rows_ = decltype(rows_)(axis_.chains.size());
  GroupSum group_;
  MoveSums* sums_ = nullptr;
  std::int64_t* largest_ = nullptr;
};

/// Copies of an interval at the positions of one link: `trips` of them, `stride` apart.
struct Copies {
  std::int64_t stride = 0;
  std::int64_t trips = 1;
};

/// Distinct indices under copies of [0, length); copies sorted by stride. Absent if copies
/// interleave in a way that has no short formula.
std::optional<std::int64_t> copies_length(std::span<const Copies> copies, std::int64_t length) {
  if (length == 0) return 0;
  std::int64_t measure = length;
  std::int64_t span = length;
  for (const Copies& copy : copies) {
    const bool disjoint = copy.stride >= span;
    if (!disjoint && measure != span) return std::nullopt;
    measure = disjoint ? checked_mul(measure, copy.trips) : span + (copy.trips - 1) * copy.stride;
    span += (copy.trips - 1) * copy.stride;
  }
  return measure;
}

/// A uniform axis that padding does not cut: every state of a move looks the same.
class UniformAxis {
 public:
  static constexpr std::size_t kMaxCopies = 16;

  explicit UniformAxis(const AxisChains& axis) : axis_(axis) {
    for (std::size_t c = 0; c < axis.chains.size(); ++c) {
      const Chain& chain = axis.chains[c];
      const std::int64_t coefficient = axis.idle_only ? 0 : axis.coefficients[c];
      length_ += coefficient * (chain.innermost_tile() - 1);
      for (const Link& link : chain.links) {
        if (link.kind == LinkKind::separate) separate_ = checked_mul(separate_, link.trips);
        if (link.kind != LinkKind::grouped) continue;
        grouped_ = checked_mul(grouped_, link.trips);
        if (count_ < kMaxCopies && coefficient > 0 && link.trips > 1) {
          copies_[count_++] = {coefficient * link.tile, link.trips};
        }
      }
    }
    std::sort(copies_.begin(), copies_.begin() + static_cast<std::ptrdiff_t>(count_),
              [](const Copies& a, const Copies& b) { return a.stride < b.stride; });
  }

  std::int64_t length() const { return length_; }

  /// Sums of one kind of move, or nothing if there is no short formula.
  std::optional<MoveSums> sums(const std::vector<Move>& moves, Keep keep) const {
    std::int64_t states = separate_;
    std::int64_t shift = 0;
    for (std::size_t c = 0; c < axis_.chains.size(); ++c) {
      const std::int64_t coefficient = axis_.idle_only ? 0 : axis_.coefficients[c];
      std::size_t temporal = 0;
      for (const Link& link : axis_.chains[c].links) {
        if (link.kind != LinkKind::temporal) continue;
        const bool moving = moves[c].moves && temporal == moves[c].outer;
        if (temporal < moves[c].outer) {
          states = checked_mul(states, link.trips);
        } else if (moving) {
          states = checked_mul(states, link.trips - 1);
          shift += coefficient * link.tile;
        } else {
          shift -= coefficient * (link.trips - 1) * link.tile;
        }
        ++temporal;
      }
    }
    const std::int64_t fresh = shift == 0           ? 0
                               : keep == Keep::same ? length_
                                                    : std::min(length_, std::abs(shift));
    const std::span<const Copies> copies(copies_.data(), count_);
    const std::optional<std::int64_t> united = copies_length(copies, length_);
    const std::optional<std::int64_t> united_fresh = copies_length(copies, fresh);
    if (!united || !united_fresh) return std::nullopt;
    MoveSums sums;
    sums.united_now = sums.united_before = checked_mul(states, *united);
    sums.united_now_kept = sums.united_before_kept = checked_mul(states, *united - *united_fresh);
    sums.each_now = checked_mul(checked_mul(states, grouped_), length_);
    sums.each_kept = checked_mul(checked_mul(states, grouped_), length_ - fresh);
    return sums;
  }

 private:
  const AxisChains& axis_;
  std::int64_t length_ = 1;
  std::int64_t separate_ = 1;
  std::int64_t grouped_ = 1;
  std::array<Copies, kMaxCopies> copies_{};
  std::size_t count_ = 0;
};

/// Evaluates single kinds of move, by formula where there is one.
class Sums {
 public:
  Sums(const AxisChains& axis, Keep keep) : axis_(axis), keep_(keep) {
    const bool cut = cut_by_padding(axis);
    const bool uniform = std::ranges::all_of(axis.chains, &Chain::uniform);
    if (uniform && !cut) uniform_.emplace(axis);
    partition_ = axis.chains.size() == 1 && !cut;
  }

  MoveSums operator()(const std::vector<Move>& moves, std::int64_t& largest) const {
    if (uniform_) {
      if (const std::optional<MoveSums> sums = uniform_->sums(moves, keep_)) {
        largest = std::max(largest, uniform_->length());
        return *sums;
      }
    }
    if (partition_) {
      if (const std::optional<MoveSums> sums = partition_sums(axis_, moves[0], largest)) {
        return *sums;
      }
    }
    MoveSums sums;
    MoveEnumeration(axis_, keep_, moves).run(sums, largest);
    return sums;
  }

 private:
  const AxisChains& axis_;
  Keep keep_;
  bool partition_ = false;  ///< one rank, not cut by padding
  std::optional<UniformAxis> uniform_;
};

}  // namespace

bool cut_by_padding(const AxisChains& axis) {
  if (axis.idle_only) return false;
  std::int64_t last = axis.offset;
  for (std::size_t c = 0; c < axis.chains.size(); ++c) {
    last = checked_add(last, checked_mul(axis.coefficients[c], axis.chains[c].extent - 1));
  }
  return axis.offset < 0 || last >= axis.extent;
}

AxisSums axis_sums(const AxisChains& axis, Keep keep) {
  const Sums sums(axis, keep);
  AxisSums result;
  std::vector<Move> moves(axis.chains.size());
  for (const std::size_t chain : axis.loops) {
    result.still.push_back(sums(moves, result.largest));
    moves[chain].moves = true;
    result.own.push_back(sums(moves, result.largest));
    moves[chain] = {moves[chain].outer + 1, false};
  }
  result.still.push_back(sums(moves, result.largest));
  return result;
}

MoveSums all_states(const AxisChains& axis) {
  std::vector<Move> moves(axis.chains.size());
  for (const std::size_t chain : axis.loops) ++moves[chain].outer;
  std::int64_t largest = 0;
  return Sums(axis, Keep::overlap)(moves, largest);
}

MoveSums innermost_moves(const AxisChains& axis, Keep keep) {
  if (axis.loops.empty()) return {};
  std::vector<Move> moves(axis.chains.size());
  for (const std::size_t chain : axis.loops) ++moves[chain].outer;
  --moves[axis.loops.back()].outer;
  moves[axis.loops.back()].moves = true;
  std::int64_t largest = 0;
  return Sums(axis, keep)(moves, largest);
}

}  // namespace tileloom::cost
