#include "tileloom/scheduler/fused_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/mapper/canonical.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler {
namespace {

/// The homes that lead a path of one operator: the first Store of each tensor before any loop.
std::size_t leading_homes(const std::vector<PathNode>& path) {
  std::set<TensorId> seen;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Store* store = std::get_if<Store>(&path[i]);
    if (store == nullptr || !seen.insert(store->tensor).second) return i;
  }
  return path.size();
}

std::int64_t bits_of(const Operand& operand) {
  return checked_mul(elements(operand), std::max(operand.bits, operand.partial_bits));
}

}  // namespace

std::optional<RankBox> most_frequent_run(const FusedPlan& plan, std::size_t child) {
  std::map<std::vector<std::int64_t>, std::pair<std::size_t, const RankBox*>> lengths;
  const RankBox* best = nullptr;
  std::size_t most = 0;
  for (const std::vector<RankBox>& runs : plan.runs[child]) {
    for (const RankBox& run : runs) {
      std::vector<std::int64_t> key;
      for (const Interval& rank : run) key.push_back(rank.length());
      auto& [count, example] = lengths.try_emplace(std::move(key), 0, &run).first->second;
      if (++count <= most) continue;
      most = count;
      best = example;
    }
  }
  return best == nullptr ? std::nullopt : std::optional(*best);
}

/// The machine below the homes: a role is held from its outermost home on, and memories where
/// others live are as large as the room left.
Architecture PlacedRunMapper::inner(const Operator& part, const RunPlace& place) const {
  Architecture arch = problem_.arch;
  std::array<std::size_t, kRoles> outermost;
  outermost.fill(arch.memories.size());
  for (const Operand* operand : operands(part)) {
    std::size_t& home = outermost.at(static_cast<std::size_t>(operand->role));
    home = std::min(home, index(place.homes.at(operand->tensor)));
  }
  for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
    Memory& memory = arch.memories[id];
    for (std::size_t role = 0; role < kRoles; ++role)
      if (index(id) < outermost.at(role) && outermost.at(role) < arch.memories.size())
        memory.holds.at(role) = false;
    if (const auto room = place.room.find(id); room != place.room.end() && memory.capacity) {
      std::int64_t own = 0;
      for (const Operand* operand : operands(part))
        if (place.homes.at(operand->tensor) == id) own = checked_add(own, bits_of(*operand));
      if (memory.double_buffered) own = checked_mul(own, 2);
      memory.capacity = Bits{checked_add(std::max<std::int64_t>(0, room->second), own)};
    }
  }
  return arch;
}

std::optional<std::vector<PathNode>> PlacedRunMapper::path(OperatorId id, const RankBox& run,
                                                           const RunPlace& place) {
  const Operator& op = problem_.workload.operators[id];
  const Operator part = normalised(op, run);
  std::string key = mapper::canonical_text(part);
  for (const Operand* operand : operands(part))
    key += fmt::format(" {}", index(place.homes.at(operand->tensor)));
  for (const auto& [memory, room] : place.room) key += fmt::format(" {}:{}", index(memory), room);
  const auto found = runs_.find(key, part, [&] { return inner(part, place); });
  if (!found) return std::nullopt;
  std::vector<PathNode> path = loops_over_runs(op, id, run);
  for (std::size_t i = leading_homes(*found); i < found->size(); ++i) {
    PathNode node = (*found)[i];
    if (const Store* store = std::get_if<Store>(&node)) {
      if (store->memory <= place.homes.at(store->tensor)) continue;
    } else {
      std::get<Loop>(node).op = id;
    }
    path.push_back(node);
  }
  return path;
}

StackPart part_alone(const Schedule& layer_by_layer, OperatorId op) {
  const Layer& layer = layer_by_layer.layers[index(op)];
  StackPart part;
  part.operators = {op};
  part.tree = *layer.result.tree;
  part.tree.path.erase(
      part.tree.path.begin(),
      part.tree.path.begin() + static_cast<std::ptrdiff_t>(leading_homes(part.tree.path)));
  part.latency = layer.result.evaluation->latency.total + layer.dispatch;
  part.energy = layer.result.evaluation->energy;
  return part;
}

LoopTree tree_of(const Workload& workload, const Schedule& layer_by_layer,
                 const std::vector<StackPart>& parts) {
  LoopTree network;
  Sequence sequence;
  std::set<TensorId> known;
  const auto add_home = [&](const Store& home) {
    if (known.insert(home.tensor).second) network.path.push_back(home);
  };
  for (const StackPart& part : parts) {
    if (part.fused) {
      for (const StackTensor& tensor :
           stack_tensors(workload, fused_stack(workload, part.tree, {})))
        if (tensor.role != StackRole::internal || tensor.used_outside)
          add_home({tensor.tensor, MemoryId{0}, Keep::overlap});
    } else {
      const LoopTree& whole = *layer_by_layer.layers[index(part.operators.front())].result.tree;
      for (std::size_t i = 0; i < leading_homes(whole.path); ++i)
        add_home(std::get<Store>(whole.path[i]));
    }
    sequence.children.push_back(part.tree);
  }
  network.tail = std::move(sequence);
  return network;
}

void close_schedule(FusedSchedule& schedule, const NetworkProblem& problem) {
  for (const StackPart& part : schedule.parts) {
    schedule.latency.value = checked_add(schedule.latency.value, part.latency.value);
    schedule.energy += part.energy;
  }
  if (schedule.parts.empty()) return;
  schedule.tree = tree_of(problem.workload, schedule.layer_by_layer, schedule.parts);
  for (const Violation& violation : check(problem.workload, problem.arch, *schedule.tree)) {
    schedule.reasons.push_back(violation.what + ": " + violation.hint);
    schedule.proof = Proof::infeasible;
  }
}

}  // namespace tileloom::scheduler
