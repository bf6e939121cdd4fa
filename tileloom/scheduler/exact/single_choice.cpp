#include "tileloom/scheduler/exact/single_choice.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <map>

#include "tileloom/cost/dispatch.hpp"
#include "tileloom/mapper/canonical.hpp"
#include "tileloom/scheduler/exact/boundaries.hpp"
#include "tileloom/support/checked.hpp"

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

const cost::Occupancy& used_of(const cost::Evaluation& evaluation, MemoryId memory) {
  return *std::ranges::find(evaluation.occupancy, memory, &cost::Occupancy::memory);
}

/// Bits of the homes `inside` as the mapping counts them: the boxes that the operator touches.
std::int64_t touched_bits(const cost::Occupancy& occupancy, const std::vector<TensorId>& homes,
                          std::uint32_t inside) {
  std::int64_t bits = 0;
  for (const cost::BufferSize& buffer : occupancy.buffers) {
    const auto place =
        static_cast<std::size_t>(std::ranges::find(homes, buffer.tensor) - homes.begin());
    if (place < 32 && (inside >> place & 1U) != 0) bits = checked_add(bits, buffer.bits.value);
  }
  return bits;
}

/// Equal operators with the same homes inside.
struct NearTask {
  std::uint32_t inside = 0;
  std::vector<std::size_t> operators;
  std::optional<SingleChoice> found;
  cost::Occupancy occupancy;  ///< of the memory of activations
  std::int64_t touched = 0;   ///< of it, of the homes inside
};

std::vector<NearTask> near_tasks(const Workload& workload, const StackSpace& space) {
  std::map<std::string, std::size_t> known;
  std::vector<NearTask> tasks;
  for (std::size_t i = 0; i < workload.operators.size(); ++i) {
    const Range range{i, i};
    for (const std::uint32_t inside : space.frames().ways_inside(range)) {
      if (!with_boundaries(workload, range, space.frames().homes(range), inside)) continue;
      const auto [at, is_new] =
          known.emplace(fmt::format("{} {}", inside, space.frames().text(range)), tasks.size());
      if (is_new) tasks.push_back({.inside = inside});
      tasks[at->second].operators.push_back(i);
    }
  }
  return tasks;
}

}  // namespace

SingleChoice single_choice(const NetworkProblem& problem, const Layer& layer, std::string words) {
  SingleChoice choice = measured(problem, layer.op, *layer.result.tree, *layer.result.evaluation);
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
        with_homes(problem, memories, space.frames().homes({at, at}), task.inside);
    const mapper::MapResult result =
        mapper.map({problem.workload, op, problem.arch, problem.objective, rules}, budget, {});
    if (!result.tree) return;
    task.found = measured(problem, op, *result.tree, *result.evaluation);
    task.found->inside = task.inside;
    task.occupancy = used_of(*result.evaluation, memories.activations);
    task.touched = touched_bits(task.occupancy, space.frames().homes({at, at}), task.inside);
    task.found->words = fmt::format("{} boundaries kept near", std::popcount(task.inside));
  });
  const auto& all = problem.workload.operators;
  std::vector<std::vector<SingleChoice>> singles(all.size());
  for (const NearTask& task : tasks) {
    if (!task.found) continue;
    const Operator& from = all[static_cast<OperatorId>(task.operators.front())];
    for (const std::size_t at : task.operators) {
      const auto to = static_cast<OperatorId>(at);
      // A home holds its tensor whole.
      const std::int64_t unseen =
          std::max<std::int64_t>(
              0, space.frames().bits_inside({at, at}, task.inside) - task.touched);
      const std::int64_t used = checked_add(task.occupancy.used.value, unseen);
      if (task.occupancy.capacity && used > task.occupancy.capacity->value) continue;
      singles[at].push_back(*task.found);
      singles[at].back().inner_bits = checked_add(task.found->inner_bits, unseen);
      singles[at].back().tree = mapper::transferred(task.found->tree, from, to, all[to]);
    }
  }
  return singles;
}

}  // namespace tileloom::scheduler::exact
