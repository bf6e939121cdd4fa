#include "tileloom/loop_tree/fused_occupancy.hpp"

#include <algorithm>
#include <map>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/core_parts.hpp"
#include "tileloom/loop_tree/fused_moments.hpp"
#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/loop_tree/own_path.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// Bits of one Store of the stack's path, by iteration and child.
struct Occupation {
  Store store;
  std::vector<std::int64_t> bits;  ///< [iteration · children + child]
};

class Peaks {
 public:
  Peaks(const Workload& workload, const Architecture& arch, const FusedStack& stack,
        const FusedPlan& plan)
      : workload_(workload), arch_(arch), stack_(stack), plan_(plan) {}

  std::vector<StackPeak> find() {
    add_all();
    std::vector<StackPeak> peaks;
    for (const MemoryId memory : ids<MemoryId>(arch_.memories.size())) {
      StackPeak peak = peak_of(memory, std::nullopt);
      if (!peak.occupants.empty()) peaks.push_back(std::move(peak));
    }
    return peaks;
  }

  std::vector<StackPeak> find_by_child() {
    add_all();
    std::vector<StackPeak> peaks;
    for (std::size_t child = 0; child < stack_.children.size(); ++child) {
      for (const MemoryId memory : ids<MemoryId>(arch_.memories.size())) {
        StackPeak peak = peak_of(memory, child);
        if (!peak.occupants.empty()) peaks.push_back(std::move(peak));
      }
    }
    return peaks;
  }

  std::vector<StackMoment> find_all(MemoryId memory) {
    add_all();
    std::vector<StackMoment> found;
    const std::size_t children = stack_.children.size();
    for (std::size_t moment = 0; moment < moments(); ++moment) {
      StackMoment at{moment / children, moment % children, 0, {}};
      for (const Occupation& occupation : occupations_) {
        if (occupation.store.memory == memory)
          at.path = checked_add(at.path, occupation.bits[moment]);
      }
      const bool owns = has_own(at.child, memory);
      for (const RankBox& run : plan_.runs[at.child][at.iteration])
        at.runs.push_back(owns ? sum_of(own_in(at.child, run, memory)) : 0);
      found.push_back(std::move(at));
    }
    return found;
  }

 private:
  void add_all() {
    for (std::size_t i = 0; i < plan_.tensors.size(); ++i) {
      plan_.tensors[i].role == StackRole::internal ? add_internal(i) : add_boxes(i);
    }
  }
  const Operator& op(std::size_t child) const {
    return workload_.operators[stack_.children[child].op];
  }
  std::size_t moments() const { return plan_.iterations * stack_.children.size(); }

  /// Width of what the child exchanges with the Store at `node` of the stack's path.
  std::int64_t width(std::size_t child, std::size_t node) const {
    const std::vector<PathNode> path = own_path(workload_, stack_.path, stack_.children[child]);
    const auto at = std::ranges::find(path, stack_.path[node]);
    return element_bits(op(child), path, static_cast<std::size_t>(at - path.begin()));
  }

  /// Tensors from outside and the result: their boxes.
  void add_boxes(std::size_t tensor) {
    const StackTensor& at = plan_.tensors[tensor];
    for (const std::size_t node : at.stores) {
      if (node < stack_.homes) continue;
      std::int64_t bits = 0;
      for (const std::size_t user : at.writers.empty() ? at.readers : at.writers) {
        bits = std::max(bits, width(user, node));
      }
      Occupation occupation{std::get<Store>(stack_.path[node]), {}};
      bits *= copies(arch_, occupation.store);
      for (const Box& box : plan_.boxes[node]) {
        occupation.bits.insert(occupation.bits.end(), stack_.children.size(),
                               box.empty() ? 0 : checked_mul(box.size(), bits));
      }
      occupations_.push_back(std::move(occupation));
    }
  }

  /// Intermediates: what is alive.
  void add_internal(std::size_t tensor) {
    const StackTensor& at = plan_.tensors[tensor];
    const TensorFlow flow = internal_flow(workload_, stack_, plan_, tensor);
    for (std::size_t s = 0; s < at.stores.size(); ++s) {
      if (at.stores[s] < stack_.homes) continue;
      Occupation occupation{std::get<Store>(stack_.path[at.stores[s]]), {}};
      const std::int64_t twice = copies(arch_, occupation.store);
      const std::int64_t whole = op(at.writers.front()).output.bits;
      std::vector<std::int64_t> fresh(stack_.children.size(), whole);
      for (const std::size_t writer : at.writers) fresh[writer] = width(writer, at.stores[s]);
      for (std::size_t moment = 0; moment < moments(); ++moment) {
        const Live& live = flow.live[s][moment];
        const std::int64_t bits =
            checked_add(checked_mul(live.old, whole),
                        checked_mul(live.fresh, fresh[moment % stack_.children.size()]));
        occupation.bits.push_back(checked_mul(bits, twice));
      }
      occupations_.push_back(std::move(occupation));
    }
  }

