#include "tileloom/cost/profiles/timeloop/walk.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

/// What a step needs to know about the past: the last move that was reused along, and the last
/// delta.
struct State {
  bool started = false;
  std::optional<Vector> last_move;
  Delta delta;
  auto operator<=>(const State&) const = default;
};

struct Visit {
  StepCounts counts;
  State after;
};

void add_scaled(StepCounts& sum, const StepCounts& part, std::int64_t times) {
  for (const auto& [step, count] : part) {
    std::int64_t& total = sum[step];
    total = checked_add(total, checked_mul(count, times));
  }
}

class Walker {
 public:
  Walker(const std::vector<TileLoop>& loops, const Vector& lengths, const WalkRules& rules)
      : loops_(loops), lengths_(lengths), rules_(rules), memo_(loops.size()) {
    span_.assign(loops.size() + 1, Vector(lengths.size(), 0));
    for (std::size_t d = loops.size(); d-- > 0;)
      for (std::size_t r = 0; r < lengths.size(); ++r) {
        const std::int64_t last =
            rules.extrapolate ? std::min<std::int64_t>(loops[d].count, 2) - 1 : loops[d].count - 1;
        span_[d][r] = checked_add(span_[d + 1][r], checked_mul(last, loops[d].move[r]));
      }
  }

  /// Runs loops d and inwards, entered by moving the tile by `move` in state `before`. What happens
  /// depends on nothing else, so every distinct entry is worked out once.
  const Visit& visit(std::size_t d, const Vector& move, const State& before) {
    if (d == loops_.size()) return leaf(move, before);
    const auto found = memo_[d].find({move, before});
    if (found != memo_[d].end()) return found->second;
    Visit result = rules_.extrapolate ? first_and_second(d, move, before) : all(d, move, before);
    return memo_[d].emplace(std::pair{move, before}, std::move(result)).first->second;
  }

 private:
  using Entry = std::pair<Vector, State>;

  /// From the last tile of one iteration of loop d to the first tile of the next.
  Vector carry(std::size_t d) const {
    Vector move = loops_[d].move;
    for (std::size_t r = 0; r < move.size(); ++r) move[r] -= span_[d + 1][r];
    return move;
  }

  Visit first_and_second(std::size_t d, const Vector& move, const State& before) {
    Visit result = visit(d + 1, move, before);
    if (loops_[d].count == 1) return result;
    const Visit& second = visit(d + 1, carry(d), result.after);
    add_scaled(result.counts, second.counts, loops_[d].count - 1);
    result.after = second.after;
    return result;
  }

  /// Iterations 1 … n−1 are all entered by the same move, so their states soon repeat: from the
  /// first repetition on whole periods are counted at once.
  Visit all(std::size_t d, const Vector& move, const State& before) {
    Visit result = visit(d + 1, move, before);
    const Vector step = carry(d);
    std::vector<const Visit*> trail;
    std::vector<State> entered;
    State state = result.after;
    std::int64_t left = loops_[d].count - 1;
    for (; left > 0; --left) {
      const auto seen = std::find(entered.begin(), entered.end(), state);
      if (seen != entered.end()) {
        const auto start = static_cast<std::size_t>(seen - entered.begin());
        const std::size_t period = trail.size() - start;
        const std::int64_t rounds = left / static_cast<std::int64_t>(period);
        const auto rest = static_cast<std::size_t>(left % static_cast<std::int64_t>(period));
        for (std::size_t i = 0; i < period; ++i)
          add_scaled(result.counts, trail[start + i]->counts, rounds + (i < rest ? 1 : 0));
        if (rest > 0) state = trail[start + rest - 1]->after;
        break;
      }
      const Visit& next = visit(d + 1, step, state);
      add_scaled(result.counts, next.counts, 1);
      entered.push_back(state);
      trail.push_back(&next);
      state = next.after;
    }
    result.after = std::move(state);
    return result;
  }

  /// A halo that shares nothing with the previous tile is a whole tile.
  Delta halo(const Vector& move) const {
    for (std::size_t r = 0; r < move.size(); ++r)
      if (std::abs(move[r]) >= lengths_[r]) return {DeltaKind::whole, {}};
    return {DeltaKind::halo, move};
  }

  State advance(const Vector& move, const State& before) const {
    if (!before.started || rules_.every_step_whole)
      return {true, std::nullopt, {DeltaKind::whole, {}}};
    const bool still = std::all_of(move.begin(), move.end(), [](std::int64_t m) { return m == 0; });
    if (still) return {true, before.last_move, {DeltaKind::empty, {}}};
    if (before.last_move && *before.last_move != move)
      return {true, std::nullopt, {DeltaKind::whole, {}}};
    return {true, move, halo(move)};
  }

  const Visit& leaf(const Vector& move, const State& before) {
    const auto found = leaves_.find({move, before});
    if (found != leaves_.end()) return found->second;
    Visit result;
    result.after = advance(move, before);
    if (result.after.delta.kind != DeltaKind::empty) {
      Step step{result.after.delta, before.delta, {}};
      if (before.delta.kind != DeltaKind::empty) step.move = move;
      result.counts[step] = 1;
    }
    return leaves_.emplace(Entry{move, before}, std::move(result)).first->second;
  }

  const std::vector<TileLoop>& loops_;
  const Vector& lengths_;
  const WalkRules rules_;
  std::vector<Vector> span_;  ///< displacement from the first to the last visited tile of loops ≥ d
  std::vector<std::map<Entry, Visit>> memo_;
  std::map<Entry, Visit> leaves_;
};

}  // namespace

std::int64_t words(const Delta& delta, const Vector& lengths) {
  if (delta.kind == DeltaKind::empty) return 0;
  if (delta.kind == DeltaKind::whole) return volume(lengths);
  std::int64_t kept = 1;
  for (std::size_t r = 0; r < lengths.size(); ++r)
    kept *= std::max<std::int64_t>(0, lengths[r] - std::abs(delta.move[r]));
  return volume(lengths) - kept;
}

StepCounts walk(const std::vector<TileLoop>& loops, const Vector& lengths, const WalkRules& rules) {
  Walker walker(loops, lengths, rules);
  return walker.visit(0, Vector(lengths.size(), 0), State{}).counts;
}

}  // namespace tileloom::cost::timeloop
