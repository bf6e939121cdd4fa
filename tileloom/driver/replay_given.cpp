#include "tileloom/driver/replay_given.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tileloom/cost/fused_evaluate.hpp"
#include "tileloom/driver/given_stacks.hpp"
#include "tileloom/loop_tree/own_path.hpp"
#include "tileloom/reference/interpret_tree.hpp"
#include "tileloom/reference/replay_tree.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::driver {
namespace {

using report::PartReplay;
using report::ReplayedFigure;

constexpr std::int64_t kMostPoints = 20'000'000;
/// Elements of a stack's tensors, once per iteration: what its execution marks.
constexpr std::int64_t kMostMarks = 100'000'000;
/// Elements of tensors: each has a few copies of 8 bytes.
constexpr std::int64_t kMostHeld = 50'000'000;

/// What the cost model says of one part.
struct PartModel {
  Cycles latency{};
  std::int64_t points = 0;
  std::int64_t marks = 0;
  std::vector<cost::PortTime> ports;
  std::vector<cost::Occupancy> occupancy;
};

PartModel model_of(const Workload& workload, const Architecture& arch, const FusedStack& stack) {
  cost::FusedEvaluation cost = cost::evaluate_fused(workload, arch, stack);
  PartModel model;
  model.latency = cost.latency;
  for (const cost::FusedChild& child : cost.children) model.points += child.counts.points;
  for (const StackTensor& tensor : stack_tensors(workload, stack))
    model.marks += elements(workload.tensors[tensor.tensor]) * cost.iterations;
  model.ports = std::move(cost.ports);
  model.occupancy = std::move(cost.occupancy);
  return model;
}

PartModel model_of(const Operator& op, const Architecture& arch, const std::vector<PathNode>& path,
                   cost::LatencyModel latency) {
  cost::Evaluation cost = cost::evaluate(op, arch, path, latency);
  PartModel model;
  model.latency = cost.latency.total;
  model.points = points(op);
  model.ports = std::move(cost.latency.ports);
  model.occupancy = std::move(cost.occupancy);
  return model;
}

std::vector<PartModel> models_of(const Workload& workload, const Architecture& arch,
                                 const TreeParts& tree, cost::LatencyModel latency) {
  std::vector<PartModel> models;
  for (const LoopTree& part : tree.parts) {
    if (is_fused(part)) {
      models.push_back(model_of(workload, arch, fused_stack(workload, part, tree.homes)));
      continue;
    }
    const OperatorId op = std::get<ComputeLeaf>(part.tail).op;
    models.push_back(model_of(workload.operators[op], arch,
                              own_path(workload, tree.homes, {op, part.path}), latency));
  }
  return models;
}

/// Tensors that the tree's operators touch, each once.
std::set<TensorId> touched(const Workload& workload, const LoopTree& tree) {
  std::set<TensorId> found;
  for (const LeafPath& leaf : leaf_paths(tree)) {
    for (const Operand* operand : operands(workload.operators[leaf.op]))
      found.insert(operand->tensor);
  }
  return found;
}

Result<void> small_enough(const std::vector<PartModel>& models, std::int64_t held) {
  std::int64_t points = 0;
  std::int64_t marks = 0;
  for (const PartModel& model : models) {
    points += model.points;
    marks += model.marks;
  }
  if (points <= kMostPoints && marks <= kMostMarks && held <= kMostHeld) return {};
  return mistake({},
                 fmt::format("the mapping is too large to be executed: {} points (at most {}), {} "
                             "elements of stacks over all their tiles (at most {}), {} elements of "
                             "tensors (at most {})",
                             points, kMostPoints, marks, kMostMarks, held, kMostHeld),
                 "leave out --replay, or try the schedule on a smaller network of the same kind");
}

ReplayedFigure figure(MemoryId memory, std::string what, double model, double executed) {
  const bool agrees = std::abs(executed - model) <= 1e-6 * std::abs(model);
  return {memory, std::move(what), model, executed, agrees};
}

PartReplay compared(const PartModel& model, const reference::ReplayedPart& run,
                    cost::LatencyModel latency) {
  PartReplay part;
  part.operators = run.operators;
  part.model = model.latency;
  part.executed = run.cycles;
  // (L1) to (L3) round up, of a stack once per child.
  const auto rounded = static_cast<double>(run.operators.size());
  part.time_agrees = latency == cost::LatencyModel::stalling ||
                     run.cycles >= static_cast<double>(model.latency.value) - rounded;
  for (const cost::PortTime& port : model.ports) {
    const auto at = run.bits.find({port.memory, port.kind});
    part.figures.push_back(figure(port.memory, to_string(port.kind), port.bits,
                                  at == run.bits.end() ? 0 : at->second));
  }
  for (const cost::Occupancy& at : model.occupancy) {
    const auto peak = run.peaks.find(at.memory);
    part.figures.push_back(
        figure(at.memory, "peak", static_cast<double>(at.used.value),
               peak == run.peaks.end() ? 0 : static_cast<double>(peak->second)));
  }
  return part;
}

/// Tensors that the parts leave behind: all but what lives inside a stack only.
std::vector<TensorId> left_behind(const Workload& workload, const TreeParts& tree) {
  std::vector<TensorId> left;
  for (const LoopTree& part : tree.parts) {
    if (!is_fused(part)) {
      left.push_back(workload.operators[std::get<ComputeLeaf>(part.tail).op].output.tensor);
      continue;
    }
    for (const StackTensor& at :
         stack_tensors(workload, fused_stack(workload, part, tree.homes))) {
      if (at.role == StackRole::result || at.used_outside) left.push_back(at.tensor);
    }
  }
  return left;
}

/// What the operators of the tree, which need not be all there are, make of the values.
reference::TensorValues truth_of(const Workload& workload, const LoopTree& tree,
                                 const reference::TensorValues& values) {
  Workload mine = workload;
  mine.operators = {};
  const std::vector<LeafPath> leaves = leaf_paths(tree);
  for (const OperatorId op : ids<OperatorId>(workload.operators.size())) {
    if (std::ranges::find(leaves, op, &LeafPath::op) != leaves.end())
      mine.operators.push_back(workload.operators[op]);
  }
  return reference::evaluate_workload(mine, values);
}

}  // namespace

