#include "tileloom/scheduler/mapped_runs.hpp"

#include <algorithm>

namespace tileloom::scheduler {
namespace {

/// A workload of the one operator, its tensors as it sees them.
Workload only(const Workload& workload, const Operator& part) {
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

/// The Stores name their operands' positions instead of tensors.
std::vector<PathNode> by_position(std::vector<PathNode> path,
                                  const std::vector<const Operand*>& all) {
  for (PathNode& node : path) {
    Store* store = std::get_if<Store>(&node);
    if (store == nullptr) continue;
    const auto at = std::ranges::find(all, store->tensor, &Operand::tensor);
    store->tensor = static_cast<TensorId>(at - all.begin());
  }
  return path;
}

}  // namespace

std::optional<std::vector<PathNode>> MappedRuns::find(
    const std::string& key, const Operator& part, const std::function<Architecture()>& machine) {
  const std::vector<const Operand*> all = operands(part);
  std::optional<std::vector<PathNode>> found;
  bool is_known = false;
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(key);
    is_known = known != known_.end();
    if (is_known) found = known->second;
  }
  if (!is_known) {
    static const mapper::Constraints kNone;
    const Workload one = only(problem_.workload, part);
    const Architecture arch = machine();
    mapper::MapResult result =
        mapper_.map({one, OperatorId{0}, arch, problem_.objective, kNone}, budget_, {});
    if (result.tree) found = by_position(std::move(result.tree->path), all);
    const std::lock_guard lock(mutex_);
    known_.emplace(key, found);
  }
  if (!found) return std::nullopt;
  for (PathNode& node : *found) {
    if (Store* store = std::get_if<Store>(&node)) store->tensor = all[index(store->tensor)]->tensor;
  }
  return found;
}

std::vector<PathNode> loops_over_runs(const Operator& op, OperatorId id, const RankBox& run) {
  std::vector<PathNode> loops;
  for (const RankId rank : ids<RankId>(op.ranks.size())) {
    const std::int64_t length = run[index(rank)].length();
    if (length < op.rank(rank).extent) loops.push_back(Loop{id, rank, length, std::nullopt});
  }
  return loops;
}

}  // namespace tileloom::scheduler
