#include "tileloom/scheduler/exact/assembly.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/loop_tree/check.hpp"

namespace tileloom::scheduler::exact {
namespace {

/// The nodes that are homes lead an operator's path: the first Store of each tensor.
std::size_t leading_homes(const LoopTree& tree) {
  std::vector<TensorId> seen;
  for (const PathNode& node : tree.path) {
    const Store* store = std::get_if<Store>(&node);
    if (store == nullptr || std::ranges::find(seen, store->tensor) != seen.end()) break;
    seen.push_back(store->tensor);
  }
  return seen.size();
}

}  // namespace

void Assembly::add_home(const Store& home) {
  const bool known = std::ranges::any_of(homes_, [&](const PathNode& node) {
    return std::get<Store>(node).tensor == home.tensor;
  });
  if (!known) homes_.emplace_back(home);
}

void Assembly::add_stack(const StackSpace& space, const Range& range, const StackChoice& choice,
                         bool with_detail) {
  StackPart part;
  part.latency = choice.latency;
  part.energy = choice.energy;
  for (std::size_t i = range.first; i <= range.last; ++i)
    part.operators.push_back(static_cast<OperatorId>(i));
  part.tree = *space.tree(range, choice.tiling);
  part.tiling = words(problem_, range, choice.tiling);
  for (const Store& home : space.frames().home_stores(range, choice.tiling.inside)) add_home(home);
  if (with_detail)
    part.fused = cost::evaluate_fused(problem_.workload, problem_.arch,
                                      space.frames().stack(range, part.tree, choice.tiling.inside));
  parts_.push_back(std::move(part));
}

void Assembly::add_single(OperatorId op, const SingleChoice& choice) {
  StackPart part;
  part.latency = choice.latency;
  part.energy = choice.energy;
  part.operators = {op};
  part.tiling = choice.words;
  part.tree = choice.tree;
  std::vector<PathNode>& path = part.tree.path;
  const auto below = path.begin() + static_cast<std::ptrdiff_t>(leading_homes(part.tree));
  for (auto node = path.begin(); node != below; ++node) add_home(std::get<Store>(*node));
  path.erase(path.begin(), below);
  parts_.push_back(std::move(part));
}

LoopTree Assembly::tree() const {
  LoopTree network;
  network.path = homes_;
  Sequence sequence;
  for (const StackPart& part : parts_) sequence.children.push_back(part.tree);
  network.tail = std::move(sequence);
  return network;
}

std::vector<std::string> Assembly::reasons() const {
  std::vector<std::string> reasons;
  for (const Violation& violation : check(problem_.workload, problem_.arch, tree()))
    reasons.push_back(violation.what + ": " + violation.hint);
  return reasons;
}

std::string Assembly::text() const {
  std::string text;
  const auto name = [&](OperatorId op) { return problem_.workload.operators[op].name; };
  for (const StackPart& part : parts_) {
    if (part.tiling.empty()) continue;
    text += name(part.operators.front());
    if (part.operators.size() > 1) text += " .. " + name(part.operators.back());
    text += ": " + part.tiling + "\n";
  }
  return text;
}

}  // namespace tileloom::scheduler::exact
