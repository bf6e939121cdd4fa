#include "tileloom/reference/replay_fused.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/own_path.hpp"

namespace tileloom::reference {
namespace {

using Bits = std::map<std::pair<MemoryId, cost::PortKind>, double>;

class FusedMachine {
 public:
  FusedMachine(const Workload& workload, const Architecture& arch, const FusedStack& stack,
          const FusedInterpretation& run)
      : workload_(workload), arch_(arch), stack_(stack), run_(run) {
    for (std::size_t child = 0; child < stack.children.size(); ++child) {
      widths_.push_back(widths_of(child));
    }
  }

  FusedReplay replay() {
    FusedReplay found;
    double waiting = 0;  // the longest rest of copies at any port
    for (const FusedStep& step : run_.steps) {
      // The copies before this step had the children of the step before to hide behind.
      Bits copies;
      for (std::size_t s = 0; s < step.copies.size(); ++s) add_copies(step.copies[s], copies);
      waiting = 0;
      for (const auto& [port, bits] : copies) {
        found.bits[port] += bits;
        waiting = std::max(waiting, time(port, bits) - free_[port]);
      }
      found.cycles += waiting;
      found.cycles += run_children(step, found.bits);
    }
    return found;
  }

 private:
  /// Widths of the Stores of a child's whole path by tensor and memory: what it exchanges with
  /// those inside, and with the next outer one.
  struct Width {
    Store store;
    std::int64_t below = 0;
    std::int64_t above = 0;
  };
  std::vector<Width> widths_of(std::size_t child) const {
    const Operator& op = workload_.operators[stack_.children[child].op];
    const std::vector<PathNode> path = own_path(workload_, stack_.path, stack_.children[child]);
    std::vector<Width> widths;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const Store* store = std::get_if<Store>(&path[i]);
      if (store == nullptr) continue;
      Width width{*store, element_bits(op, path, i), 0};
      width.above = width.below;
      for (const Width& outer : widths) {
        if (outer.store.tensor == store->tensor) width.above = outer.below;
      }
      widths.push_back(width);
    }
    return widths;
  }

  /// As the child sees the Store.
  Width width(std::size_t child, const Store& store) const {
    for (const Width& width : widths_[child]) {
      if (width.store == store) return width;
    }
    return {store, 0, 0};
  }

  double time(const std::pair<MemoryId, cost::PortKind>& port, double bits) const {
    const Ports& ports = arch_.memories[port.first].ports;
    const std::optional<double>& bandwidth = port.second == cost::PortKind::read    ? ports.read
                                             : port.second == cost::PortKind::write ? ports.write
                                                                                    : ports.shared;
    return bandwidth ? bits / *bandwidth : 0;
  }

  void add(const cost::StoreCounts& counts, const Width& width, Bits& bits) const {
    const auto below = static_cast<double>(width.below);
    const auto above = static_cast<double>(width.above);
    const auto instances = static_cast<double>(counts.instances);
    const double read = (static_cast<double>(counts.reads + counts.update_reads) * below +
                         static_cast<double>(counts.drains) * above) /
                        instances;
    const double written =
        (static_cast<double>(counts.updates) * below + static_cast<double>(counts.fills) * above) /
        instances;
    const MemoryId memory = counts.store.memory;
    bits[{memory, cost::PortKind::read}] += read;
    bits[{memory, cost::PortKind::write}] += written;
    if (arch_.memories[memory].ports.shared) {
      bits[{memory, cost::PortKind::shared}] += read + written;
    }
  }

  /// Intermediates are copied complete, sums of the result as wide as they are there.
  void add_copies(const cost::StoreCounts& counts, Bits& bits) const {
    const std::size_t last = stack_.children.size() - 1;
    if (workload_.operators[stack_.driver()].output.tensor == counts.store.tensor) {
      return add(counts, width(last, counts.store), bits);
    }
    for (const LeafPath& child : stack_.children) {
      const Operand* operand = find_operand(workload_.operators[child.op], counts.store.tensor);
      if (operand == nullptr) continue;
      return add(counts, {counts.store, operand->bits, operand->bits}, bits);
    }
  }

  /// How long the children take; what they leave free of every port is written down.
  double run_children(const FusedStep& step, Bits& total) {
    double duration = 0;
    Bits used;
    for (std::size_t child = 0; child < step.children.size(); ++child) {
      const cost::PathCounts& counts = step.children[child];
      Bits bits;
      for (std::size_t s = 0; s < counts.stores.size(); ++s) {
        cost::StoreCounts store = counts.stores[s];
        // The mean over the instances that the child uses in any of its runs.
        store.instances = run_.children[child].stores[s].instances;
        add(store, width(child, store.store), bits);
      }
      double longest = static_cast<double>(counts.steps) * arch_.compute.cycles_per_operation;
      for (const auto& [port, amount] : bits) {
        longest = std::max(longest, time(port, amount));
        used[port] += amount;
        total[port] += amount;
      }
      duration += longest;
    }
    free_.clear();
    for (const MemoryId memory : ids<MemoryId>(arch_.memories.size())) {
      for (const cost::PortKind kind :
           {cost::PortKind::read, cost::PortKind::write, cost::PortKind::shared}) {
        free_[{memory, kind}] = duration - time({memory, kind}, used[{memory, kind}]);
      }
    }
    return duration;
  }

  const Workload& workload_;
  const Architecture& arch_;
  const FusedStack& stack_;
  const FusedInterpretation& run_;
  std::vector<std::vector<Width>> widths_;
  Bits free_;  ///< cycles of every port while the last children ran
};

}  // namespace

FusedReplay replay_fused(const Workload& workload, const Architecture& arch,
                         const FusedStack& stack, const FusedInterpretation& run) {
  return FusedMachine(workload, arch, stack, run).replay();
}

}  // namespace tileloom::reference
