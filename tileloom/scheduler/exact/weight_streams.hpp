#pragma once
// Which weights of a stack stay, and which every run fetches.

#include <optional>
#include <vector>

#include "tileloom/scheduler/exact/stack_room.hpp"

namespace tileloom::scheduler::exact {

class WeightStreams {
 public:
  /// @param less_room  whether less room is worth more traffic: weights are streamed that fit, too
  WeightStreams(const StackFrames& frames, const StackRoom& room, bool less_room)
      : frames_(frames),
        room_(room),
        problem_(frames.problem()),
        memories_(frames.memories()),
        less_room_(less_room) {}

  /// A tiling whose weights all stay, and the sets to stream with which it fits (`needed_sets`).
  struct Streamings {
    StackRoom::Planned staying;
    std::vector<StreamedSet> sets;
  };
  /// Absent if it is not legal or does not fit, however many weights are streamed.
  std::optional<Streamings> streamings(const Range& range, Tiling tiling) const;
  std::vector<StreamedSet> sets(const Range& range, const Tiling& tiling,
                                const StackRoom::Planned& staying) const;
  /// The same with the weights of the tiling streamed: its runs are the same.
  StackRoom::Planned streaming(const Range& range, const Tiling& tiling,
                               const StackRoom::Planned& staying) const;

 private:
  const StackFrames& frames_;
  const StackRoom& room_;
  const NetworkProblem& problem_;
  const StackMemories& memories_;
  bool less_room_;
};

}  // namespace tileloom::scheduler::exact
