#include "tileloom/scheduler/pipeline/pipeline.hpp"

#include <mutex>

#include "tileloom/mapper/incumbent.hpp"
#include "tileloom/scheduler/groups.hpp"

namespace tileloom::scheduler {
namespace {

/// The layer with the most cycles, the first of equal ones.
OperatorId slowest(const Schedule& schedule) {
  OperatorId found{};
  Cycles most{-1};
  for (const Layer& layer : schedule.layers) {
    if (!layer.result.evaluation || layer.result.evaluation->latency.total <= most) continue;
    most = layer.result.evaluation->latency.total;
    found = layer.op;
  }
  return found;
}

/// `known`: per result, whether it was remembered.
std::vector<GroupAnswer> answers(const std::vector<mapper::MapResult>& results,
                                 const std::vector<std::uint8_t>& known) {
  std::vector<GroupAnswer> answers;
  for (std::size_t i = 0; i < results.size(); ++i) answers.push_back({results[i], known[i] != 0});
  return answers;
}

}  // namespace

Schedule pipeline(const NetworkProblem& problem, const mapper::GammaOptions& options,
                  const Budget& budget, const mapper::StageStores& stores,
                  const OnNetworkProgress& on_progress) {
  const Groups groups = group_operators(problem);
  std::vector<mapper::Problem> problems;
  for (const OperatorId id : groups.distinct) problems.push_back(mapper_problem(problem, id));
  std::mutex mutex;
  std::size_t done = 0;
  const auto report = [&](std::size_t i) {
    const std::lock_guard lock(mutex);
    ++done;
    if (!on_progress) return;
    // Half of the work is stage 1.
    on_progress({done / 2,
                 groups.distinct.size(),
                 problem.workload.operators[groups.distinct[i]].name,
                 {}});
  };
  const cost::Metric second = problem.objective.second.value_or(cost::Metric::energy);
  const mapper::TwoStage stages = mapper::map_two_stage(problems, problem.objective.first, second,
                                                        options, budget, report, stores);
  const Schedule first = assemble(problem, "gamma", groups, answers(stages.first, stages.known));
  Schedule schedule = assemble(problem, "gamma", groups, answers(stages.second, stages.known));
  const OperatorId last = slowest(schedule);
  if (!schedule.layers.empty() && schedule.layers[index(last)].result.evaluation) {
    schedule.pipeline =
        Pipeline{schedule.layers[index(last)].result.evaluation->latency.total, last, first.energy};
  }
  return schedule;
}

}  // namespace tileloom::scheduler
