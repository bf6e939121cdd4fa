#include "tileloom/loop_tree/fused_stack.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/view.hpp"

namespace tileloom {
namespace {

bool is_loop(const PathNode& node) { return std::holds_alternative<Loop>(node); }

bool reads(const Operator& op, TensorId tensor) {
  return std::ranges::any_of(op.inputs, [&](const Operand& o) { return o.tensor == tensor; });
}

class TensorList {
 public:
  TensorList(const Workload& workload, const FusedStack& stack)
      : workload_(workload), stack_(stack) {}

  std::vector<StackTensor> list() {
    for (const LeafPath& child : stack_.children) {
      add(workload_.operators[child.op].output);
    }
    for (const LeafPath& child : stack_.children) {
      for (const Operand& input : workload_.operators[child.op].inputs) add(input);
    }
    return std::move(tensors_);
  }

 private:
  void add(const Operand& first) {
    const bool known = std::ranges::any_of(
        tensors_, [&](const StackTensor& t) { return t.tensor == first.tensor; });
    if (known) return;
    StackTensor found;
    found.tensor = first.tensor;
    found.extents = view_extents(first);
    for (std::size_t i = 0; i < stack_.path.size(); ++i) {
      const Store* store = std::get_if<Store>(&stack_.path[i]);
      if (store != nullptr && store->tensor == first.tensor) found.stores.push_back(i);
    }
    for (std::size_t c = 0; c < stack_.children.size(); ++c) {
      const Operator& op = workload_.operators[stack_.children[c].op];
      if (op.output.tensor == first.tensor) found.writers.push_back(c);
      if (reads(op, first.tensor)) found.readers.push_back(c);
    }
    if (!found.writers.empty()) {
      found.role = found.readers.empty() ? StackRole::result : StackRole::internal;
      found.used_outside = needed_after(first.tensor);
    }
    tensors_.push_back(std::move(found));
  }

  bool needed_after(TensorId tensor) const {
    if (workload_.tensors[tensor].kind == TensorKind::output) return true;
    const std::vector<OperatorId> all = consumers(workload_, tensor);
    return std::ranges::any_of(all, [&](OperatorId op) {
      return std::ranges::none_of(stack_.children,
                                  [&](const LeafPath& child) { return child.op == op; });
    });
  }

  const Workload& workload_;
  const FusedStack& stack_;
  std::vector<StackTensor> tensors_;
};

}  // namespace

bool is_fused(const LoopTree& tree) {
  return std::holds_alternative<Sequence>(tree.tail) && std::ranges::any_of(tree.path, is_loop);
}

bool is_layer_by_layer(const LoopTree& tree) {
  if (std::holds_alternative<ComputeLeaf>(tree.tail)) return true;
  const Sequence* sequence = std::get_if<Sequence>(&tree.tail);
  return sequence != nullptr && !is_fused(tree) &&
         std::ranges::all_of(sequence->children, is_layer_by_layer);
}

FusedStack fused_stack(const Workload& workload, const LoopTree& tree,
                       std::span<const PathNode> homes) {
  FusedStack stack;
  for (const LoopTree& child : std::get<Sequence>(tree.tail).children) {
    if (const ComputeLeaf* leaf = std::get_if<ComputeLeaf>(&child.tail)) {
      stack.children.push_back({leaf->op, child.path});
    }
  }
  for (const PathNode& home : homes) {
    const TensorId tensor = std::get<Store>(home).tensor;
    const bool used = std::ranges::any_of(stack.children, [&](const LeafPath& child) {
      return find_operand(workload.operators[child.op], tensor) != nullptr;
    });
    if (used) stack.path.push_back(home);
  }
  stack.homes = stack.path.size();
  stack.path.insert(stack.path.end(), tree.path.begin(), tree.path.end());
  return stack;
}

std::vector<StackTensor> stack_tensors(const Workload& workload, const FusedStack& stack) {
  return TensorList(workload, stack).list();
}

std::vector<Loop> stack_loops(const FusedStack& stack) {
  std::vector<Loop> loops;
  for (const PathNode& node : stack.path) {
    if (const Loop* loop = std::get_if<Loop>(&node)) loops.push_back(*loop);
  }
  return loops;
}

std::size_t depth(const FusedStack& stack, std::size_t node) {
  return static_cast<std::size_t>(std::count_if(
      stack.path.begin(), stack.path.begin() + static_cast<std::ptrdiff_t>(node), is_loop));
}

}  // namespace tileloom
