#include "tileloom/scheduler/exact/weight_streams.hpp"

#include <algorithm>
#include <limits>

#include "tileloom/loop_tree/fused_flow.hpp"

namespace tileloom::scheduler::exact {
namespace {

/// The plan of a stack whose children fetch what Stores of `from` hold: needs, runs and what
/// happens to intermediates are the same.
FusedPlan plan_without_stores(const Workload& workload, const FusedStack& from,
                              const FusedPlan& planned, const FusedStack& stack) {
  FusedPlan found = planned;
  found.tensors = stack_tensors(workload, stack);
  found.boxes.clear();
  for (const PathNode& node : stack.path) {
    const auto at = std::ranges::find(from.path, node);
    found.boxes.push_back(planned.boxes[static_cast<std::size_t>(at - from.path.begin())]);
  }
  return found;
}

}  // namespace

StackRoom::Planned WeightStreams::streaming(const Range& range, const Tiling& tiling,
                                          const StackRoom::Planned& staying) const {
  if (tiling.streamed == 0) return staying;
  StackRoom::Planned found;
  found.frame = frames_.frame(range, tiling);
  std::vector<LoopTree>& children = std::get<Sequence>(found.frame.tail).children;
  for (std::size_t c = 0; c < children.size(); ++c) {
    const LoopTree& child = std::get<Sequence>(staying.frame.tail).children[c];
    children[c].path.insert(children[c].path.end(), child.path.begin(), child.path.end());
  }
  found.stack = frames_.stack(range, found.frame, tiling.inside);
  found.plan = plan_without_stores(problem_.workload, staying.stack, staying.plan, found.stack);
  return found;
}

std::vector<StreamedSet> WeightStreams::sets(const Range& range, const Tiling& tiling,
                                          const StackRoom::Planned& staying) const {
  const auto at = std::ranges::find(staying.peaks, memories_.weights, &StackPeak::memory);
  if (room_.fits(range, tiling, staying.peaks) && (!less_room_ || frames_.weights(range).empty()))
    return {{0, at == staying.peaks.end() ? 0 : at->bits}};
  std::vector<StackPeak> others = staying.peaks;
  std::erase_if(others, [&](const StackPeak& peak) { return peak.memory == memories_.weights; });
  if (at == staying.peaks.end() || !room_.fits(range, tiling, others)) return {};
  const WeightRoom room(problem_.workload, problem_.arch, staying.stack, staying.plan,
                        memories_.weights, frames_.weights(range));
  std::int64_t capacity = std::numeric_limits<std::int64_t>::max();
  if (const auto& bits = problem_.arch.memories[memories_.weights].capacity)
    capacity =
        bits->value - (frames_.weights_beside() ? frames_.bits_inside(range, tiling.inside) : 0);
  return needed_sets(room, capacity, less_room_);
}

std::optional<WeightStreams::Streamings> WeightStreams::streamings(const Range& range,
                                                             Tiling tiling) const {
  tiling.streamed = 0;
  if (!frames_.is_legal(range, tiling)) return std::nullopt;
  // The first iteration shows most of what does not fit.
  if (!room_.fits(range, tiling, room_.first(range, tiling, tiling.loops.size()).peaks)) {
    Tiling all = tiling;
    all.streamed = first_weights(frames_.weights(range).size());
    if (all.streamed == 0) return std::nullopt;
    if (!room_.fits(range, all, room_.first(range, all, all.loops.size()).peaks))
      return std::nullopt;
  }
  Streamings found{room_.planned(range, tiling), {}};
  if (!frames_.is_complete(found.staying.plan)) return std::nullopt;
  found.sets = sets(range, tiling, found.staying);
  if (found.sets.empty()) return std::nullopt;
  return found;
}

}  // namespace tileloom::scheduler::exact
