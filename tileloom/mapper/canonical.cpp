#include "tileloom/mapper/canonical.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tileloom::mapper {
namespace {

/// Position of the first operand that is the same tensor.
std::size_t first_use(const std::vector<const Operand*>& all, TensorId tensor) {
  const auto same = [&](const Operand* operand) { return operand->tensor == tensor; };
  return static_cast<std::size_t>(std::ranges::find_if(all, same) - all.begin());
}

void append(std::string& text, const Operand& operand, std::size_t tensor) {
  fmt::format_to(std::back_inserter(text), "operand {} {} {}/{}", tensor, to_string(operand.role),
                 operand.bits, operand.partial_bits);
  for (const Axis& axis : operand.axes) {
    fmt::format_to(std::back_inserter(text), " [{}:{}", axis.offset, axis.extent);
    for (const Term& term : axis.terms) {
      fmt::format_to(std::back_inserter(text), " {}*{}", term.coefficient, index(term.rank));
    }
    text += "]";
  }
  text += "\n";
}

std::string site_text(const Site& site) {
  return site.index() == 0 ? fmt::format("memory {}", index(std::get<MemoryId>(site)))
                           : fmt::format("axis {}", index(std::get<AxisId>(site)));
}

std::string constraints_text(const Constraints& constraints) {
  std::string text;
  for (const LoopRule& rule : constraints.loops) {
    text += fmt::format("loop {} {} {}..{}\n", site_text(rule.site), rule.rank, rule.trips.least,
                        rule.trips.most);
  }
  for (const TileRule& rule : constraints.tiles) {
    text += fmt::format("tile {} {} {}..{}\n", index(rule.memory), rule.rank, rule.tile.least,
                        rule.tile.most);
  }
  for (const OnlyRule& rule : constraints.only) {
    text += fmt::format("only {} {}\n", site_text(rule.site), fmt::join(rule.ranks, " "));
  }
  for (const StoreRule& rule : constraints.stores) {
    const std::string tensor = rule.tensor.index() == 0
                                   ? "role " + to_string(std::get<Role>(rule.tensor))
                                   : "tensor " + std::get<std::string>(rule.tensor);
    text += fmt::format("store {} {} {}\n", index(rule.memory), tensor, rule.stored);
  }
  for (const OrderRule& rule : constraints.orders) {
    text += fmt::format("order {} {}\n", index(rule.memory), fmt::join(rule.ranks, " "));
  }
  return text;
}

}  // namespace

std::string canonical_text(const Operator& op) {
  std::string text = fmt::format("point {} reduction {} ranks", static_cast<int>(op.function),
                                 static_cast<int>(op.reduction));
  for (const Rank& rank : op.ranks) fmt::format_to(std::back_inserter(text), " {}", rank.extent);
  text += "\n";
  const std::vector<const Operand*> all = operands(op);
  for (const Operand* operand : all) append(text, *operand, first_use(all, operand->tensor));
  return text;
}

std::string problem_text(const Problem& problem) {
  const Operator& op = problem.workload.operators[problem.op];
  std::string text = canonical_text(op);
  if (problem.constraints.empty()) return text;
  text += "names";
  for (const Rank& rank : op.ranks) text += " " + rank.name;
  for (const Operand* operand : operands(op)) {
    text += " " + problem.workload.tensors[operand->tensor].name;
  }
  return text + "\n" + constraints_text(problem.constraints);
}

LoopTree transferred(const LoopTree& tree, const Operator& from, OperatorId to_id,
                     const Operator& to) {
  const std::vector<const Operand*> old_operands = operands(from);
  const std::vector<const Operand*> new_operands = operands(to);
  LoopTree result = tree;
  for (PathNode& node : result.path) {
    if (Loop* loop = std::get_if<Loop>(&node)) {
      loop->op = to_id;
    } else {
      Store& store = std::get<Store>(node);
      store.tensor = new_operands[first_use(old_operands, store.tensor)]->tensor;
    }
  }
  result.tail = ComputeLeaf{to_id};
  return result;
}

}  // namespace tileloom::mapper
