// Which weights of a stack stay, and which every run fetches.

#include <algorithm>
#include <limits>

#include "tileloom/loop_tree/fused_flow.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"
#include "tileloom/support/checked.hpp"

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

/// The slowest port.
Cycles port_time(const cost::FusedEvaluation& evaluation) {
  Cycles most{};
  for (const cost::PortTime& port : evaluation.ports) most = std::max(most, port.cycles);
  return most;
}

}  // namespace

StackSpace::Planned StackSpace::streaming(const Range& range, const Tiling& tiling,
                                          const Planned& staying) const {
  if (tiling.streamed == 0) return staying;
  Planned found;
  found.frame = frame(range, tiling);
  std::vector<LoopTree>& children = std::get<Sequence>(found.frame.tail).children;
  for (std::size_t c = 0; c < children.size(); ++c) {
    const LoopTree& child = std::get<Sequence>(staying.frame.tail).children[c];
    children[c].path.insert(children[c].path.end(), child.path.begin(), child.path.end());
  }
  found.stack = stack(range, found.frame, tiling.inside);
  found.plan = plan_without_stores(problem_.workload, staying.stack, staying.plan, found.stack);
  return found;
}

std::vector<StreamedSet> StackSpace::sets(const Range& range, const Tiling& tiling,
                                          const Planned& staying) const {
  const auto at = std::ranges::find(staying.peaks, memories_.weights, &StackPeak::memory);
  if (fits(range, tiling, staying.peaks) && (!less_room_ || weights(range).empty()))
    return {{0, at == staying.peaks.end() ? 0 : at->bits}};
  std::vector<StackPeak> others = staying.peaks;
  std::erase_if(others, [&](const StackPeak& peak) { return peak.memory == memories_.weights; });
  if (at == staying.peaks.end() || !fits(range, tiling, others)) return {};
  const WeightRoom room(problem_.workload, problem_.arch, staying.stack, staying.plan,
                        memories_.weights, weights(range));
  std::int64_t capacity = std::numeric_limits<std::int64_t>::max();
  if (const auto& bits = problem_.arch.memories[memories_.weights].capacity)
    capacity = bits->value - (weights_beside() ? bits_inside(range, tiling.inside) : 0);
  return needed_sets(room, capacity, less_room_);
}

std::optional<StackSpace::Streamings> StackSpace::streamings(const Range& range,
                                                             Tiling tiling) const {
  tiling.streamed = 0;
  if (!is_legal(range, tiling)) return std::nullopt;
  // The first iteration shows most of what does not fit.
  if (!fits(range, tiling, first(range, tiling, tiling.loops.size()).peaks)) {
    Tiling all = tiling;
    all.streamed = first_weights(weights(range).size());
    if (all.streamed == 0) return std::nullopt;
    if (!fits(range, all, first(range, all, all.loops.size()).peaks)) return std::nullopt;
  }
  Streamings found{planned(range, tiling), {}};
  if (!is_complete(found.staying.plan)) return std::nullopt;
  found.sets = sets(range, tiling, found.staying);
  if (found.sets.empty()) return std::nullopt;
  return found;
}

std::optional<StackChoice> StackSpace::cost_as_streamed(const Range& range,
                                                        const Tiling& tiling) const {
  if (!is_legal(range, tiling)) return std::nullopt;
  const Planned bare = planned(range, tiling);
  if (!is_complete(bare.plan)) return std::nullopt;
  const std::optional<LoopTree> made = filled(range, bare.frame, bare.plan);
  if (!made) return std::nullopt;
  const FusedStack whole = stack(range, *made, tiling.inside);
  const std::vector<StackPeak> peaks =
      stack_peaks(problem_.workload, problem_.arch, whole, bare.plan);
  if (!fits(range, tiling, peaks)) return std::nullopt;
  return evaluated(tiling, whole, bare.plan, peaks);
}

/// Traffic and with it energy grow with the extra bits of a set, and so does the time of the
/// slowest port; nothing is faster than what streams nothing. So it is known what a set cannot
/// beat.
std::vector<StackChoice> StackSpace::costs(const Range& range, const Tiling& tiling) const {
  std::optional<Streamings> ways = streamings(range, tiling);
  if (!ways) return {};
  Planned& staying = ways->staying;
  std::optional<LoopTree> made = filled(range, std::move(staying.frame), staying.plan);
  if (!made) return {};
  // Runs' own Stores and sums may want more room.
  staying.frame = std::move(*made);
  staying.stack = stack(range, staying.frame, tiling.inside);
  staying.peaks = stack_peaks(problem_.workload, problem_.arch, staying.stack, staying.plan);
  const std::vector<StreamedSet> sets = this->sets(range, tiling, staying);
  std::vector<StackChoice> found;
  std::vector<StreamedSet> tried;
  StackChoice least;
  if (sets.size() > 1) least = evaluated(tiling, staying.stack, staying.plan, staying.peaks);
  for (const StreamedSet& at : sets) {
    bool beaten = false;
    for (std::size_t i = 0; i < found.size() && !beaten; ++i)
      beaten = as_good(found[i], least) && found[i].home_bits <= least.home_bits &&
               (!less_room_ || tried[i].peak <= at.peak);
    if (beaten) continue;
    Tiling streamed = tiling;
    streamed.streamed = at.set;
    Planned planned = streaming(range, streamed, staying);
    planned.peaks = stack_peaks(problem_.workload, problem_.arch, planned.stack, planned.plan);
    const cost::FusedEvaluation evaluation = cost::evaluate_fused(
        problem_.workload, problem_.arch, planned.stack, planned.plan, planned.peaks);
    found.push_back(choice_of(streamed, planned.stack, evaluation));
    tried.push_back(at);
    const Cycles dispatch{found.back().latency.value - evaluation.latency.value};
    least.latency = std::max(least.latency, port_time(evaluation) + dispatch);
    least.energy = found.back().energy;
    least.home_bits = found.back().home_bits;
  }
  return found;
}

}  // namespace tileloom::scheduler::exact
