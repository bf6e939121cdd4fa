#pragma once
// Whether a stack fits into the memories.

#include <vector>

#include "tileloom/loop_tree/fused_occupancy.hpp"
#include "tileloom/scheduler/exact/stack_frames.hpp"

namespace tileloom::scheduler::exact {

/// Whether a stack fits.
enum class Fit : std::uint8_t {
  no,
  some_paths,  ///< of its runs
  any_paths    ///< also those whose results wait as sums
};

class StackRoom {
 public:
  explicit StackRoom(const StackFrames& frames)
      : frames_(frames), problem_(frames.problem()), memories_(frames.memories()) {}

  /// A stack with its plan.
  struct Planned {
    LoopTree frame;
    FusedStack stack;
    FusedPlan plan;
    std::vector<StackPeak> peaks;
  };
  Planned planned(const Range& range, const Tiling& tiling) const;
  /// The first trips of so many outermost loops, as if there were no other: what they take is no
  /// less if tiles are larger, and no more than what all iterations do.
  Planned first(const Range& range, const Tiling& tiling, std::size_t loops) const;

  bool fits(const Range& range, const Tiling& tiling, const std::vector<StackPeak>& peaks) const;
  /// Whether the stack fits with just the weights of the tiling streamed.
  Fit fit(const Range& range, const Tiling& tiling) const;
  /// Whether the first trip of the outer loop of two fits; of one loop all of it.
  Fit row_fit(const Range& range, const Tiling& tiling) const;
  /// Whether all weights fit that are not streamed, no other tensors beside them.
  bool all_weights_fit(const Range& range, WeightSet streamed) const;

 private:
  Fit fit(const Range& range, const Tiling& tiling, Planned found) const;

  const StackFrames& frames_;
  const NetworkProblem& problem_;
  const StackMemories& memories_;
};

}  // namespace tileloom::scheduler::exact
