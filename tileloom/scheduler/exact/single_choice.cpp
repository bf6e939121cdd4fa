#include "tileloom/scheduler/exact/single_choice.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <bit>
#include <map>

#include "tileloom/cost/dispatch.hpp"
#include "tileloom/mapper/canonical.hpp"
#include "tileloom/scheduler/exact/boundaries.hpp"

namespace tileloom::scheduler::exact {
namespace {

SingleChoice measured(const NetworkProblem& problem, OperatorId op, const LoopTree& tree,
                      const cost::Evaluation& evaluation) {
  SingleChoice choice;
  choice.tree = tree;
  choice.latency = evaluation.latency.total +
                   cost::dispatch(problem.workload.operators[op], problem.arch, tree.path);
  choice.energy = evaluation.energy;
  choice.home_bits = home_traffic(evaluation.latency.ports);
  choice.inner_bits = inner_occupancy(problem.arch, evaluation.occupancy);
  return choice;
}

/// The user's rules, and that the homes `inside` are in the memory of activations.
mapper::Constraints with_homes(const NetworkProblem& problem, const StackMemories& memories,
                               const std::vector<TensorId>& homes, std::uint32_t inside) {
  mapper::Constraints rules = problem.constraints;
  for (std::size_t place = 0; place < homes.size() && place < 32; ++place) {
    if ((inside >> place & 1U) == 0) continue;
    const std::string& name = problem.workload.tensors[homes[place]].name;
    for (const MemoryId memory : ids<MemoryId>(index(memories.activations)))
      rules.stores.push_back({memory, name, false});
    rules.stores.push_back({memories.activations, name, true});
  }
  return rules;
}

/// Equal operators with the same homes inside.
struct NearTask {
  std::uint32_t inside = 0;
  std::vector<std::size_t> operators;
  std::optional<SingleChoice> found;
};

std::vector<NearTask> near_tasks(const Workload& workload, const StackSpace& space) {
  std::map<std::string, std::size_t> known;
  std::vector<NearTask> tasks;
  for (std::size_t i = 0; i < workload.operators.size(); ++i) {
    const Range range{i, i};
    for (const std::uint32_t inside : space.ways_inside(range)) {
      if (!with_boundaries(workload, range, space.homes(range), inside)) continue;
      const auto [at, is_new] =
          known.emplace(fmt::format("{} {}", inside, space.text(range)), tasks.size());
      if (is_new) tasks.push_back({inside, {}, std::nullopt});
      tasks[at->second].operators.push_back(i);
    }
  }
  return tasks;
}

}  // namespace

SingleChoice single_choice(const NetworkProblem& problem, const Layer& layer, std::string words) {
  SingleChoice choice =
      measured(problem, layer.op, *layer.result.tree, *layer.result.evaluation);
  choice.words = std::move(words);
  return choice;
}

std::vector<std::vector<SingleChoice>> near_singles(const NetworkProblem& problem,
                                                    const mapper::Mapper& mapper,
                                                    const Budget& budget,
                                                    const StackMemories& memories,
                                                    const StackSpace& space) {
  std::vector<NearTask> tasks = near_tasks(problem.workload, space);
  tbb::parallel_for(std::size_t{0}, tasks.size(), [&](std::size_t t) {
    if (budget.stopped()) return;
    NearTask& task = tasks[t];
    const std::size_t at = task.operators.front();
    const auto op = static_cast<OperatorId>(at);
    const mapper::Constraints rules =
        with_homes(problem, memories, space.homes({at, at}), task.inside);
    const mapper::MapResult result =
        mapper.map({problem.workload, op, problem.arch, problem.objective, rules}, budget, {});
    if (!result.tree) return;
    task.found = measured(problem, op, *result.tree, *result.evaluation);
    task.found->inside = task.inside;
    task.found->words = fmt::format("{} boundaries kept near", std::popcount(task.inside));
  });
  const auto& all = problem.workload.operators;
  std::vector<std::vector<SingleChoice>> singles(all.size());
  for (const NearTask& task : tasks) {
    if (!task.found) continue;
    const Operator& from = all[static_cast<OperatorId>(task.operators.front())];
    for (const std::size_t at : task.operators) {
      const auto to = static_cast<OperatorId>(at);
      singles[at].push_back(*task.found);
      singles[at].back().tree = mapper::transferred(task.found->tree, from, to, all[to]);
    }
  }
  return singles;
}

}  // namespace tileloom::scheduler::exact
