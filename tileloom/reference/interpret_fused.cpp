#include "tileloom/reference/interpret_fused.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/reference/fused_sets.hpp"

namespace tileloom::reference {
namespace {

constexpr double kNowhere = std::numeric_limits<double>::quiet_NaN();

/// A Store of the stack with its buffer.
struct Shelf {
  std::size_t node = 0;
  std::size_t tensor = 0;             ///< in the list of the stack's tensors
  std::optional<std::size_t> parent;  ///< next outer Store of the same tensor
  bool innermost = true;
  Buffer buffer;
  cost::StoreCounts counts;
};

class FusedExecution {
 public:
  FusedExecution(const Workload& workload, const Architecture& arch, const FusedStack& stack,
            TensorValues tensors)
      : workload_(workload),
        arch_(arch),
        stack_(stack),
        values_(std::move(tensors)),
        sets_(fused_sets(workload, stack)) {
    place();
    result_.children.resize(stack.children.size());
  }

  FusedInterpretation run() {
    for (std::size_t t = 0; t < sets_.iterations; ++t) {
      begin_step(t);
      for (std::size_t child = 0; child < stack_.children.size(); ++child) {
        const std::vector<RankBox>& runs = sets_.runs[child][t];
        for (const RankBox& run : runs) execute(child, run);
        watch(t, child);
      }
    }
    begin_step(sets_.iterations);
    for (Shelf& shelf : shelves_) result_.stores.push_back(shelf.counts);
    result_.tensors = std::move(values_);
    return std::move(result_);
  }

 private:
  const StackTensor& tensor(const Shelf& shelf) const { return sets_.tensors[shelf.tensor]; }
  bool holds(const Shelf& shelf, std::size_t t, std::int64_t e) const {
    return t < sets_.iterations && sets_.boxes[shelf.node][t][static_cast<std::size_t>(e)] != 0;
  }

  void place() {
    for (std::size_t node = 0; node < stack_.path.size(); ++node) {
      const Store* store = std::get_if<Store>(&stack_.path[node]);
      if (store == nullptr) continue;
      Shelf shelf;
      shelf.node = node;
      while (sets_.tensors[shelf.tensor].tensor != store->tensor) ++shelf.tensor;
      const StackTensor& at = tensor(shelf);
      const std::size_t user = at.writers.empty() ? at.readers.front() : at.writers.front();
      shelf.counts.store = *store;
      shelf.counts.role =
          find_operand(workload_.operators[stack_.children[user].op], store->tensor)->role;
      for (std::size_t i = 0; i < shelves_.size(); ++i) {
        if (shelves_[i].tensor != shelf.tensor) continue;
        shelf.parent = i;
        shelves_[i].innermost = false;
      }
      shelves_.push_back(std::move(shelf));
    }
    result_.live.resize(shelves_.size());
  }

  /// Moves from iteration t−1 to t and writes down what that took.
  void begin_step(std::size_t t) {
    std::vector<cost::StoreCounts> before;
    for (const Shelf& shelf : shelves_) before.push_back(shelf.counts);
    move(t);
    FusedStep step;
    step.children.resize(stack_.children.size());
    for (std::size_t i = 0; i < shelves_.size(); ++i) {
      cost::StoreCounts since = shelves_[i].counts;
      since.fills -= before[i].fills;
      since.reads -= before[i].reads;
      since.updates -= before[i].updates;
      since.update_reads -= before[i].update_reads;
      since.drains -= before[i].drains;
      step.copies.push_back(since);
    }
    result_.steps.push_back(std::move(step));
  }

  /// True if an element of the buffer stays there from iteration t−1 to t.
  bool stays(const Shelf& shelf, std::size_t t, std::int64_t e) const {
    if (t == sets_.iterations) return false;
    if (sets_.moved[t] >= depth(stack_, shelf.node)) return true;
    const std::vector<ElementSet>& boxes = sets_.boxes[shelf.node];
    if (std::get<Store>(stack_.path[shelf.node]).keep == Keep::same && boxes[t] != boxes[t - 1]) {
      return false;
    }
    return holds(shelf, t, e);
  }

