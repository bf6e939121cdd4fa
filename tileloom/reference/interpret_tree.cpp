#include "tileloom/reference/interpret_tree.hpp"

#include <algorithm>
#include <stdexcept>

#include "tileloom/loop_tree/core_parts.hpp"
#include "tileloom/loop_tree/own_path.hpp"

namespace tileloom::reference {
namespace {

class TreeExecution {
 public:
  TreeExecution(const Workload& workload, const Architecture& arch)
      : workload_(workload), arch_(arch) {}

  void execute(const LoopTree& tree, std::vector<PathNode> above, TensorValues& tensors) {
    if (is_fused(tree)) {
      for_each_core(workload_, fused_stack(workload_, tree, above),
                    [&](const Workload& part, const FusedStack& stack) {
                      FusedInterpretation run = interpret_fused(part, arch_, stack, tensors);
                      tensors = run.tensors;
                      stacks.push_back(std::move(run));
                    });
      return;
    }
    if (const ComputeLeaf* leaf = std::get_if<ComputeLeaf>(&tree.tail)) {
      return execute_leaf(leaf->op, own_path(workload_, above, {leaf->op, tree.path}), tensors);
    }
    above.insert(above.end(), tree.path.begin(), tree.path.end());
    const auto is_loop = [](const PathNode& node) { return std::holds_alternative<Loop>(node); };
    if (std::ranges::any_of(tree.path, is_loop)) {
      throw std::logic_error("a loop stands above a parallel");
    }
    if (const Sequence* sequence = std::get_if<Sequence>(&tree.tail)) {
      for (const LoopTree& child : sequence->children) execute(child, above, tensors);
      return;
    }
    // In a legal tree no child sees what another one writes unless it is handed on, image by image.
    for (const LoopTree& child : std::get<Parallel>(tree.tail).children) {
      execute(child, above, tensors);
    }
  }

  std::vector<LeafInterpretation> leaves;
  std::vector<FusedInterpretation> stacks;

 private:
  void execute_leaf(OperatorId id, std::vector<PathNode> path, TensorValues& tensors) {
    const Operator& op = workload_.operators[id];
    Interpretation run = interpret_path(op, arch_, path, tensors);
    tensors[op.output.tensor] = std::move(run.output);
    leaves.push_back({id, std::move(path), std::move(run.counts)});
  }

  const Workload& workload_;
  const Architecture& arch_;
};

}  // namespace

TreeInterpretation interpret_tree(const Workload& workload, const Architecture& arch,
                                  const LoopTree& tree, TensorValues tensors) {
  TreeExecution execution(workload, arch);
  execution.execute(tree, {}, tensors);
  return {std::move(execution.leaves), std::move(execution.stacks), std::move(tensors)};
}

TensorValues sample_values(const Workload& workload) {
  TensorValues tensors;
  for (const TensorId id : ids<TensorId>(workload.tensors.size())) {
    for (std::int64_t i = 0; i < elements(workload.tensors[id]); ++i) {
      tensors[id].push_back(sample_value(id, i));
    }
  }
  return tensors;
}

}  // namespace tileloom::reference