bool same_result(double right, double got, double largest) {
  if (std::isnan(right) || std::isnan(got)) return std::isnan(right) && std::isnan(got);
  if (std::isinf(right) || std::isinf(got)) return right == got;
  return std::abs(right - got) <= 1e-9 * (1 + std::max(std::abs(right), largest));
}

Result<report::ReplayReport> replay_given(const Workload& workload, const Architecture& arch,
                                          const LoopTree& tree, cost::LatencyModel model) {
  const TreeParts all = tree_parts(tree);
  const std::vector<PartModel> models = models_of(workload, arch, all, model);
  std::int64_t held = 0;
  for (const TensorId tensor : touched(workload, tree))
    held = checked_add(held, elements(workload.tensors[tensor]));
  if (const Result<void> small = small_enough(models, held); !small)
    return tl::unexpected(small.error());
  reference::TensorValues values;
  for (const TensorId tensor : touched(workload, tree)) {
    std::vector<double>& of = values[tensor];
    for (std::int64_t i = 0; i < elements(workload.tensors[tensor]); ++i)
      of.push_back(reference::sample_value(tensor, i));
  }
  const reference::TensorValues truth = truth_of(workload, tree, values);
  const reference::TreeReplay run =
      reference::replay_tree(workload, arch, all.homes, all.parts, model, values);
  report::ReplayReport found;
  for (std::size_t i = 0; i < models.size(); ++i)
    found.parts.push_back(compared(models[i], run.parts[i], model));
  for (const TensorId tensor : left_behind(workload, all)) {
    const std::vector<double>& right = truth.at(tensor);
    const std::vector<double>& got = run.tensors.at(tensor);
    double largest = 0;
    for (const double value : right)
      if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < right.size(); ++i)
      found.wrong += same_result(right[i], got[i], largest) ? 0 : 1;
    found.elements += static_cast<std::int64_t>(right.size());
  }
  return found;
}

}  // namespace tileloom::driver