  /// From iteration t−1 to t; the number of iterations is the end.
  void move(std::size_t t) {
    for (std::size_t i = shelves_.size(); i-- > 0 && t > 0;) {
      std::vector<std::int64_t> leaving;
      for (const auto& [e, element] : shelves_[i].buffer) {
        if (!stays(shelves_[i], t, e)) leaving.push_back(e);
      }
      for (const std::int64_t e : leaving) leave(shelves_[i], t, e);
    }
    for (std::size_t i = 0; i < shelves_.size() && t < sets_.iterations; ++i) {
      Shelf& shelf = shelves_[i];
      for (std::size_t e = 0; e < sets_.boxes[shelf.node][t].size(); ++e) {
        const auto element = static_cast<std::int64_t>(e);
        if (holds(shelf, t, element) && !shelf.buffer.contains(element)) enter(shelf, element);
      }
    }
  }

  void leave(Shelf& shelf, std::size_t t, std::int64_t e) {
    const Element element = shelf.buffer.at(e);
    const StackTensor& at = tensor(shelf);
    if (at.role == StackRole::result) {
      drain(shelf, e, element);
    } else if (at.role == StackRole::internal) {
      if (!shelf.parent) {
        if (at.used_outside) value(at, e) = element.value.value();
      } else if (!shelves_[*shelf.parent].buffer.contains(e) && asked_after(shelf, t, e)) {
        Shelf& parent = shelves_[*shelf.parent];
        parent.buffer[e].value = element.value;
        ++shelf.counts.drains;
        ++parent.counts.updates;
        ++parent.counts.deliveries;
      }
    }
    shelf.buffer.erase(e);
  }

  /// A sum leaves: 1.4.
  void drain(Shelf& shelf, std::int64_t e, const Element& element) {
    if (!shelf.parent) {
      if (element.value) value(tensor(shelf), e) = *element.value;
      return;
    }
    Shelf& parent = shelves_[*shelf.parent];
    Element& above = parent.buffer.at(e);
    ++shelf.counts.drains;
    ++parent.counts.deliveries;
    ++parent.counts.updates;
    if (above.found) ++parent.counts.update_reads;
    above.found = true;
    if (!element.value) return;
    const Reduction reduction = workload_.operators[stack_.driver()].reduction;
    above.value = above.value ? combine(reduction, *above.value, *element.value) : *element.value;
  }

  void enter(Shelf& shelf, std::int64_t e) {
    const StackTensor& at = tensor(shelf);
    if (at.role == StackRole::internal) return refill(shelf, e);
    Element& element = shelf.buffer[e];
    if (!shelf.parent) {
      if (at.role == StackRole::external) element.value = value(at, e);
      return;
    }
    Shelf& parent = shelves_[*shelf.parent];
    Element& above = parent.buffer.at(e);
    if (at.role == StackRole::external) {
      element.value = above.value;
      ++parent.counts.reads;
    } else if (above.visited) {
      element.value = std::exchange(above.value, std::nullopt);
      element.found = true;
    } else {
      above.visited = true;
      return;
    }
    ++shelf.counts.fills;
    ++parent.counts.deliveries;
  }

  /// An intermediate element comes back if it is there; else it will be computed.
  void refill(Shelf& shelf, std::int64_t e) {
    if (!shelf.parent) return;
    Shelf& parent = shelves_[*shelf.parent];
    const auto above = parent.buffer.find(e);
    if (above == parent.buffer.end()) return;
    shelf.buffer[e].value = above->second.value;
    ++parent.counts.reads;
    ++parent.counts.deliveries;
    ++shelf.counts.fills;
  }

  /// Does the next outer buffer still want an element that leaves this one between t−1 and t?
  bool asked_after(const Shelf& shelf, std::size_t t, std::int64_t e) const {
    const Shelf& parent = shelves_[*shelf.parent];
    for (std::size_t later = t; later < sets_.iterations; ++later) {
      if (!stays(parent, later, e)) return wanted_outside(parent, later, e);
      if (enters(shelf, later, e)) return true;
    }
    return wanted_outside(parent, sets_.iterations, e);
  }
  bool wanted_outside(const Shelf& shelf, std::size_t t, std::int64_t e) const {
    if (!shelf.parent) return tensor(shelf).used_outside;
    return asked_after(shelf, t, e);
  }
  bool enters(const Shelf& shelf, std::size_t t, std::int64_t e) const {
    return holds(shelf, t, e) && sets_.moved[t] < depth(stack_, shelf.node) &&
           !(holds(shelf, t - 1, e) && stays(shelf, t, e));
  }

  double& value(const StackTensor& at, std::int64_t e) {
    return values_.at(at.tensor)[static_cast<std::size_t>(e)];
  }

  /// The innermost buffer of a tensor.
  Shelf& home(TensorId id) {
    for (Shelf& shelf : shelves_) {
      if (shelf.innermost && tensor(shelf).tensor == id) return shelf;
    }
    throw std::logic_error("a tensor without a Store");
  }

