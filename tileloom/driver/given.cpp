#include "tileloom/driver/given.hpp"

#include "tileloom/loop_tree/own_path.hpp"

namespace tileloom::driver {

scheduler::Schedule evaluate_tree(const Workload& workload, const Architecture& arch,
                                  const LoopTree& tree, cost::LatencyModel model) {
  scheduler::Schedule schedule;
  schedule.model = workload.name;
  schedule.architecture = arch.name;
  schedule.mapper = "given";
  schedule.latency_model = model;
  schedule.proof = Proof::feasible;
  for (const LeafPath& leaf : leaf_paths(tree)) {
    const Operator& op = workload.operators[leaf.op];
    const cost::LowerBound bound = cost::lower_bound(op, arch);
    scheduler::Layer layer;
    layer.op = leaf.op;
    layer.result.proof = Proof::feasible;
    layer.result.space = "the given mapping alone";
    layer.result.tree =
        LoopTree{own_path(workload, leaf.path, {leaf.op, {}}), ComputeLeaf{leaf.op}};
    layer.result.evaluation = cost::evaluate(op, arch, layer.result.tree->path, model);
    layer.result.lower_bound = cost::score(schedule.objective, bound.latency, bound.energy);
    layer.result.evaluations = 1;
    scheduler::add_layer(schedule, workload, arch, std::move(layer));
  }
  return schedule;
}

}  // namespace tileloom::driver
