#include "tileloom/scheduler/exact/run_mapping.hpp"

#include <algorithm>

#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/mapper/canonical.hpp"

namespace tileloom::scheduler::exact {
namespace {

bool holds(const Memory& memory, Role role) { return memory.holds[static_cast<std::size_t>(role)]; }

/// A workload of the one operator, its tensors as it sees them.
Workload single(const Workload& workload, const Operator& part) {
  Workload one;
  one.name = part.name;
  one.tensors = workload.tensors;
  for (const Operand* operand : operands(part)) {
    std::vector<std::int64_t>& shape = one.tensors[operand->tensor].shape;
    shape.clear();
    for (const Axis& axis : operand->axes) shape.push_back(axis.extent);
  }
  one.operators.push_back(part);
  return one;
}

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
  if (!activations || !weights || !all) return std::nullopt;
  return found;
}

RunMapper::RunMapper(const NetworkProblem& problem, const mapper::Mapper& mapper,
                     const Budget& budget, const StackMemories& memories)
    : problem_(problem), mapper_(mapper), budget_(budget), inner_(problem.arch) {
  const MemoryId first = std::min(memories.activations, memories.weights);
  inner_.memories = {};
  for (const MemoryId id : ids<MemoryId>(problem.arch.memories.size())) {
    if (id < first) continue;
    Memory memory = problem.arch.memories[id];
    // What lives there besides the run is counted when the stack is.
    if (id == memories.activations || id == memories.weights) memory.capacity.reset();
    inner_.memories.push_back(std::move(memory));
    outer_.push_back(id);
  }
  for (SpatialAxis& axis : inner_.axes) axis.below -= index(first);
}

std::optional<std::vector<PathNode>> RunMapper::path(OperatorId id, const RankBox& run) {
  const Operator& op = problem_.workload.operators[id];
  const Operator part = normalised(op, run);
  const std::string name = mapper::canonical_text(part);
  std::optional<std::vector<PathNode>> found;
  bool is_known = false;
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(name);
    is_known = known != known_.end();
    if (is_known) found = known->second;
  }
  const Workload one = single(problem_.workload, part);
  if (!is_known) {
    static const mapper::Constraints kNone;
    const mapper::MapResult result =
        mapper_.map({one, OperatorId{0}, inner_, problem_.objective, kNone}, budget_, {});
    if (result.tree) found = result.tree->path;
    // The first to know it says which tensors its nodes name: those of `op` by position.
    if (found) {
      for (PathNode& node : *found) {
        Store* store = std::get_if<Store>(&node);
        if (store == nullptr) continue;
        const std::vector<const Operand*> all = operands(part);
        const auto at = std::ranges::find(all, store->tensor, &Operand::tensor);
        store->tensor = static_cast<TensorId>(at - all.begin());
      }
    }
    const std::lock_guard lock(mutex_);
    known_.emplace(name, found);
  }
  if (!found) return std::nullopt;
  for (PathNode& node : *found) {
    if (Store* store = std::get_if<Store>(&node)) {
      store->tensor = operands(part)[index(store->tensor)]->tensor;
    }
  }
  std::vector<PathNode> path;
  for (const RankId rank : ids<RankId>(op.ranks.size())) {
    const std::int64_t length = run[index(rank)].length();
    if (length < op.rank(rank).extent) path.push_back(Loop{id, rank, length, std::nullopt});
  }
  const std::vector<PathNode> rest = below_homes(*found, id, outer_);
  path.insert(path.end(), rest.begin(), rest.end());
  return path;
}

}  // namespace tileloom::scheduler::exact
