#include "tileloom/driver/given.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::driver {

std::vector<PathNode> own_path(const Operator& op, const LeafPath& leaf) {
  const std::vector<const Operand*> all = operands(op);
  std::vector<PathNode> path;
  for (const PathNode& node : leaf.path) {
    const Store* store = std::get_if<Store>(&node);
    const bool own = store == nullptr || std::any_of(all.begin(), all.end(), [&](const Operand* o) {
                       return o->tensor == store->tensor;
                     });
    if (own) path.push_back(node);
  }
  return path;
}

scheduler::Schedule evaluate_tree(const Workload& workload, const Architecture& arch,
                                  const LoopTree& tree, const cost::Objective& objective) {
  scheduler::Schedule schedule;
  schedule.model = workload.name;
  schedule.architecture = arch.name;
  schedule.objective = objective;
  schedule.mapper = "given";
  schedule.proof = Proof::feasible;
  for (const LeafPath& leaf : leaf_paths(tree)) {
    const Operator& op = workload.operators[leaf.op];
    scheduler::Layer layer;
    layer.op = leaf.op;
    layer.bound = cost::lower_bound(op, arch);
    layer.result.proof = Proof::feasible;
    layer.result.space = "the given mapping alone";
    layer.result.tree = LoopTree{own_path(op, leaf), ComputeLeaf{leaf.op}};
    layer.result.evaluation = cost::evaluate(op, arch, layer.result.tree->path);
    layer.result.lower_bound = cost::score(objective, layer.bound.latency, layer.bound.energy);
    layer.result.evaluations = 1;
    const cost::Evaluation& evaluation = *layer.result.evaluation;
    schedule.latency.value = checked_add(schedule.latency.value, evaluation.latency.total.value);
    schedule.energy += evaluation.energy;
    schedule.bound.latency.value =
        checked_add(schedule.bound.latency.value, layer.bound.latency.value);
    schedule.bound.energy += layer.bound.energy;
    schedule.layers.push_back(std::move(layer));
  }
  return schedule;
}

}  // namespace tileloom::driver
