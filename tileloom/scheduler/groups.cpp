#include "tileloom/scheduler/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tileloom/mapper/canonical.hpp"

namespace tileloom::scheduler {
namespace {

/// The mapper's answer under another model of time, which may cost it its proof.
void retime(mapper::MapResult& result, const NetworkProblem& problem, OperatorId id) {
  if (problem.latency_model == cost::LatencyModel::overlapped || !result.tree) return;
  const Cycles before = result.evaluation->latency.total;
  result.evaluation = cost::evaluate(problem.workload.operators[id], problem.arch,
                                     result.tree->path, problem.latency_model);
  if (result.evaluation->latency.total != before) {
    result.proof = weaker(result.proof, Proof::feasible);
  }
}

/// Nodes that became no operator are in no total.
void judge_coverage(Schedule& schedule, const Workload& workload) {
  const auto unmapped =
      std::ranges::count(workload.coverage, NodeStatus::unmapped, &NodeCoverage::status);
  if (unmapped == 0) return;
  schedule.proof = weaker(schedule.proof, Proof::feasible);
  if (!schedule.layers.empty()) return;
  schedule.proof = Proof::infeasible;
  schedule.reasons.push_back(
      fmt::format("nothing can be scheduled: {} of {} nodes are unmapped, no other has work",
                  unmapped, workload.coverage.size()));
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
  schedule.latency_model = problem.latency_model;
  schedule.proof = Proof::optimal;
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    const std::size_t group = groups.group_of[index(id)];
    const OperatorId first = groups.distinct[group];
    Layer layer;
    layer.op = id;
    layer.result = answers[group].result;
    layer.from_cache = answers[group].from_cache;
    layer.seconds = answers[group].seconds;
    if (id != first) {
      layer.same_as = first;
      if (layer.result.tree) {
        const LoopTree tree = mapper::transferred(*layer.result.tree, workload.operators[first], id,
                                                  workload.operators[id]);
        layer.result.tree = tree;
        layer.result.evaluation = cost::evaluate(workload.operators[id], problem.arch, tree.path);
      }
      if (layer.result.front) {
        for (mapper::ParetoPoint& point : layer.result.front->points) {
          point.tree = mapper::transferred(point.tree, workload.operators[first], id,
                                           workload.operators[id]);
        }
      }
    }
    retime(layer.result, problem, id);
    add_layer(schedule, workload, problem.arch, std::move(layer));
  }
  judge_coverage(schedule, workload);
  return schedule;
}

}  // namespace tileloom::scheduler
