#pragma once
// The ways to tile a stack that are tried.

#include <functional>
#include <vector>

#include "tileloom/scheduler/exact/stack_room.hpp"

namespace tileloom::scheduler::exact {

class StackTilings {
 public:
  StackTilings(const StackFrames& frames, const StackRoom& room)
      : frames_(frames), room_(room), problem_(frames.problem()) {}

  /// Every tiling of the range that is tried; none if the range is no legal stack: those of `grid`
  /// and of `largest`.
  std::vector<Tiling> tilings(const Range& range) const;
  /// The ranks of one or two loops over tiles, the outer one first.
  std::vector<std::vector<RankId>> loop_ranks(const Range& range) const;
  /// Tiles of few sizes, whether or not they fit.
  std::vector<Tiling> grid(const Range& range) const;
  /// Of the tilings with sizes of `breakpoints` those that fit and that no larger tiles cover: with
  /// no weights streamed, with the largest, with the two largest, … Nothing is looked for that a
  /// tiling covers that is not `worth` it. docs/cost_model.md 9.8
  using Worth = std::function<bool(const Tiling&)>;
  std::vector<Tiling> largest(const Range& range, const Worth& worth) const;

  /// Whether a window of an operator reads more than one index for one of its result, so that tiles
  /// may overlap.
  bool has_windows(const Range& range) const;
  /// The tilings that keep less of one intermediate tensor, by one step: of one whose tiles
  /// overlap.
  std::vector<Tiling> keeping_less(const Range& range, const Tiling& tiling) const;

 private:
  /// Whether tiles of these ranks neither overlap nor leave gaps.
  bool are_even(const Range& range, const std::vector<RankId>& ranks) const;
  /// Whether tiles of this tensor overlap: a reader has a halo, or computes one again.
  bool overlaps(const Range& range, const Tiling& tiling, std::size_t place) const;

  const StackFrames& frames_;
  const StackRoom& room_;
  const NetworkProblem& problem_;
};

}  // namespace tileloom::scheduler::exact
