#include "tileloom/loop_tree/fused_run.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// First and last index of an axis over the run, not cut to the tensor.
Interval uncut(const Axis& axis, const RankBox& run) {
  Interval all{axis.offset, axis.offset + 1};
  for (const Term& term : axis.terms) {
    const Interval& chunk = run[index(term.rank)];
    all.begin = checked_add(all.begin, checked_mul(term.coefficient, chunk.begin));
    all.end = checked_add(all.end, checked_mul(term.coefficient, chunk.end - 1));
  }
  return all;
}

void move(Operand& operand, const RankBox& run) {
  for (Axis& axis : operand.axes) axis.offset = uncut(axis, run).begin;
}

/// Where an axis begins and how long it is if it is cut to what the run sees of it.
struct CutAxis {
  std::int64_t offset = 0;
  std::int64_t extent = 0;
};

CutAxis cut_to(const Axis& axis, const RankBox& run) {
  const Interval all = uncut(axis, run);
  const std::int64_t begin = std::max<std::int64_t>(all.begin, 0);
  const std::int64_t end = std::min(all.end, axis.extent);
  if (end <= begin) return {all.begin, axis.extent};  // nothing but padding
  return {all.begin - begin, end - begin};
}

void cut(Operand& operand, const RankBox& run) {
  for (Axis& axis : operand.axes) {
    const CutAxis part = cut_to(axis, run);
    axis.offset = part.offset;
    axis.extent = part.extent;
  }
}

template <class Change>
Operator narrowed(const Operator& op, const RankBox& run, const Change& change) {
  Operator part = op;
  for (std::size_t r = 0; r < run.size(); ++r) part.ranks[r].extent = run[r].length();
  for (Operand& input : part.inputs) change(input, run);
  change(part.output, run);
  return part;
}

}  // namespace

Operator restricted(const Operator& op, const RankBox& run) { return narrowed(op, run, move); }
Operator normalised(const Operator& op, const RankBox& run) { return narrowed(op, run, cut); }

std::vector<std::int64_t> run_class(const Operator& op, const RankBox& run) {
  std::vector<std::int64_t> name;
  name.reserve(32);
  for (const Interval& rank : run) name.push_back(rank.length());
  const auto add = [&](const Operand& operand) {
    for (const Axis& axis : operand.axes) {
      const CutAxis part = cut_to(axis, run);
      name.push_back(part.offset);
      name.push_back(part.extent);
    }
  };
  for (const Operand& input : op.inputs) add(input);
  add(op.output);
  return name;
}

std::vector<std::size_t> run_homes(const Workload& workload, const FusedStack& stack,
                                   std::size_t child) {
  const Operator& op = workload.operators[stack.children[child].op];
  std::vector<std::size_t> homes;
  for (std::size_t i = 0; i < stack.path.size(); ++i) {
    const Store* store = std::get_if<Store>(&stack.path[i]);
    if (store == nullptr || find_operand(op, store->tensor) == nullptr) continue;
    std::erase_if(homes, [&](std::size_t home) {
      return std::get<Store>(stack.path[home]).tensor == store->tensor;
    });
    homes.push_back(i);
  }
  return homes;
}

std::vector<PathNode> run_path(const Workload& workload, const FusedStack& stack, std::size_t child,
                               const Operator& restricted) {
  std::vector<PathNode> path;
  for (const std::size_t home : run_homes(workload, stack, child)) {
    path.push_back(stack.path[home]);
  }
  std::vector<std::int64_t> chunk;
  for (const Rank& rank : restricted.ranks) chunk.push_back(rank.extent);
  for (PathNode node : stack.children[child].path) {
    if (Loop* loop = std::get_if<Loop>(&node)) {
      std::int64_t& enclosing = chunk[index(loop->rank)];
      loop->tile = enclosing = std::min(enclosing, loop->tile);
    }
    path.push_back(node);
  }
  return path;
}

}  // namespace tileloom
