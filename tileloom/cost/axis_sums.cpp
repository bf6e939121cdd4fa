#include "tileloom/cost/axis_sums.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "tileloom/cost/move_enumeration.hpp"
#include "tileloom/cost/partition_sums.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

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
  Sums(const AxisChains& axis, Keep keep, MoveEnumeration& states)
      : axis_(axis), keep_(keep), states_(states) {
    states_.begin(axis);
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
    return states_.sums(keep_, moves, largest);
  }

 private:
  const AxisChains& axis_;
  Keep keep_;
  MoveEnumeration& states_;
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
  MoveEnumeration states;
  return axis_sums(axis, keep, states);
}

AxisSums axis_sums(const AxisChains& axis, Keep keep, MoveEnumeration& states) {
  const Sums sums(axis, keep, states);
  AxisSums result;
  result.own.reserve(axis.loops.size());
  result.still.reserve(axis.loops.size() + 1);
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
  MoveEnumeration states;
  return all_states(axis, states);
}

MoveSums all_states(const AxisChains& axis, MoveEnumeration& states) {
  std::vector<Move> moves(axis.chains.size());
  for (const std::size_t chain : axis.loops) ++moves[chain].outer;
  std::int64_t largest = 0;
  return Sums(axis, Keep::overlap, states)(moves, largest);
}

MoveSums innermost_moves(const AxisChains& axis, Keep keep) {
  if (axis.loops.empty()) return {};
  std::vector<Move> moves(axis.chains.size());
  for (const std::size_t chain : axis.loops) ++moves[chain].outer;
  --moves[axis.loops.back()].outer;
  moves[axis.loops.back()].moves = true;
  std::int64_t largest = 0;
  MoveEnumeration states;
  return Sums(axis, keep, states)(moves, largest);
}

}  // namespace tileloom::cost
