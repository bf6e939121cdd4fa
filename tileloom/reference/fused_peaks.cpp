#include "tileloom/reference/fused_peaks.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/loop_tree/own_path.hpp"

namespace tileloom::reference {
namespace {

using MemoryBits = std::map<MemoryId, std::int64_t>;

class LivePeaks {
 public:
  LivePeaks(const Workload& workload, const Architecture& arch, const FusedStack& stack,
            const FusedSets& sets, const FusedInterpretation& run)
      : workload_(workload), arch_(arch), stack_(stack), sets_(sets), run_(run) {}

  MemoryBits find() const {
    MemoryBits most;
    const std::size_t children = stack_.children.size();
    for (std::size_t moment = 0; moment < sets_.iterations * children; ++moment) {
      const std::size_t child = moment % children;
      MemoryBits now = own(child, moment / children);
      for (std::size_t s = stack_.homes; s < run_.stores.size(); ++s) {
        now[run_.stores[s].store.memory] += live(s, child, moment / children);
      }
      for (const auto& [memory, bits] : now) most[memory] = std::max(most[memory], bits);
    }
    return most;
  }

 private:
  const Operator& op(std::size_t child) const {
    return workload_.operators[stack_.children[child].op];
  }

  /// Width of what the child exchanges with a Store of the stack's path.
  std::int64_t width(std::size_t child, const Store& store) const {
    const std::vector<PathNode> path = own_path(workload_, stack_.path, stack_.children[child]);
    const auto at = std::ranges::find(path, PathNode(store));
    return element_bits(op(child), path, static_cast<std::size_t>(at - path.begin()));
  }

  /// Live bits in a Store of the stack's path while the child runs. What it is computing has the
  /// width of its sums.
  std::int64_t live(std::size_t s, std::size_t child, std::size_t t) const {
    const Store& store = run_.stores[s].store;
    const StackTensor& at = *std::ranges::find(sets_.tensors, store.tensor, &StackTensor::tensor);
    const std::int64_t elements = run_.live[s][t * stack_.children.size() + child];
    std::int64_t bits = 0;
    if (at.role == StackRole::internal) {
      const std::int64_t whole = op(at.writers.front()).output.bits;
      bits = whole * elements;
      if (innermost(s) && std::ranges::find(at.writers, child) != at.writers.end()) {
        const auto& written = sets_.written[child][t];
        bits += (width(child, store) - whole) * std::count(written.begin(), written.end(), 1);
      }
    } else {
      std::int64_t widest = 0;
      for (const std::size_t user : at.writers.empty() ? at.readers : at.writers)
        widest = std::max(widest, width(user, store));
      bits = widest * elements;
    }
    return bits * copies(arch_, store);
  }

  bool innermost(std::size_t s) const {
    return std::none_of(run_.stores.begin() + static_cast<std::ptrdiff_t>(s) + 1,
                        run_.stores.end(), [&](const cost::StoreCounts& other) {
                          return other.store.tensor == run_.stores[s].store.tensor;
                        });
  }

  /// The child's own Stores in its fullest run of an iteration, by memory.
  MemoryBits own(std::size_t child, std::size_t t) const {
    MemoryBits most;
    const std::vector<PathNode> whole = own_path(workload_, stack_.path, stack_.children[child]);
    const std::size_t mine = stack_.children[child].path.size();
    for (const RankBox& part : sets_.runs[child][t]) {
      const Operator narrowed = restricted(op(child), part);
      const std::vector<PathNode> path = run_path(workload_, stack_, child, narrowed);
      MemoryBits boxes;
      for (std::size_t i = path.size() - mine; i < path.size(); ++i) {
        const Store* store = std::get_if<Store>(&path[i]);
        if (store == nullptr) continue;
        boxes[store->memory] += largest_box(narrowed, arch_, path, i) *
                                element_bits(op(child), whole, whole.size() - path.size() + i) *
                                copies(arch_, *store);
      }
      for (const auto& [memory, bits] : boxes) most[memory] = std::max(most[memory], bits);
    }
    return most;
  }

  const Workload& workload_;
  const Architecture& arch_;
  const FusedStack& stack_;
  const FusedSets& sets_;
  const FusedInterpretation& run_;
};

}  // namespace

MemoryBits fused_peaks(const Workload& workload, const Architecture& arch, const FusedStack& stack,
                       const FusedSets& sets, const FusedInterpretation& run) {
  return LivePeaks(workload, arch, stack, sets, run).find();
}

}  // namespace tileloom::reference
