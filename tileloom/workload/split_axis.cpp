#include "tileloom/workload/split_axis.hpp"

#include <algorithm>

namespace tileloom {
namespace {

bool is_product(const Operator& op) {
  return op.function == PointFunction::multiply && op.reduction == Reduction::sum &&
         op.inputs.size() >= 2;
}

/// The ranks that an axis moves with.
std::vector<RankId> moving_ranks(const Axis& axis) {
  std::vector<RankId> ranks;
  for (const Term& term : axis.terms) {
    ranks.push_back(term.rank);
  }
  return ranks;
}

/// The role of each axis of a view: that of the tensor axis in its group, given to the first axis
/// of the group that is longer than 1.
std::vector<std::optional<SplitAxis>> view_roles(const Tensor& tensor, const Operand& view,
                                                 const AxisRoles& roles) {
  std::vector<std::optional<SplitAxis>> found(view.axes.size());
  for (const AxisGroup& group : axis_groups(tensor, view)) {
    for (const SplitAxis role : kAllSplitAxes) {
      const std::optional<std::size_t> at = roles[static_cast<std::size_t>(role)];
      if (!at || *at < group.tensor_first || *at >= group.tensor_last) continue;
      if (tensor.shape[*at] == 1 && group.tensor_last - group.tensor_first > 1) continue;
      for (std::size_t i = group.view_first; i < group.view_last; ++i) {
        if (view.axes[i].extent <= 1 && i + 1 < group.view_last) continue;
        if (!found[i]) found[i] = role;
        break;
      }
    }
  }
  return found;
}

/// Roles for a tensor that nothing gave any: channels under the sum of the first product that reads
/// it (else axis 1 of four or more, else the last), the others in order.
AxisRoles roles_of_input(const Workload& workload, TensorId id) {
  const Tensor& tensor = workload.tensors[id];
  const std::size_t rank = tensor.shape.size();
  if (rank == 0) return {};
  std::size_t channel = rank >= 4 ? 1 : rank - 1;
  for (const OperatorId reader : consumers(workload, id)) {
    const Operator& op = workload.operators[reader];
    if (!is_product(op) || op.inputs[0].tensor != id) continue;
    for (const AxisGroup& group : axis_groups(tensor, op.inputs[0])) {
      for (std::size_t i = group.view_first; i < group.view_last; ++i) {
        const Axis& axis = op.inputs[0].axes[i];
        if (axis.terms.size() == 1 && !relevant(op.output, axis.terms[0].rank) &&
            op.rank(axis.terms[0].rank).extent > 1) {
          channel = group.tensor_first;
        }
      }
    }
    break;
  }
  AxisRoles roles;
  roles[static_cast<std::size_t>(SplitAxis::channels)] = channel;
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < rank; ++i) {
    if (i != channel) others.push_back(i);
  }
  std::vector<SplitAxis> names = {SplitAxis::batch, SplitAxis::rows, SplitAxis::columns};
  if (others.size() == 1) names = {SplitAxis::rows};
  for (std::size_t i = 0; i < std::min(others.size(), names.size()); ++i) {
    roles[static_cast<std::size_t>(names[i])] = others[i];
  }
  return roles;
}

/// The role of one axis of the output of `op`.
std::optional<SplitAxis> output_role(const Workload& workload, const Operator& op, const Axis& axis,
                                     const PerId<TensorId, AxisRoles>& known) {
  const std::vector<RankId> ranks = moving_ranks(axis);
  for (const Operand& input : op.inputs) {
    if (input.role == Role::weight) continue;
    const auto roles = view_roles(workload.tensors[input.tensor], input, known[input.tensor]);
    for (std::size_t i = 0; i < input.axes.size(); ++i) {
      for (const Term& term : input.axes[i].terms) {
        if (roles[i] && std::ranges::find(ranks, term.rank) != ranks.end()) return roles[i];
      }
    }
    if (is_product(op)) break;  // the right-hand side gives channels, whatever it is by itself
  }
  const bool from_right =
      is_product(op) && std::any_of(op.inputs.begin() + 1, op.inputs.end(), [&](const Operand& in) {
        return std::ranges::any_of(ranks, [&](RankId rank) { return relevant(in, rank); });
      });
  return from_right ? std::optional(SplitAxis::channels) : std::nullopt;
}

AxisRoles roles_of_output(const Workload& workload, const Operator& op,
                          const PerId<TensorId, AxisRoles>& known) {
  const Tensor& tensor = workload.tensors[op.output.tensor];
  AxisRoles roles;
  for (const AxisGroup& group : axis_groups(tensor, op.output)) {
    for (std::size_t i = group.view_first; i < group.view_last; ++i) {
      if (op.output.axes[i].extent <= 1 && i + 1 < group.view_last) continue;
      const std::optional<SplitAxis> role = output_role(workload, op, op.output.axes[i], known);
      if (!role) continue;
      std::optional<std::size_t>& place = roles[static_cast<std::size_t>(*role)];
      if (place) continue;
      for (std::size_t t = group.tensor_first; t < group.tensor_last; ++t) {
        if (place || std::ranges::find(roles, std::optional(t)) != roles.end()) continue;
        if (tensor.shape[t] > 1 || t + 1 == group.tensor_last) place = t;
      }
    }
  }
  return roles;
}

}  // namespace

std::string to_string(SplitAxis axis) {
  switch (axis) {
    case SplitAxis::batch:
      return "batch";
    case SplitAxis::channels:
      return "channels";
    case SplitAxis::rows:
      return "rows";
    case SplitAxis::columns:
      return "columns";
  }
  return {};
}

std::vector<AxisGroup> axis_groups(const Tensor& tensor, const Operand& view) {
  std::vector<AxisGroup> groups;
  std::size_t t = 0, v = 0;
  while (t < tensor.shape.size() && v < view.axes.size()) {
    AxisGroup group{t, t + 1, v, v + 1};
    std::int64_t left = tensor.shape[t++];
    std::int64_t right = view.axes[v++].extent;
    while (left != right) {
      if (left < right && t < tensor.shape.size()) {
        left *= tensor.shape[t++];
      } else if (right < left && v < view.axes.size()) {
        right *= view.axes[v++].extent;
      } else {
        break;
      }
    }
    group.tensor_last = t;
    group.view_last = v;
    groups.push_back(group);
  }
  if (!groups.empty()) {
    groups.back().tensor_last = tensor.shape.size();
    groups.back().view_last = view.axes.size();
  }
  return groups;
}

PerId<TensorId, AxisRoles> axis_roles(const Workload& workload) {
  PerId<TensorId, AxisRoles> roles(workload.tensors.size());
  std::vector<bool> made(workload.tensors.size(), false);
  for (const Operator& op : workload.operators) made[index(op.output.tensor)] = true;
  for (const TensorId id : ids<TensorId>(workload.tensors.size())) {
    if (!made[index(id)] && workload.tensors[id].kind != TensorKind::constant) {
      roles[id] = roles_of_input(workload, id);
    }
  }
  std::vector<bool> given(workload.tensors.size(), false);
  for (const Operator& op : workload.operators) {
    if (given[index(op.output.tensor)]) continue;  // several operators may write one tensor
    roles[op.output.tensor] = roles_of_output(workload, op, roles);
    given[index(op.output.tensor)] = true;
  }
  return roles;
}

}  // namespace tileloom
