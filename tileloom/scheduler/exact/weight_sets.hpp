#pragma once
// Which weights of a stack every run fetches for itself, so that they leave their room to others
// while other operators run.

#include <vector>

#include "tileloom/loop_tree/fused_moments.hpp"

namespace tileloom::scheduler::exact {

/// Weights of a stack by their place among those that may be streamed: a bit each.
using WeightSet = std::uint32_t;
/// Places in a `WeightSet`.
constexpr std::size_t kMostWeights = 32;
/// Of so many, the largest, every set is tried; the others are streamed, the largest first, only
/// where streaming these is not enough.
constexpr std::size_t kMostFreeWeights = 12;

/// The first `count` weights.
constexpr WeightSet first_weights(std::size_t count) {
  return static_cast<WeightSet>((std::uint64_t{1} << count) - 1);
}

/// The room that the weights of a stack take, and how often runs fetch them.
class WeightRoom {
 public:
  /// Of a stack in which all of `weights` stay in `memory`, each in a Store of the stack's path.
  WeightRoom(const Workload& workload, const Architecture& arch, const FusedStack& stack,
             const FusedPlan& plan, MemoryId memory, const std::vector<TensorId>& weights);

  /// The most bits in the memory (F6). While one of its operators runs, a streamed weight takes
  /// what that run reads of it, else nothing.
  std::int64_t peak(WeightSet streamed) const;

  /// Bits that cross the ports of the memory outside and of this one because runs fetch them,
  /// beyond those that do so if they stay.
  ///     Σ_streamed width · ( Σ_runs |box read| − entries (F2) )
  std::int64_t extra_bits(WeightSet streamed) const;

  std::size_t weights() const { return extra_.size(); }

 private:
  /// Moments that weights fill alike.
  struct Moments {
    std::vector<std::int64_t> staying;  ///< bits, per weight
    std::vector<std::int64_t> fetched;  ///< per weight, for the running operator
    std::int64_t other = 0;             ///< the most of everything else
  };

  std::vector<Moments> moments_;
  std::vector<std::int64_t> extra_;  ///< per weight
};

/// A set with the room it leaves its stack.
struct StreamedSet {
  WeightSet set = 0;
  std::int64_t peak = 0;  ///< in the memory of weights
};

/// The sets with which the room is at most `capacity`, and of which no weight may stay: the memory
/// would be too full, or, if `less_is_better`, fuller. Those that cost the fewest extra bits first;
/// none if nothing fits.
std::vector<StreamedSet> needed_sets(const WeightRoom& room, std::int64_t capacity,
                                     bool less_is_better);

}  // namespace tileloom::scheduler::exact
