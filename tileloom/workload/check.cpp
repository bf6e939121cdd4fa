#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "tileloom/support/checked.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom {
namespace {

/// Collects violations of one operator.
struct Findings {
  const Operator& op;
  const Where& where;
  Diagnostics list;

  void add(const std::string& what, std::string hint) {
    list.push_back({where, fmt::format("operator '{}': {}", op.name, what), std::move(hint)});
  }
  /// Runs `count`; a result beyond 64 bits is a violation.
  void fits(const std::string& what, const std::function<void()>& count) {
    try {
      count();
    } catch (const OverflowError&) {
      add(what + " does not fit into 64 bits", "use smaller sizes");
    }
  }
};

std::string label(const Operator& op, std::size_t i) {
  return i < op.inputs.size() ? fmt::format("input {}", i) : std::string("output");
}

void check_ranks(Findings& found) {
  std::unordered_set<std::string> names;
  if (found.op.ranks.size() > 0xffff) found.add("has more than 65535 ranks", "use fewer ranks");
  for (const Rank& rank : found.op.ranks) {
    if (rank.name.empty()) found.add("a rank has no name", "name it");
    if (!names.insert(rank.name).second) {
      found.add(fmt::format("two ranks are named '{}'", rank.name), "rename one of them");
    }
    if (rank.extent < 1) {
      found.add(fmt::format("rank '{}' has extent {}, must be at least 1", rank.name, rank.extent),
                "correct the extent");
    }
  }
}

void check_axis(Findings& found, const std::string& place, const Axis& axis,
                std::vector<bool>& seen) {
  const Operator& op = found.op;
  if (axis.extent < 1) {
    found.add(fmt::format("{} has extent {}, must be at least 1", place, axis.extent),
              "correct the extent");
  }
  for (const Term& term : axis.terms) {
    if (index(term.rank) >= op.ranks.size()) {
      found.add(fmt::format("{} uses rank {}, there are only {}", place, index(term.rank),
                            op.ranks.size()),
                "use a rank of the operator");
      continue;
    }
    const Rank& rank = op.rank(term.rank);
    if (term.coefficient < 1) {
      found.add(fmt::format("{} has coefficient {} for rank '{}', must be at least 1", place,
                            term.coefficient, rank.name),
                "correct the coefficient");
    }
    if (seen[index(term.rank)]) {
      found.add(
          fmt::format("{} uses rank '{}', which the operand has already used", place, rank.name),
          "a rank may occur once in an operand");
    }
    seen[index(term.rank)] = true;
  }
  found.fits("an index of " + place, [&] {
    std::int64_t last = axis.offset;
    for (const Term& term : axis.terms) {
      if (index(term.rank) >= op.ranks.size()) continue;
      const std::int64_t steps = std::max<std::int64_t>(op.rank(term.rank).extent - 1, 0);
      last = checked_add(last, checked_mul(term.coefficient, steps));
    }
  });
}

void check_operands(Findings& found) {
  const Operator& op = found.op;
  const std::vector<const Operand*> all = operands(op);
  std::vector<bool> used(op.ranks.size(), false);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Operand& operand = *all[i];
    std::vector<bool> seen(op.ranks.size(), false);
    for (std::size_t a = 0; a < operand.axes.size(); ++a) {
      check_axis(found, fmt::format("axis {} of {}", a, label(op, i)), operand.axes[a], seen);
    }
    for (std::size_t r = 0; r < seen.size(); ++r) used[r] = used[r] || seen[r];
    if (operand.bits < 1 || operand.partial_bits < 1) {
      found.add(fmt::format("{} has elements of {} bits and partial sums of {}, must be at least 1",
                            label(op, i), operand.bits, operand.partial_bits),
                "correct the widths");
    }
    if ((operand.role == Role::output) != (&operand == &op.output)) {
      found.add(fmt::format("{} has the role {}", label(op, i), to_string(operand.role)),
                "inputs are input or weight, the output is output");
    }
    found.fits("the size of " + label(op, i), [&] {
      checked_mul(elements(operand), std::max(operand.bits, operand.partial_bits));
    });
    for (std::size_t j = 0; j < i; ++j) {
      if (all[j]->tensor == operand.tensor) {
        found.add(fmt::format("{} and {} are the same tensor", label(op, j), label(op, i)),
                  "copy it first");
      }
    }
  }
  for (std::size_t r = 0; r < used.size(); ++r) {
    if (!used[r]) {
      found.add(fmt::format("rank '{}' is used by no operand", op.ranks[r].name), "remove it");
    }
  }
}

void check_function(Findings& found) {
  const std::size_t inputs = found.op.inputs.size();
  const auto needs = [&](bool holds, const char* what) {
    if (!holds) found.add(fmt::format("has {} inputs, {}", inputs, what), "correct the inputs");
  };
  switch (found.op.function) {
    case PointFunction::copy:
    case PointFunction::activation:
      return needs(inputs == 1, "a copy or an activation has one");
    case PointFunction::subtract:
    case PointFunction::divide:
      return needs(inputs == 2, "a difference or a quotient has two");
    case PointFunction::multiply:
    case PointFunction::add:
    case PointFunction::maximum:
    case PointFunction::minimum:
      return needs(inputs >= 1, "needs at least one");
  }
}

