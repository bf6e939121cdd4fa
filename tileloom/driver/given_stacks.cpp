#include "tileloom/driver/given_stacks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/cost/dispatch.hpp"
#include "tileloom/loop_tree/core_parts.hpp"
#include "tileloom/loop_tree/own_path.hpp"
#include "tileloom/scheduler/exact/network_bound.hpp"

namespace tileloom::driver {
namespace {

void collect(const LoopTree& tree, TreeParts& found) {
  const Sequence* sequence = std::get_if<Sequence>(&tree.tail);
  if (sequence == nullptr || is_fused(tree)) {
    found.parts.push_back(tree);
    return;
  }
  found.homes.insert(found.homes.end(), tree.path.begin(), tree.path.end());
  for (const LoopTree& child : sequence->children) collect(child, found);
}

/// The loops above the Sequence, outermost first: "P in 4, Q in 16".
std::string tiling_of(const Workload& workload, const FusedStack& stack) {
  std::string text;
  for (const Loop& loop : stack_loops(stack)) {
    text += fmt::format("{}{} in {}", text.empty() ? "" : ", ",
                        workload.operators[loop.op].rank(loop.rank).name, loop.tile);
  }
  return text;
}

scheduler::StackPart stack_part(const Workload& workload, const Architecture& arch,
                                const LoopTree& tree, const std::vector<PathNode>& homes) {
  const FusedStack stack = fused_stack(workload, tree, homes);
  scheduler::StackPart part;
  part.tree = tree;
  part.fused = cost::evaluate_fused(workload, arch, stack);
  part.tiling = tiling_of(workload, stack);
  Cycles dispatch{};
  for (const LeafPath& child : stack.children) {
    part.operators.push_back(child.op);
    dispatch =
        std::max(dispatch, cost::dispatch(workload.operators[child.op], arch, child.path));
  }
  part.latency = part.fused->latency + dispatch;
  part.energy = part.fused->energy;
  return part;
}

scheduler::Layer leaf_layer(const Workload& workload, const Architecture& arch,
                            const LoopTree& tree, const std::vector<PathNode>& homes) {
  const ComputeLeaf leaf = std::get<ComputeLeaf>(tree.tail);
  scheduler::Layer layer;
  layer.op = leaf.op;
  layer.result.proof = Proof::feasible;
  layer.result.tree = LoopTree{own_path(workload, homes, {leaf.op, tree.path}), leaf};
  layer.result.evaluation =
      cost::evaluate(workload.operators[leaf.op], arch, layer.result.tree->path);
  return layer;
}

}  // namespace

TreeParts tree_parts(const LoopTree& tree) {
  TreeParts found;
  collect(tree, found);
  return found;
}

bool runs_in_parts(const Workload& workload, const LoopTree& tree) {
  const TreeParts all = tree_parts(tree);
  return std::ranges::all_of(all.parts, [&](const LoopTree& part) {
    return is_single_path(part) ||
           (is_fused(part) && !on_cores(fused_stack(workload, part, all.homes)));
  });
}

scheduler::FusedSchedule evaluate_stacks(const Workload& workload, const Architecture& arch,
                                         const LoopTree& tree) {
  const TreeParts all = tree_parts(tree);
  scheduler::FusedSchedule schedule;
  schedule.method = "given";
  schedule.compared = false;
  schedule.proof = Proof::feasible;
  schedule.space = "the given schedule alone";
  std::vector<scheduler::Layer> layers(workload.operators.size());
  for (const LoopTree& part : all.parts) {
    if (is_fused(part)) {
      schedule.parts.push_back(stack_part(workload, arch, part, all.homes));
      ++schedule.evaluations;
      continue;
    }
    scheduler::Layer layer = leaf_layer(workload, arch, part, all.homes);
    scheduler::StackPart single;
    single.operators = {layer.op};
    single.tree = part;
    single.latency =
        layer.result.evaluation->latency.total +
        cost::dispatch(workload.operators[layer.op], arch, layer.result.tree->path);
    single.energy = layer.result.evaluation->energy;
    schedule.parts.push_back(std::move(single));
    layers[index(layer.op)] = std::move(layer);
  }
  for (const OperatorId op : ids<OperatorId>(layers.size())) {
    layers[index(op)].op = op;
    scheduler::add_layer(schedule.layer_by_layer, workload, arch, std::move(layers[index(op)]));
  }
  schedule.layer_by_layer.model = workload.name;
  schedule.layer_by_layer.architecture = arch.name;
  std::size_t operators = 0;
  for (const scheduler::StackPart& part : schedule.parts) {
    schedule.latency += part.latency;
    schedule.energy += part.energy;
    operators += part.operators.size();
  }
  // Of all operators: nothing to measure a tree of some of them by.
  if (operators == workload.operators.size())
    schedule.bound = scheduler::network_bound(workload, arch);
  schedule.tree = tree;
  return schedule;
}

}  // namespace tileloom::driver