  /// The largest boxes of a child's own Stores in a run.
  std::vector<std::int64_t> own_boxes(std::size_t child, const RankBox& run,
                                      MemoryId memory) const {
    const Operator part = normalised(op(child), run);
    const std::vector<PathNode> path = run_path(workload_, stack_, child, part);
    const std::vector<PathNode> whole = own_path(workload_, stack_.path, stack_.children[child]);
    const std::size_t own = stack_.children[child].path.size();
    std::vector<std::int64_t> boxes;
    for (std::size_t i = 0; i < own; ++i) {
      const std::size_t at = path.size() - own + i;
      const Store* store = std::get_if<Store>(&path[at]);
      if (store == nullptr || store->memory != memory) continue;
      const std::int64_t bits = element_bits(op(child), whole, whole.size() - own + i);
      boxes.push_back(checked_mul(checked_mul(largest_box(part, arch_, path, at), bits),
                                  copies(arch_, *store)));
    }
    return boxes;
  }

  /// Remembered by the lengths of the run.
  const std::vector<std::int64_t>& own_in(std::size_t child, const RankBox& run, MemoryId memory) {
    std::vector<std::int64_t> key = run_class(op(child), run);
    key.push_back(static_cast<std::int64_t>(child));
    key.push_back(static_cast<std::int64_t>(index(memory)));
    const auto [known, is_new] = own_.try_emplace(std::move(key));
    if (is_new) known->second = own_boxes(child, run, memory);
    return known->second;
  }

  static std::int64_t sum_of(const std::vector<std::int64_t>& boxes) {
    std::int64_t sum = 0;
    for (const std::int64_t bits : boxes) sum = checked_add(sum, bits);
    return sum;
  }

  /// The fullest run of a child in an iteration.
  std::vector<std::int64_t> own_at(std::size_t child, std::size_t t, MemoryId memory) {
    std::vector<std::int64_t> most;
    std::int64_t largest = -1;
    for (const RankBox& run : plan_.runs[child][t]) {
      const std::vector<std::int64_t>& own = own_in(child, run, memory);
      const std::int64_t sum = sum_of(own);
      if (sum <= largest) continue;
      largest = sum;
      most = own;
    }
    return most;
  }

  bool has_own(std::size_t child, MemoryId memory) const {
    return std::ranges::any_of(stack_.children[child].path, [&](const PathNode& node) {
      const Store* store = std::get_if<Store>(&node);
      return store != nullptr && store->memory == memory;
    });
  }

  /// The fullest moment, or that of one child.
  StackPeak peak_of(MemoryId memory, const std::optional<std::size_t>& only) {
    StackPeak peak{memory, -1, 0, {}};
    std::vector<const Occupation*> here;
    for (const Occupation& occupation : occupations_)
      if (occupation.store.memory == memory) here.push_back(&occupation);
    std::vector<bool> has_own;
    for (std::size_t child = 0; child < stack_.children.size(); ++child)
      has_own.push_back(this->has_own(child, memory));
    if (here.empty() && std::ranges::find(has_own, true) == has_own.end()) return peak;
    for (std::size_t moment = 0; moment < moments(); ++moment) {
      const std::size_t child = moment % stack_.children.size();
      if (only && child != *only) continue;
      std::int64_t bits = 0;
      for (const Occupation* occupation : here) bits = checked_add(bits, occupation->bits[moment]);
      std::vector<std::int64_t> own;
      if (has_own[child]) own = own_at(child, moment / stack_.children.size(), memory);
      for (const std::int64_t box : own) bits = checked_add(bits, box);
      if (bits <= peak.bits) continue;
      peak = {memory, bits, child, {}};
      for (const Occupation* occupation : here)
        peak.occupants.push_back({occupation->store.tensor, occupation->bits[moment]});
      std::size_t next = 0;
      for (const PathNode& node : stack_.children[child].path) {
        const Store* store = std::get_if<Store>(&node);
        if (store == nullptr || store->memory != memory || next == own.size()) continue;
        peak.occupants.push_back({store->tensor, own[next++]});
      }
    }
    return peak;
  }

  const Workload& workload_;
  const Architecture& arch_;
  const FusedStack& stack_;
  const FusedPlan& plan_;
  std::vector<Occupation> occupations_;
  std::map<std::vector<std::int64_t>, std::vector<std::int64_t>> own_;
};

}  // namespace

std::vector<StackPeak> stack_peaks(const Workload& workload, const Architecture& arch,
                                   const FusedStack& stack, const FusedPlan& plan) {
  return Peaks(workload, arch, stack, plan).find();
}

std::vector<StackPeak> peaks_of_fullest_cores(const Workload& workload, const Architecture& arch,
                                              const FusedStack& stack) {
  std::vector<StackPeak> fullest;
  for_each_core(workload, stack, [&](const Workload& part, const FusedStack& mine) {
    for (StackPeak& peak : stack_peaks(part, arch, mine, plan(part, mine))) {
      const auto known = std::ranges::find(fullest, peak.memory, &StackPeak::memory);
      if (known == fullest.end()) {
        fullest.push_back(std::move(peak));
      } else if (peak.bits > known->bits) {
        *known = std::move(peak);
      }
    }
  });
  return fullest;
}

std::vector<StackMoment> stack_moments(const Workload& workload, const Architecture& arch,
                                       const FusedStack& stack, const FusedPlan& plan,
                                       MemoryId memory) {
  return Peaks(workload, arch, stack, plan).find_all(memory);
}

std::vector<StackPeak> child_peaks(const Workload& workload, const Architecture& arch,
                                   const FusedStack& stack, const FusedPlan& plan) {
  return Peaks(workload, arch, stack, plan).find_by_child();
}

}  // namespace tileloom
