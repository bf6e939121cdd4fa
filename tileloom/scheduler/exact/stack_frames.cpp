#include "tileloom/scheduler/exact/stack_frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_rules.hpp"
#include "tileloom/mapper/canonical.hpp"

namespace tileloom::scheduler::exact {

FusedStack StackFrames::bare(const Range& range) const {
  FusedStack stack;
  for (std::size_t i = range.first; i <= range.last; ++i) {
    stack.children.push_back({static_cast<OperatorId>(i), {}});
  }
  return stack;
}

const StackFrames::RangeTensors& StackFrames::known(const Range& range) const {
  const std::pair<std::size_t, std::size_t> ends{range.first, range.last};
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = tensors_.find(ends); at != tensors_.end()) return at->second;
  }
  RangeTensors found = find_tensors(range);
  const std::lock_guard lock(mutex_);
  return tensors_.emplace(ends, std::move(found)).first->second;
}

bool StackFrames::is_weight(const Range& range, TensorId tensor) const {
  for (std::size_t i = range.first; i <= range.last; ++i) {
    const Operand* operand =
        find_operand(problem_.workload.operators[static_cast<OperatorId>(i)], tensor);
    if (operand != nullptr) return operand->role == Role::weight;
  }
  return false;
}

StackFrames::RangeTensors StackFrames::find_tensors(const Range& range) const {
  RangeTensors found;
  found.all = stack_tensors(problem_.workload, bare(range));
  for (const StackTensor& tensor : found.all) {
    const bool all_weigh = std::ranges::all_of(tensor.readers, [&](std::size_t child) {
      const auto op = static_cast<OperatorId>(range.first + child);
      return find_operand(problem_.workload.operators[op], tensor.tensor)->role == Role::weight;
    });
    if (tensor.role == StackRole::external && all_weigh && memories_.weights != memories_.home)
      found.weights.push_back(tensor.tensor);
    if (tensor.role != StackRole::internal || tensor.used_outside)
      found.homes.push_back(tensor.tensor);
  }
  std::ranges::stable_sort(found.weights, std::greater<>{},
                           [&](TensorId id) { return elements(problem_.workload.tensors[id]); });
  if (found.weights.size() > kMostWeights) found.weights.resize(kMostWeights);
  return found;
}

FusedStack StackFrames::stack(const Range& range, const LoopTree& tree,
                              std::uint32_t inside) const {
  std::vector<PathNode> above;
  for (const Store& home : home_stores(range, inside)) above.push_back(home);
  return fused_stack(problem_.workload, tree, above);
}

/// With smaller tiles, what no tile needs need not be computed: a tiling is legal or not. Memories
/// must hold what a tensor is to each of its operators (a product of two activations reads one of
/// them as weights).
bool StackFrames::is_legal(const Range& range, const LoopTree& tree, std::uint32_t inside) const {
  const FusedStack whole = stack(range, tree, inside);
  for (const PathNode& node : whole.path) {
    const Store* store = std::get_if<Store>(&node);
    if (store == nullptr) continue;
    const auto& holds = problem_.arch.memories[store->memory].holds;
    for (std::size_t i = range.first; i <= range.last; ++i) {
      const Operand* operand =
          find_operand(problem_.workload.operators[static_cast<OperatorId>(i)], store->tensor);
      if (operand != nullptr && !holds[static_cast<std::size_t>(operand->role)]) return false;
    }
  }
  return broken_stack_rules(problem_.workload, problem_.arch, tree, whole).empty();
}

bool StackFrames::is_legal(const Range& range, const Tiling& tiling) const {
  const Operator& driver = problem_.workload.operators[static_cast<OperatorId>(range.last)];
  Tiling whole = tiling;
  for (TileLoop& loop : whole.loops) loop.tile = driver.rank(loop.rank).extent;
  return is_legal(range, frame(range, whole), tiling.inside);
}

bool StackFrames::is_complete(const FusedPlan& planned) const {
  for (std::size_t t = 0; t < planned.tensors.size(); ++t) {
    const StackTensor& at = planned.tensors[t];
    if (at.role != StackRole::internal || !at.used_outside) continue;
    Region needed;
    for (const Box& need : planned.need[t]) needed = united(needed, need);
    if (needed.size() != elements(problem_.workload.tensors[at.tensor])) return false;
  }
  return true;
}

std::string StackFrames::text(const Range& range) const {
  std::string text;
  const std::vector<StackTensor>& all = tensors(range);
  for (std::size_t i = range.first; i <= range.last; ++i) {
    const Operator& op = problem_.workload.operators[static_cast<OperatorId>(i)];
    text += mapper::canonical_text(op) + "|";
    for (const Operand* operand : operands(op)) {
      const auto at = std::ranges::find(all, operand->tensor, &StackTensor::tensor);
      text += fmt::format("{}{}{} ", at - all.begin(), at->used_outside ? "o" : "",
                          static_cast<int>(at->role));
    }
  }
  return text;
}

}  // namespace tileloom::scheduler::exact
