#include "tileloom/cost/partition_sums.hpp"

#include <algorithm>
#include <array>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

/// `count` spatial positions whose chunks have these lengths, now and before the move; 0 = none.
struct PositionClass {
  std::int64_t count = 1;
  std::int64_t now = 0;
  std::int64_t before = 0;
};

/// All positions at one place of the chain in one state. The first is position 0, which the steps
/// of time follow; `same`: time stood still for this rank, so every chunk is the one before.
struct State {
  static constexpr std::size_t kMost = 24;
  std::array<PositionClass, kMost> classes;
  std::size_t size = 0;
  bool same = true;
  bool crowded = false;  ///< there were more than kMost classes

  void add(const PositionClass& position) {
    if (position.count == 0 || (position.now == 0 && position.before == 0)) return;
    for (std::size_t i = 1; i < size; ++i) {  // the first one stays alone: it leads
      if (classes[i].now != position.now || classes[i].before != position.before) continue;
      classes[i].count += position.count;
      return;
    }
    if (size == kMost) {
      crowded = true;
      return;
    }
    classes[size++] = position;
  }
};

/// Length of trip `i`, in steps of `tile`, of a chunk.
std::int64_t trip(std::int64_t length, std::int64_t tile, std::int64_t i) {
  return std::clamp<std::int64_t>(length - i * tile, 0, tile);
}

class PartitionWalk {
 public:
  PartitionWalk(const AxisChains& axis, const Move& move, bool grouped, std::int64_t& largest)
      : axis_(axis),
        chain_(axis.chains.front()),
        move_(move),
        grouped_(grouped),
        largest_(largest) {}

  std::optional<MoveSums> run() {
    State state;
    state.add({1, chain_.extent, chain_.extent});
    visit(0, 0, 1, state);
    if (failed_) return std::nullopt;
    return sums_;
  }

 private:
  /// Goes through what the links from `link` on make of `times` equal states.
  void visit(std::size_t link, std::size_t temporal, std::int64_t times, const State& state) {
    if (state.crowded) failed_ = true;
    if (failed_) return;
    if (link == chain_.links.size()) {
      add(times, state);
    } else if (chain_.links[link].kind != LinkKind::temporal) {
      spread(link, temporal, times, state);
    } else if (temporal < move_.outer) {
      stand(link, temporal, times, state);
    } else if (temporal == move_.outer && move_.moves) {
      go_on(link, temporal, times, state);
    } else {
      const std::int64_t tile = chain_.links[link].tile;
      const std::int64_t last = ceil_div(state.classes[0].before, tile) - 1;
      step(link, temporal, times, state, 0, last);
    }
  }

  /// Positions of a spatial link.
  void spread(std::size_t link, std::size_t temporal, std::int64_t times, const State& state) {
    const std::int64_t tile = chain_.links[link].tile;
    State next;
    next.same = state.same;
    const PositionClass& lead = state.classes[0];
    next.add({1, std::min(lead.now, tile), std::min(lead.before, tile)});
    for (std::size_t i = 0; i < state.size; ++i) {
      const PositionClass& parent = state.classes[i];
      const std::int64_t full = std::min(parent.now, parent.before) / tile;
      next.add({i == 0 ? std::max<std::int64_t>(full - 1, 0) : full * parent.count, tile, tile});
      const std::int64_t end = ceil_div(std::max(parent.now, parent.before), tile);
      std::int64_t at = i == 0 ? std::max<std::int64_t>(full, 1) : full;
      // Behind them at most one partial chunk, then whole ones of the longer of the two.
      for (; at < end; ++at) {
        const std::int64_t now = trip(parent.now, tile, at);
        const std::int64_t before = trip(parent.before, tile, at);
        const bool run = (now == tile && before == 0) || (before == tile && now == 0);
        const std::int64_t length = run ? std::max(parent.now, parent.before) / tile - at : 1;
        next.add({length * parent.count, now, before});
        at += length - 1;
      }
    }
    visit(link + 1, temporal, times, next);
  }

  /// A temporal link that stands still at any of its trips: those are told apart only where some
  /// position's chunk ends.
  void stand(std::size_t link, std::size_t temporal, std::int64_t times, const State& state) {
    const std::int64_t tile = chain_.links[link].tile;
    const std::int64_t trips = ceil_div(state.classes[0].now, tile);
    for (std::int64_t i = 0; i < trips;) {
      const std::int64_t run = equal_trips(state, tile, i, trips);
      step(link, temporal, checked_mul(times, run), state, i, i);
      i += run;
    }
  }

