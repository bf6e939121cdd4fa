#include "tileloom/scheduler/exact/run_mapping.hpp"

#include <algorithm>
#include <array>

#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/mapper/canonical.hpp"

namespace tileloom::scheduler::exact {
namespace {

bool holds(const Memory& memory, Role role) { return memory.holds[static_cast<std::size_t>(role)]; }

/// The path without the homes that lead it, its loops of operator `op`.
std::vector<PathNode> below_homes(const std::vector<PathNode>& path, OperatorId op,
                                  const std::vector<MemoryId>& outer) {
  std::vector<PathNode> rest;
  std::vector<TensorId> seen;
  for (PathNode node : path) {
    if (Store* store = std::get_if<Store>(&node)) {
      if (std::ranges::find(seen, store->tensor) == seen.end()) {
        seen.push_back(store->tensor);
        continue;
      }
      store->memory = outer[index(store->memory)];
    } else {
      std::get<Loop>(node).op = op;
    }
    rest.push_back(node);
  }
  return rest;
}

}  // namespace

std::optional<StackMemories> stack_memories(const Architecture& arch) {
  StackMemories found;
  bool activations = false;
  bool weights = false;
  for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
    if (id == found.home || instances(arch, id) > 1) continue;
    const Memory& memory = arch.memories[id];
    if (!activations && holds(memory, Role::input) && holds(memory, Role::output)) {
      found.activations = id;
      activations = true;
    }
    if (!weights && holds(memory, Role::weight)) {
      found.weights = id;
      weights = true;
    }
  }
  const Memory& home = arch.memories[found.home];
  const bool all =
      holds(home, Role::input) && holds(home, Role::weight) && holds(home, Role::output);
  if (!activations || !all) return std::nullopt;
  return found;
}

RunMapper::RunMapper(const NetworkProblem& problem, const mapper::Mapper& mapper,
                     const Budget& budget, const StackMemories& memories)
    : problem_(problem), runs_(problem, mapper, budget), inner_(problem.arch) {
  const bool weights_at_home = memories.weights == memories.home;
  const MemoryId first =
      weights_at_home ? memories.activations : std::min(memories.activations, memories.weights);
  inner_.memories = {};
  for (const MemoryId id : ids<MemoryId>(problem.arch.memories.size())) {
    if (id < first && id != memories.weights) continue;
    Memory memory = problem.arch.memories[id];
    if (id == memories.home) {  // weights' only
      memory.holds = {};
      memory.holds[static_cast<std::size_t>(Role::weight)] = true;
    }
    // What lives there besides the run is counted when the stack is.
    if (id == memories.activations || id == memories.weights) memory.capacity.reset();
    inner_.memories.push_back(std::move(memory));
    outer_.push_back(id);
  }
  for (SpatialAxis& axis : inner_.axes) {
    axis.below = static_cast<std::size_t>(
        std::ranges::count_if(outer_, [&](MemoryId id) { return index(id) < axis.below; }));
  }
}

std::optional<std::vector<PathNode>> RunMapper::path(OperatorId id, const RankBox& run) {
  const Operator& op = problem_.workload.operators[id];
  const Operator part = normalised(op, run);
  const auto found = runs_.find(mapper::canonical_text(part), part, [&] { return inner_; });
  if (!found) return std::nullopt;
  std::vector<PathNode> path = loops_over_runs(op, id, run);
  const std::vector<PathNode> rest = below_homes(*found, id, outer_);
  path.insert(path.end(), rest.begin(), rest.end());
  return path;
}

bool RunMapper::homes_are(MemoryId activations) const {
  return std::ranges::all_of(std::array{Role::input, Role::output}, [&](Role role) {
    const auto home = std::ranges::find_if(
        inner_.memories, [&](const Memory& memory) { return holds(memory, role); });
    return home != inner_.memories.end() &&
           outer_[static_cast<std::size_t>(home - inner_.memories.begin())] == activations;
  });
}

}  // namespace tileloom::scheduler::exact