  void execute(std::size_t child, const RankBox& run) {
    const Operator& whole = workload_.operators[stack_.children[child].op];
    const Operator op = restricted(whole, run);
    TensorValues inputs;
    for (const Operand* operand : operands(op)) {
      std::vector<double>& values = inputs[operand->tensor];
      values.assign(static_cast<std::size_t>(elements(*operand)), kNowhere);
      for (const auto& [e, element] : home(operand->tensor).buffer) {
        if (element.value) values[static_cast<std::size_t>(e)] = *element.value;
      }
    }
    Shelf& output = home(op.output.tensor);
    const Interpretation did =
        interpret_run(op, arch_, run_path(workload_, stack_, child, op), inputs, output.buffer);
    add(result_.children[child], did.counts);
    add(result_.steps.back().children[child], did.counts);
  }

  static void add(cost::PathCounts& sum, const cost::PathCounts& run) {
    sum.points += run.points;
    sum.steps += run.steps;
    sum.lanes = std::max(sum.lanes, run.lanes);
    if (sum.stores.empty()) {
      sum.stores = run.stores;
      return;
    }
    for (std::size_t s = 0; s < run.stores.size(); ++s) {
      cost::StoreCounts& to = sum.stores[s];
      const cost::StoreCounts& from = run.stores[s];
      to.fills += from.fills;
      to.reads += from.reads;
      to.updates += from.updates;
      to.update_reads += from.update_reads;
      to.drains += from.drains;
      to.deliveries += from.deliveries;
      to.tile = std::max(to.tile, from.tile);
      to.instances = std::max(to.instances, from.instances);
    }
  }

  /// Counts what is alive while the child runs.
  void watch(std::size_t t, std::size_t child) {
    for (std::size_t i = 0; i < shelves_.size(); ++i) {
      Shelf& shelf = shelves_[i];
      std::int64_t live = 0;
      for (const auto& [e, element] : shelf.buffer) live += alive(shelf, t, child, e) ? 1 : 0;
      result_.live[i].push_back(live);
      shelf.counts.tile = std::max(shelf.counts.tile, live);
    }
  }

  bool alive(const Shelf& shelf, std::size_t t, std::size_t child, std::int64_t e) const {
    const StackTensor& at = tensor(shelf);
    if (at.role != StackRole::internal) return true;
    if (shelf.innermost) {
      const auto touches = [&](const std::vector<std::vector<ElementSet>>& sets, std::size_t c) {
        return !sets[c].empty() && sets[c][t][static_cast<std::size_t>(e)] != 0;
      };
      const ElementSet& written = sets_.written[child][t];
      if (at.tensor == workload_.operators[stack_.children[child].op].output.tensor &&
          written[static_cast<std::size_t>(e)] != 0) {
        return true;
      }
      for (const std::size_t reader : at.readers) {
        if (reader >= child && touches(sets_.read[shelf.tensor], reader)) return true;
      }
    }
    for (std::size_t later = t + 1; later < sets_.iterations; ++later) {
      if (!stays(shelf, later, e)) return leaves_wanted(shelf, later, e);
      if (shelf.innermost ? sets_.need[shelf.tensor][later][static_cast<std::size_t>(e)] != 0
                          : enters_inner(shelf, later, e)) {
        return true;
      }
    }
    return leaves_wanted(shelf, sets_.iterations, e);
  }
  bool leaves_wanted(const Shelf& shelf, std::size_t t, std::int64_t e) const {
    if (!shelf.parent) return tensor(shelf).used_outside;
    return !shelves_[*shelf.parent].buffer.contains(e) && asked_after(shelf, t, e);
  }
  bool enters_inner(const Shelf& shelf, std::size_t t, std::int64_t e) const {
    return std::ranges::any_of(shelves_, [&](const Shelf& inner) {
      return inner.parent && &shelves_[*inner.parent] == &shelf && enters(inner, t, e);
    });
  }

  const Workload& workload_;
  const Architecture& arch_;
  const FusedStack& stack_;
  TensorValues values_;
  FusedSets sets_;
  std::vector<Shelf> shelves_;  ///< in path order
  FusedInterpretation result_;
};

}  // namespace

FusedInterpretation interpret_fused(const Workload& workload, const Architecture& arch,
                                    const FusedStack& stack, TensorValues tensors) {
  return FusedExecution(workload, arch, stack, std::move(tensors)).run();
}

}  // namespace tileloom::reference
