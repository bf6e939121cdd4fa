#include "tileloom/scheduler/exact/weight_sets.hpp"

#include <algorithm>
#include <map>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {
namespace {

bool contains(WeightSet set, std::size_t weight) { return (set >> weight & 1U) != 0; }
WeightSet without(WeightSet set, std::size_t weight) { return set & ~(WeightSet{1} << weight); }

}  // namespace

WeightRoom::WeightRoom(const Workload& workload, const Architecture& arch, const FusedStack& stack,
                       const FusedPlan& plan, MemoryId memory,
                       const std::vector<TensorId>& weights) {
  std::vector<std::size_t> nodes;
  std::vector<std::int64_t> widths;
  for (const TensorId weight : weights) {
    const auto at = std::ranges::find(plan.tensors, weight, &StackTensor::tensor);
    nodes.push_back(at->stores.back());
    const OperatorId reader = stack.children[at->readers.front()].op;
    widths.push_back(find_operand(workload.operators[reader], weight)->bits);
    std::int64_t read = 0;
    for (const std::size_t child : at->readers) {
      const Operand& operand = *find_operand(workload.operators[stack.children[child].op], weight);
      for (const std::vector<RankBox>& runs : plan.runs[child])
        for (const RankBox& run : runs) read = checked_add(read, operand_box(operand, run).size());
    }
    extra_.push_back(checked_mul(read - entries(stack, plan, nodes.back()), widths.back()));
  }
  const std::int64_t copies = arch.memories[memory].double_buffered ? 2 : 1;
  std::map<std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>, std::int64_t> fullest;
  for (const StackMoment& moment : stack_moments(workload, arch, stack, plan, memory)) {
    const Operator& op = workload.operators[stack.children[moment.child].op];
    std::vector<std::int64_t> staying;
    std::int64_t other = moment.path;
    for (std::size_t w = 0; w < weights.size(); ++w) {
      const Box& box = plan.boxes[nodes[w]][moment.iteration];
      staying.push_back(box.empty() ? 0 : checked_mul(box.size(), widths[w] * copies));
      other -= staying.back();
    }
    std::vector<std::int64_t> fetched(weights.size(), 0);
    const auto note = [&](std::int64_t own) {
      const auto [at, is_new] = fullest.try_emplace({staying, fetched}, 0);
      at->second = std::max(at->second, checked_add(other, own));
    };
    note(0);  // an operator that runs nothing
    for (std::size_t r = 0; r < moment.runs.size(); ++r) {
      const RankBox& run = plan.runs[moment.child][moment.iteration][r];
      for (std::size_t w = 0; w < weights.size(); ++w) {
        const Operand* operand = find_operand(op, weights[w]);
        if (operand != nullptr)
          fetched[w] = checked_mul(operand_box(*operand, run).size(), widths[w] * copies);
      }
      note(moment.runs[r]);
    }
  }
  for (const auto& [weight_bits, other] : fullest)
    moments_.push_back({weight_bits.first, weight_bits.second, other});
}

std::int64_t WeightRoom::peak(WeightSet streamed) const {
  std::int64_t most = 0;
  for (const Moments& at : moments_) {
    std::int64_t bits = at.other;
    for (std::size_t w = 0; w < extra_.size(); ++w)
      bits = checked_add(bits, contains(streamed, w) ? at.fetched[w] : at.staying[w]);
    most = std::max(most, bits);
  }
  return most;
}

std::int64_t WeightRoom::extra_bits(WeightSet streamed) const {
  std::int64_t bits = 0;
  for (std::size_t w = 0; w < extra_.size(); ++w)
    if (contains(streamed, w)) bits = checked_add(bits, extra_[w]);
  return bits;
}

std::vector<StreamedSet> needed_sets(const WeightRoom& room, std::int64_t capacity,
                                     bool less_is_better) {
  const std::size_t free = std::min(room.weights(), kMostFreeWeights);
  std::vector<std::int64_t> peaks;
  for (WeightSet set = 0; set <= first_weights(free); ++set) peaks.push_back(room.peak(set));
  const auto is_needed = [&](WeightSet set, std::size_t weight) {
    if (!contains(set, weight)) return true;
    const std::int64_t staying = peaks[without(set, weight)];
    return staying > capacity || (less_is_better && staying > peaks[set]);
  };
  std::vector<StreamedSet> found;
  for (WeightSet set = 0; set < peaks.size(); ++set) {
    bool needed = peaks[set] <= capacity;
    for (std::size_t w = 0; w < free && needed; ++w) needed = is_needed(set, w);
    if (needed) found.push_back({set, peaks[set]});
  }
  for (std::size_t count = free + 1; count <= room.weights() && found.empty(); ++count) {
    const WeightSet set = first_weights(count);
    const std::int64_t peak = room.peak(set);
    if (peak <= capacity) found.push_back({set, peak});
  }
  std::ranges::stable_sort(found, {},
                           [&](const StreamedSet& at) { return room.extra_bits(at.set); });
  return found;
}

}  // namespace tileloom::scheduler::exact
