#include "tileloom/scheduler/exact/stack_room.hpp"

#include <algorithm>
#include <utility>

#include "tileloom/loop_tree/fused_flow.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {

bool StackRoom::fits(const Range& range, const Tiling& tiling,
                      const std::vector<StackPeak>& peaks) const {
  const std::int64_t inside = frames_.bits_inside(range, tiling.inside);
  return std::ranges::all_of(peaks, [&](const StackPeak& peak) {
    const std::optional<Bits>& capacity = problem_.arch.memories[peak.memory].capacity;
    const std::int64_t homes = peak.memory == memories_.activations ? inside : 0;
    return !capacity || checked_add(peak.bits, homes) <= capacity->value;
  });
}

StackRoom::Planned StackRoom::first(const Range& range, const Tiling& tiling,
                                      std::size_t loops) const {
  Planned found;
  found.frame = frames_.frame(range, tiling);
  found.stack = frames_.stack(range, found.frame, tiling.inside);
  found.plan = first_plan(problem_.workload, found.stack, loops);
  follow(problem_.workload, found.stack, found.plan);
  found.peaks = stack_peaks(problem_.workload, problem_.arch, found.stack, found.plan);
  return found;
}

StackRoom::Planned StackRoom::planned(const Range& range, const Tiling& tiling) const {
  return first(range, tiling, 0);
}

Fit StackRoom::fit(const Range& range, const Tiling& tiling) const {
  if (!frames_.is_legal(range, tiling)) return Fit::no;
  if (fit(range, tiling, first(range, tiling, tiling.loops.size())) == Fit::no) return Fit::no;
  Planned all = planned(range, tiling);
  return frames_.is_complete(all.plan) ? fit(range, tiling, std::move(all)) : Fit::no;
}

Fit StackRoom::row_fit(const Range& range, const Tiling& tiling) const {
  return fit(range, tiling, first(range, tiling, tiling.loops.size() - 1));
}

Fit StackRoom::fit(const Range& range, const Tiling& tiling, Planned found) const {
  if (!fits(range, tiling, found.peaks)) return Fit::no;
  for (LeafPath& child : found.stack.children) {
    const Operator& op = problem_.workload.operators[child.op];
    for (const RankId rank : ids<RankId>(op.ranks.size()))
      if (!relevant(op.output, rank)) child.path.push_back(Loop{child.op, rank, 1, std::nullopt});
  }
  found.peaks = stack_peaks(problem_.workload, problem_.arch, found.stack, found.plan);
  return fits(range, tiling, found.peaks) ? Fit::any_paths : Fit::some_paths;
}

bool StackRoom::all_weights_fit(const Range& range, WeightSet streamed) const {
  const Memory& memory = problem_.arch.memories[memories_.weights];
  if (!memory.capacity) return true;
  const std::vector<TensorId>& heavy = frames_.weights(range);
  std::int64_t bits = 0;
  for (const StackTensor& at : frames_.tensors(range)) {
    if (at.role != StackRole::external || !frames_.is_weight(range, at.tensor)) continue;
    const auto place = std::ranges::find(heavy, at.tensor) - heavy.begin();
    if (place < std::ssize(heavy) && (streamed >> place & 1U) != 0) continue;
    const Tensor& tensor = problem_.workload.tensors[at.tensor];
    bits = checked_add(bits, checked_mul(elements(tensor), tensor.bits));
  }
  return checked_mul(bits, memory.double_buffered ? 2 : 1) <= memory.capacity->value;
}

}  // namespace tileloom::scheduler::exact