/// Every operand's view against its tensor.
void check_views(Findings& found, const Workload& workload) {
  const std::vector<const Operand*> all = operands(found.op);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (index(all[i]->tensor) >= workload.tensors.size()) {
      found.add(fmt::format("{} is tensor {}, there are only {}", label(found.op, i),
                            index(all[i]->tensor), workload.tensors.size()),
                "use a tensor of the workload");
      continue;
    }
    const Tensor& tensor = workload.tensors[all[i]->tensor];
    found.fits("the size of " + label(found.op, i), [&] {
      if (elements(*all[i]) == elements(tensor)) return;
      found.add(fmt::format("{} sees {} elements, tensor '{}' has {}", label(found.op, i),
                            elements(*all[i]), tensor.name, elements(tensor)),
                "the extents of the axes must multiply to the tensor's size");
    });
    if (all[i]->bits != tensor.bits) {
      found.add(fmt::format("{} has elements of {} bits, those of tensor '{}' have {}",
                            label(found.op, i), all[i]->bits, tensor.name, tensor.bits),
                "make them equal");
    }
  }
}

void check_tensors(const Workload& workload, const Where& where, Diagnostics& list) {
  std::unordered_set<std::string> names;
  for (const Tensor& tensor : workload.tensors) {
    const std::string title = fmt::format("tensor '{}': ", tensor.name);
    if (tensor.name.empty()) list.push_back({where, "a tensor has no name", "name it"});
    if (!names.insert(tensor.name).second) {
      list.push_back({where, title + "the name is taken", "rename one of the two"});
    }
    if (tensor.bits < 1) {
      list.push_back({where,
                      title + fmt::format("elements of {} bits, must be at least 1", tensor.bits),
                      "correct the width"});
    }
    for (const std::int64_t extent : tensor.shape) {
      if (extent >= 1) continue;
      list.push_back(
          {where, title + fmt::format("size {}, must be at least 1", extent), "correct the size"});
    }
    try {
      checked_mul(elements(tensor), tensor.bits);
    } catch (const OverflowError&) {
      list.push_back({where, title + "its size does not fit into 64 bits", "use smaller sizes"});
    }
  }
}

/// Whoever reads a tensor comes after everyone who writes it.
void check_order(const Workload& workload, const Where& where, Diagnostics& list) {
  PerId<TensorId, std::size_t> written(workload.tensors.size(), 0);
  PerId<TensorId, std::size_t> left(workload.tensors.size(), 0);
  const auto known = [&](TensorId tensor) { return index(tensor) < workload.tensors.size(); };
  for (const Operator& op : workload.operators) {
    if (known(op.output.tensor)) ++left[op.output.tensor];
  }
  for (const Operator& op : workload.operators) {
    const auto complain = [&](const std::string& what, std::string hint) {
      list.push_back({where, fmt::format("operator '{}': {}", op.name, what), std::move(hint)});
    };
    for (const Operand& input : op.inputs) {
      if (!known(input.tensor)) continue;
      const Tensor& tensor = workload.tensors[input.tensor];
      const bool made =
          tensor.kind == TensorKind::intermediate || tensor.kind == TensorKind::output;
      if (left[input.tensor] > 0) {
        complain(fmt::format("reads tensor '{}' before it is complete", tensor.name),
                 "put producers before consumers, without cycles");
      } else if (made && written[input.tensor] == 0) {
        complain(fmt::format("reads tensor '{}', which nobody makes", tensor.name),
                 "add its producer or make it an input");
      }
    }
    if (!known(op.output.tensor)) continue;
    const Tensor& tensor = workload.tensors[op.output.tensor];
    if (tensor.kind == TensorKind::input || tensor.kind == TensorKind::constant) {
      complain(fmt::format("writes tensor '{}', which is an {}", tensor.name,
                           tensor.kind == TensorKind::input ? "input" : "unchangeable constant"),
               "write a tensor of another kind");
    }
    ++written[op.output.tensor];
    --left[op.output.tensor];
  }
}

}  // namespace

Diagnostics check(const Operator& op, const Where& where) {
  Findings found{op, where, {}};
  check_ranks(found);
  check_operands(found);
  check_function(found);
  found.fits("the number of points", [&] {
    std::int64_t widest = 1;
    for (const Operand* operand : operands(op)) {
      widest = std::max({widest, operand->bits, operand->partial_bits});
    }
    checked_mul(points(op), widest);
  });
  if (!found.list.empty()) return std::move(found.list);
  if (const std::optional<std::string> holes = holes_in_output(op)) {
    found.add(*holes, "write the indices between them too, or split the axis");
  }
  return std::move(found.list);
}

Diagnostics check(const Workload& workload, const Where& where) {
  Diagnostics list;
  check_tensors(workload, where, list);
  std::unordered_set<std::string> names;
  for (const Operator& op : workload.operators) {
    if (op.name.empty()) list.push_back({where, "an operator has no name", "name it"});
    if (!names.insert(op.name).second) {
      list.push_back({where, fmt::format("operator '{}': the name is taken", op.name),
                      "rename one of the two"});
    }
    Diagnostics own = check(op, where);
    list.insert(list.end(), own.begin(), own.end());
    Findings views{op, where, {}};
    check_views(views, workload);
    list.insert(list.end(), views.list.begin(), views.list.end());
  }
  check_order(workload, where, list);
  try {
    macs(workload);
  } catch (const OverflowError&) {
    list.push_back({where, "the multiply-accumulates of all operators do not fit into 64 bits",
                    "use smaller sizes"});
  }
  return list;
}

}  // namespace tileloom
