#include "tileloom/scheduler/groups.hpp"

#include <map>

#include "tileloom/mapper/canonical.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler {
namespace {

/// A network is as well proved as its worst layer.
Proof weaker(Proof a, Proof b) {
  const auto strength = [](Proof proof) {
    switch (proof) {
      case Proof::optimal:
        return 3;
      case Proof::feasible:
        return 2;
      case Proof::budget_spent:
        return 1;
      case Proof::infeasible:
        return 0;
    }
    return 0;
  };
  return strength(a) < strength(b) ? a : b;
}

void add_layer(Schedule& schedule, Layer layer) {
  schedule.proof = weaker(schedule.proof, layer.result.proof);
  if (layer.result.evaluation) {
    schedule.latency.value =
        checked_add(schedule.latency.value, layer.result.evaluation->latency.total.value);
    schedule.energy += layer.result.evaluation->energy;
  }
  schedule.bound.latency.value =
      checked_add(schedule.bound.latency.value, layer.bound.latency.value);
  schedule.bound.energy += layer.bound.energy;
  schedule.layers.push_back(std::move(layer));
}

}  // namespace

Groups group_operators(const NetworkProblem& problem) {
  const Workload& workload = problem.workload;
  Groups groups;
  std::map<std::string, std::size_t> known;
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    const auto [place, is_new] =
        known.emplace(mapper::problem_text(mapper_problem(problem, id)), groups.distinct.size());
    if (is_new) groups.distinct.push_back(id);
    groups.group_of.push_back(place->second);
  }
  return groups;
}

Schedule assemble(const NetworkProblem& problem, const std::string& mapper_name,
                  const Groups& groups, const std::vector<GroupAnswer>& answers) {
  const Workload& workload = problem.workload;
  Schedule schedule;
  schedule.model = workload.name;
  schedule.architecture = problem.arch.name;
  schedule.objective = problem.objective;
  schedule.mapper = mapper_name;
  schedule.proof = Proof::optimal;
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    const std::size_t group = groups.group_of[index(id)];
    const OperatorId first = groups.distinct[group];
    Layer layer;
    layer.op = id;
    layer.result = answers[group].result;
    layer.from_cache = answers[group].from_cache;
    layer.bound = cost::lower_bound(workload.operators[id], problem.arch);
    if (id != first) {
      layer.same_as = first;
      if (layer.result.tree) {
        const LoopTree tree = mapper::transferred(*layer.result.tree, workload.operators[first], id,
                                                  workload.operators[id]);
        layer.result.tree = tree;
        layer.result.evaluation = cost::evaluate(workload.operators[id], problem.arch, tree.path);
      }
    }
    add_layer(schedule, std::move(layer));
  }
  return schedule;
}

}  // namespace tileloom::scheduler