  /// The temporal link that moves on: to trip i from i − 1.
  void go_on(std::size_t link, std::size_t temporal, std::int64_t times, const State& state) {
    const std::int64_t tile = chain_.links[link].tile;
    const std::int64_t trips = ceil_div(state.classes[0].now, tile);
    for (std::int64_t i = 1; i < trips;) {
      const std::int64_t before = equal_trips(state, tile, i - 1, trips);
      const std::int64_t run = std::min(before, equal_trips(state, tile, i, trips));
      step(link, temporal, checked_mul(times, run), state, i, i - 1);
      i += run;
    }
  }

  /// How many trips from `i` on are alike at every position.
  static std::int64_t equal_trips(const State& state, std::int64_t tile, std::int64_t i,
                                  std::int64_t trips) {
    std::int64_t run = trips - i;
    for (std::size_t c = 0; c < state.size; ++c) {
      const std::int64_t full = state.classes[c].now / tile;
      if (i < full) {
        run = std::min(run, full - i);
      } else if (i == full && state.classes[c].now % tile != 0) {
        run = 1;
      }
    }
    return run;
  }

  void step(std::size_t link, std::size_t temporal, std::int64_t times, const State& state,
            std::int64_t now, std::int64_t before) {
    const std::int64_t tile = chain_.links[link].tile;
    State next;
    next.same = state.same && now == before;
    for (std::size_t i = 0; i < state.size; ++i) {
      const PositionClass& position = state.classes[i];
      next.add(
          {position.count, trip(position.now, tile, now), trip(position.before, tile, before)});
    }
    visit(link + 1, temporal + 1, times, next);
  }

  std::int64_t box(std::int64_t chunk) const {
    if (chunk == 0 || axis_.idle_only) return chunk == 0 ? 0 : 1;
    return axis_.coefficients.front() * (chunk - 1) + 1;
  }

  void add(std::int64_t times, const State& state) {
    MoveSums one;
    bool enters = false;
    bool leaves = false;
    for (std::size_t i = 0; i < state.size; ++i) {
      const PositionClass& position = state.classes[i];
      const std::int64_t now = box(position.now);
      const std::int64_t before = box(position.before);
      const bool stays = axis_.idle_only || state.same;
      const std::int64_t kept = stays ? std::min(now, before) : 0;
      largest_ = std::max(largest_, now);
      one.each_now += position.count * now;
      one.each_kept += position.count * kept;
      one.united_before += position.count * before;
      enters = enters || now > kept;
      leaves = leaves || before > kept;
    }
    one.united_now = one.each_now;
    one.united_now_kept = one.united_before_kept = one.each_kept;
    if (axis_.idle_only && grouped_) {
      one.united_now = one.united_before = 1;
      one.united_now_kept = enters ? 0 : 1;
      one.united_before_kept = leaves ? 0 : 1;
    }
    const auto sum = [&](std::int64_t& total, std::int64_t value) {
      total = checked_add(total, checked_mul(times, value));
    };
    sum(sums_.united_now, one.united_now);
    sum(sums_.united_now_kept, one.united_now_kept);
    sum(sums_.united_before, one.united_before);
    sum(sums_.united_before_kept, one.united_before_kept);
    sum(sums_.each_now, one.each_now);
    sum(sums_.each_kept, one.each_kept);
  }

  const AxisChains& axis_;
  const Chain& chain_;
  const Move& move_;
  bool grouped_;
  std::int64_t& largest_;
  MoveSums sums_;
  bool failed_ = false;
};

}  // namespace

std::optional<MoveSums> partition_sums(const AxisChains& axis, const Move& move,
                                       std::int64_t& largest) {
  const auto has = [&](LinkKind kind) {
    return std::ranges::any_of(axis.chains.front().links,
                               [&](const Link& link) { return link.kind == kind; });
  };
  const bool grouped = has(LinkKind::grouped);
  if (axis.idle_only && grouped && has(LinkKind::separate)) return std::nullopt;
  return PartitionWalk(axis, move, grouped, largest).run();
}

}  // namespace tileloom::cost
