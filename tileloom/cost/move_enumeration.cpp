#include "tileloom/cost/move_enumeration.hpp"

#include <algorithm>
#include <span>

#include "tileloom/cost/chain.hpp"
#include "tileloom/cost/group_sum.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

/// The chunks of one separate position in one state, one pair per grouped position.
using Row = std::vector<ChunkPair>;

/// Smallest and largest value in the chunks of a row; begin ≥ end if all are absent.
Interval reach(const Row& row) {
  Interval all{INT64_MAX, INT64_MIN};
  for (const ChunkPair& pair : row) {
    for (const Chunk& chunk : {pair.now, pair.before}) {
      if (chunk.length == 0) continue;
      all.begin = std::min(all.begin, chunk.start);
      all.end = std::max(all.end, chunk.start + chunk.length);
    }
  }
  return all;
}

bool equal_but_for(std::int64_t shift, const Chunk& a, const Chunk& b) {
  return a.length == b.length && (a.length == 0 || a.start + shift == b.start);
}

bool equal_but_for(std::int64_t shift, const Row& a, const Row& b) {
  return std::ranges::equal(a, b, [&](const ChunkPair& x, const ChunkPair& y) {
    return equal_but_for(shift, x.now, y.now) && equal_but_for(shift, x.before, y.before);
  });
}

}  // namespace

class MoveEnumeration::Implementation {
 public:
  void begin(const AxisChains& axis) {
    axis_ = &axis;
    cut_ = cut_by_padding(axis);
    known_.resize(axis.chains.size());
    rows_.resize(axis.chains.size());
    for (std::size_t c = 0; c < axis.chains.size(); ++c) {
      const std::size_t moves = 2 * (axis.chains[c].links.size() + 1);
      if (known_[c].size() < moves) known_[c].resize(moves);
      for (Classes& classes : known_[c]) classes.known = false;
    }
    classes_.resize(axis.chains.size());
  }

  MoveSums sums(Keep keep, const std::vector<Move>& moves, std::int64_t& largest) {
    keep_ = keep;
    for (std::size_t c = 0; c < moves.size(); ++c) {
      Classes& classes = known_[c][2 * moves[c].outer + (moves[c].moves ? 1 : 0)];
      if (!classes.known) classify(c, moves[c], classes);
      classes_[c] = &classes;
    }
    sums_ = {};
    largest_ = largest;
    choose(0, 1);
    largest = largest_;
    return sums_;
  }

 private:
  /// States of one chain that contribute the same.
  struct RowClass {
    Row row;           ///< of one of them
    Interval values;   ///< its reach
    bool free = true;  ///< any shift of it is of this class
    std::int64_t count = 0;
  };

  /// The classes of one kind of move; the memory of former ones is used again.
  struct Classes {
    bool known = false;
    std::size_t size = 0;
    std::vector<RowClass> all;
    std::span<const RowClass> list() const { return std::span(all).first(size); }
  };

  void classify(std::size_t chain, const Move& move, Classes& classes) const {
    classes.known = true;
    classes.size = 0;
    const States states = cut_ ? States::all : States::alike_once;
    for_each_move(axis_->chains[chain], move, states,
                  [&](const ChunkTable& table, std::int64_t count) {
                    for (const Row& row : table) add(row, count, chain, classes);
                  });
  }

  void add(const Row& row, std::int64_t count, std::size_t chain, Classes& classes) const {
    const Interval values = reach(row);
    const bool free = !may_be_cut(chain, values);
    for (RowClass& known : std::span(classes.all).first(classes.size)) {
      if (known.free != free) continue;
      const std::int64_t shift = free ? values.begin - known.values.begin : 0;
      if (!equal_but_for(shift, known.row, row)) continue;
      known.count += count;
      return;
    }
    if (classes.size == classes.all.size()) classes.all.emplace_back();
    RowClass& fresh = classes.all[classes.size++];
    fresh.row = row;
    fresh.values = values;
    fresh.free = free;
    fresh.count = count;
  }

  /// True if an index may lie outside the tensor while this chain's values are these.
  bool may_be_cut(std::size_t chain, const Interval& values) const {
    if (!cut_ || values.end <= values.begin) return false;
    std::int64_t last = axis_->offset;
    for (std::size_t c = 0; c < axis_->chains.size(); ++c) {
      const std::int64_t most = c == chain ? values.end - 1 : axis_->chains[c].extent - 1;
      last += axis_->coefficients[c] * most;
    }
    return axis_->offset + axis_->coefficients[chain] * values.begin < 0 || last >= axis_->extent;
  }

  void choose(std::size_t chain, std::int64_t count) {
    if (chain == axis_->chains.size()) {
      group_.begin();
      collect(0, {axis_->offset, axis_->offset + 1}, {axis_->offset, axis_->offset + 1});
      group_.finish(keep_, count, sums_, largest_);
      return;
    }
    for (const RowClass& states : classes_[chain]->list()) {
      rows_[chain] = &states.row;
      choose(chain + 1, checked_mul(count, states.count));
    }
  }

  /// `now`/`before`: hull over the chains so far; an absent chunk makes it empty.
  void collect(std::size_t chain, Interval now, Interval before) {
    if (chain == axis_->chains.size()) {
      group_.add({cut(now), cut(before)});
      return;
    }
    for (const ChunkPair& pair : *rows_[chain]) {
      collect(chain + 1, extend(now, chain, pair.now), extend(before, chain, pair.before));
    }
  }

  Interval extend(const Interval& hull, std::size_t chain, const Chunk& chunk) const {
    if (chunk.length == 0 || hull.length() == 0) return {};
    if (axis_->idle_only) return hull;
    const std::int64_t c = axis_->coefficients[chain];
    return {hull.begin + c * chunk.start, hull.end + c * (chunk.start + chunk.length - 1)};
  }

  Interval cut(const Interval& hull) const {
    const Interval inside{std::max<std::int64_t>(hull.begin, 0), std::min(hull.end, axis_->extent)};
    return inside.length() > 0 ? inside : Interval{};
  }

  const AxisChains* axis_ = nullptr;
  Keep keep_ = Keep::overlap;
  bool cut_ = false;                         ///< somewhere, by the edge of the tensor
  std::vector<std::vector<Classes>> known_;  ///< by chain and move: 2 · outer + whether it moves
  std::vector<const Classes*> classes_;      ///< by chain: of the move looked at
  std::vector<const Row*> rows_;
  GroupSum group_;
  MoveSums sums_;
  std::int64_t largest_ = 0;
};

MoveEnumeration::MoveEnumeration() = default;
MoveEnumeration::~MoveEnumeration() = default;

void MoveEnumeration::begin(const AxisChains& axis) {
  axis_ = &axis;
  begun_ = false;
}

MoveSums MoveEnumeration::sums(Keep keep, const std::vector<Move>& moves, std::int64_t& largest) {
  if (!implementation_) implementation_ = std::make_unique<Implementation>();
  if (!begun_) implementation_->begin(*axis_);
  begun_ = true;
  return implementation_->sums(keep, moves, largest);
}

}  // namespace tileloom::cost
