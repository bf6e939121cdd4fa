#include "shrink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"

namespace tileloom::reference {
namespace {

/// A rank smaller by one, tiles no larger than what encloses them.
RandomCase smaller_rank(RandomCase c, RankId rank) {
  std::int64_t chunk = --c.workload.operators[OperatorId{0}].ranks[index(rank)].extent;
  for (PathNode& node : c.tree.path) {
    Loop* loop = std::get_if<Loop>(&node);
    if (loop == nullptr || loop->rank != rank) continue;
    chunk = loop->tile = std::min(loop->tile, chunk);
  }
  return c;
}

std::vector<RandomCase> simpler(const RandomCase& c) {
  std::vector<RandomCase> all;
  for (const RankId rank : ids<RankId>(c.op().ranks.size())) {
    if (c.op().rank(rank).extent > 1) all.push_back(smaller_rank(c, rank));
  }
  for (std::size_t i = 0; i < c.tree.path.size(); ++i) {
    all.push_back(c);
    all.back().tree.path.erase(all.back().tree.path.begin() + static_cast<std::ptrdiff_t>(i));
    all.push_back(c);
    PathNode& node = all.back().tree.path[i];
    if (Loop* loop = std::get_if<Loop>(&node)) {
      loop->axis.reset();
    } else {
      std::get<Store>(node).keep = Keep::overlap;
    }
  }
  const std::size_t operands = c.op().inputs.size() + 1;
  for (std::size_t i = 0; i < operands; ++i) {
    RandomCase unpadded = c;
    Operator& op = unpadded.workload.operators[OperatorId{0}];
    for (Axis& axis : (i + 1 < operands ? op.inputs[i] : op.output).axes) axis.offset = 0;
    all.push_back(unpadded);
  }
  for (const AxisId axis : ids<AxisId>(c.arch.axes.size())) {
    all.push_back(c);
    all.back().arch.axes[axis].multicast = true;
    all.push_back(c);
    all.back().arch.axes[axis].reduce = true;
  }
  for (const MemoryId memory : ids<MemoryId>(c.arch.memories.size())) {
    all.push_back(c);
    all.back().arch.memories[memory].shared_along.clear();
  }
  return all;
}

bool differ(const RandomCase& a, const RandomCase& b) {
  return a.tree != b.tree || a.arch != b.arch || a.op() != b.op();
}

}  // namespace

std::string describe(const RandomCase& c) {
  std::string text;
  const Operator& op = c.op();
  for (const Rank& rank : op.ranks) text += fmt::format("rank {} {}\n", rank.name, rank.extent);
  for (const Operand* operand : operands(op)) {
    text +=
        fmt::format("{} {}", to_string(operand->role), c.workload.tensors[operand->tensor].name);
    for (const Axis& axis : operand->axes) {
      std::string sum = fmt::format("{}", axis.offset);
      for (const Term& term : axis.terms) {
        sum += fmt::format(" + {}·{}", term.coefficient, op.rank(term.rank).name);
      }
      text += fmt::format(" [{} < {}]", sum, axis.extent);
    }
    text += "\n";
  }
  for (const SpatialAxis& axis : c.arch.axes) {
    text += fmt::format("axis {} of {} below {} memories{}{}\n", axis.name, axis.size, axis.below,
                        axis.multicast ? ", multicast" : "", axis.reduce ? ", reduce" : "");
  }
  for (const Memory& memory : c.arch.memories) {
    for (const AxisId axis : memory.shared_along) {
      text += fmt::format("{} is shared along {}\n", memory.name, c.arch.axes[axis].name);
    }
  }
  return text + print_tree(c.workload, c.arch, c.tree);
}

RandomCase shrink(RandomCase failing, const std::function<bool(const RandomCase&)>& fails) {
  for (bool shrunk = true; shrunk;) {
    shrunk = false;
    for (RandomCase& candidate : simpler(failing)) {
      if (!differ(candidate, failing)) continue;
      if (!check(candidate.workload, candidate.arch, candidate.tree).empty()) continue;
      if (!fails(candidate)) continue;
      failing = std::move(candidate);
      shrunk = true;
      break;
    }
  }
  return failing;
}

}  // namespace tileloom::reference
