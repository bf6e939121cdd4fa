#pragma once
// What the ways to run a range of operators as one stack cost.

#include <optional>
#include <vector>

#include "tileloom/cost/fused_evaluate.hpp"
#include "tileloom/scheduler/exact/tilings.hpp"
#include "tileloom/scheduler/exact/weight_streams.hpp"
#include "tileloom/scheduler/fused_schedule.hpp"

namespace tileloom::scheduler::exact {

/// A tiling with its cost.
struct StackChoice {
  Tiling tiling;
  Cycles latency{};
  Picojoules energy{};
  double home_bits = 0;         ///< through the outermost memory
  std::int64_t inner_bits = 0;  ///< the most in the memories inside it
  double aimed = 0;             ///< which of them is to be little, if any
  double beside = 0;            ///< the second of them, in fronts of both
};

/// Bits that pass the ports of the outermost memory.
double home_traffic(const std::vector<cost::PortTime>& ports);
/// Bits in all instances of the memories inside the outermost.
std::int64_t inner_occupancy(const Architecture& arch,
                             const std::vector<cost::Occupancy>& occupancy);

class StackSpace {
 public:
  /// @param less_room  whether less room is worth more traffic: weights are streamed that fit, too
  StackSpace(const NetworkProblem& problem, const StackMemories& memories, RunMapper& runs,
             bool less_room = false)
      : problem_(problem),
        frames_(problem, memories),
        room_(frames_),
        streams_(frames_, room_, less_room),
        tilings_(frames_, room_),
        runs_(runs),
        less_room_(less_room) {}
  StackSpace(const StackSpace&) = delete;
  StackSpace& operator=(const StackSpace&) = delete;

  const StackFrames& frames() const { return frames_; }
  const StackTilings& tilings() const { return tilings_; }

  /// The fused tree of a tiling, below the homes `homes` (its own if they are to be added to).
  /// Absent if an operator has no mapping.
  std::optional<LoopTree> tree(const Range& range, const Tiling& tiling) const;

  /// What no mapping of its runs can beat, whatever weights are streamed (if readers leave nothing
  /// out between them); the tiling with those of the least traffic with which it fits. Absent if
  /// nothing fits.
  std::optional<StackChoice> bound(const Range& range, Tiling tiling) const;

  /// The costs with every set of weights streamed that no other set is better than, those of the
  /// least traffic first; none if nothing fits or has a mapping.
  std::vector<StackChoice> costs(const Range& range, const Tiling& tiling) const;

  /// The cost with just the weights of the tiling streamed; absent if it does not fit or has no
  /// mapping.
  std::optional<StackChoice> cost_as_streamed(const Range& range, const Tiling& tiling) const;

  /// As `bound`, were all memories large enough: no tiling that this one covers costs less (F11),
  /// if it streams no fewer weights. Absent if the tiling is not legal.
  std::optional<StackChoice> bound_of_covered(const Range& range, const Tiling& tiling) const;

  /// The cost were all memories large enough, no occupancy counted.
  std::optional<StackChoice> unlimited(const Range& range, const Tiling& tiling) const;

 private:
  /// The frame with its children's paths. Their plan is that of the frame.
  std::optional<LoopTree> filled(const Range& range, LoopTree frame,
                                 const FusedPlan& planned) const;
  StackChoice evaluated(const Tiling& tiling, const FusedStack& stack, const FusedPlan& planned,
                        const std::vector<StackPeak>& peaks) const;
  StackChoice choice_of(const Tiling& tiling, const FusedStack& stack,
                        const cost::FusedEvaluation& evaluation) const;
  /// What no mapping of the runs can beat.
  cost::FusedEvaluation bounded(const Range& range, const StackRoom::Planned& planned) const;

  const NetworkProblem& problem_;
  StackFrames frames_;
  StackRoom room_;
  WeightStreams streams_;
  StackTilings tilings_;
  RunMapper& runs_;
  bool less_room_;
};

/// Whether `a` is as good as `b` in latency, energy and the aims.
inline bool as_good(const StackChoice& a, const StackChoice& b) {
  return a.latency <= b.latency && a.energy <= b.energy && a.aimed <= b.aimed &&
         a.beside <= b.beside;
}

}  // namespace tileloom::scheduler::exact
