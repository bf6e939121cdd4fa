#include "tileloom/workload/receptive_field.hpp"

#include <algorithm>

namespace tileloom {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
std::int64_t ceil_quotient(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

std::size_t at(SplitAxis axis) { return static_cast<std::size_t>(axis); }

/// The axis of the view that moves along a tensor's axis, and how their indices are related.
struct Correspondence {
  std::size_t view_axis = 0;
  std::int64_t view_inner = 1;  ///< view index · view_inner + … = tensor index · tensor_inner + …
  std::int64_t tensor_inner = 1;
};

/// Absent if the two cover one another in no simple way: then all of the axis is taken.
std::optional<Correspondence> correspondence(const Tensor& tensor, const Operand& view,
                                             std::size_t tensor_axis) {
  for (const AxisGroup& group : axis_groups(tensor, view)) {
    if (tensor_axis < group.tensor_first || tensor_axis >= group.tensor_last) continue;
    Correspondence found;
    for (std::size_t t = group.tensor_first; t < tensor_axis; ++t) {
      if (tensor.shape[t] > 1) return std::nullopt;
    }
    for (std::size_t t = tensor_axis + 1; t < group.tensor_last; ++t) {
      found.tensor_inner *= tensor.shape[t];
    }
    std::size_t v = group.view_first;
    while (v + 1 < group.view_last && view.axes[v].extent == 1) ++v;
    found.view_axis = v;
    for (std::size_t i = v + 1; i < group.view_last; ++i) found.view_inner *= view.axes[i].extent;
    if (found.view_inner > 1 && found.tensor_inner > 1) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

/// How `axis` moves with `rank`, its other ranks taking all their values.
AxisMove move_with(const Operator& op, const Axis& axis, RankId rank, const Correspondence& view) {
  AxisMove move{.moves = true, .stride = 0, .first = axis.offset, .last = axis.offset};
  for (const Term& term : axis.terms) {
    if (term.rank == rank) {
      move.stride = term.coefficient;
    } else {
      move.last += term.coefficient * (op.rank(term.rank).extent - 1);
    }
  }
  move.stride *= view.view_inner;
  move.first *= view.view_inner;
  move.last = move.last * view.view_inner + view.view_inner - 1;
  move.inner = view.tensor_inner;
  return move;
}

/// The rank that moves furthest along an axis.
std::optional<RankId> leading_rank(const Operator& op, const Axis& axis) {
  std::optional<RankId> found;
  std::int64_t most = 0;
  for (const Term& term : axis.terms) {
    if (op.rank(term.rank).extent > 1 && term.coefficient > most) {
      most = term.coefficient;
      found = term.rank;
    }
  }
  return found;
}

OperatorField operator_field(const Workload& workload, const Operator& op,
                             const PerId<TensorId, AxisRoles>& roles) {
  OperatorField field;
  const Tensor& output = workload.tensors[op.output.tensor];
  for (const SplitAxis axis : kAllSplitAxes) {
    const std::optional<std::size_t> place = roles[op.output.tensor][at(axis)];
    if (!place) continue;
    const auto view = correspondence(output, op.output, *place);
    if (!view) continue;
    const Axis& written = op.output.axes[view->view_axis];
    const std::optional<RankId> rank = leading_rank(op, written);
    if (!rank) continue;
    field.rank[at(axis)] = rank;
    field.extent[at(axis)] = op.rank(*rank).extent;
    field.write[at(axis)] = move_with(op, written, *rank, *view);
  }
  for (const Operand& input : op.inputs) {
    const Tensor& tensor = workload.tensors[input.tensor];
    if (tensor.kind == TensorKind::constant) continue;
    OperatorField::Read read{input.tensor, {}};
    for (const SplitAxis axis : kAllSplitAxes) {
      const std::optional<std::size_t> place = roles[input.tensor][at(axis)];
      const std::optional<RankId> rank = field.rank[at(axis)];
      if (!place || !rank) continue;
      const auto view = correspondence(tensor, input, *place);
      if (!view) continue;
      const Axis& moved = input.axes[view->view_axis];
      const bool follows =
          std::ranges::any_of(moved.terms, [&](const Term& term) { return term.rank == *rank; });
      if (follows) read.moves[at(axis)] = move_with(op, moved, *rank, *view);
    }
    field.reads.push_back(read);
  }
  return field;
}

bool contains(const std::vector<TensorId>& tensors, TensorId id) {
  return std::ranges::find(tensors, id) != tensors.end();
}

bool lie_apart(Interval a, Interval b) {
  return a.length() > 0 && b.length() > 0 && (a.end < b.begin || b.end < a.begin);
}

void widen(Interval& interval, Interval by) {
  if (by.length() == 0) return;
  if (interval.length() == 0) {
    interval = by;
    return;
  }
  interval.begin = std::min(interval.begin, by.begin);
  interval.end = std::max(interval.end, by.end);
}

}  // namespace

Interval even_part(std::int64_t extent, std::int64_t parts, std::int64_t part) {
  return {part * extent / parts, (part + 1) * extent / parts};
}

Interval ranks_for(const AxisMove& write, Interval wanted, std::int64_t extent) {
  if (wanted.length() == 0) return {0, 0};
  if (!write.moves) return {0, extent};
  // stride·r + first < end·inner and stride·r + last ≥ begin·inner
  const std::int64_t low = ceil_quotient(wanted.begin * write.inner - write.last, write.stride);
  const std::int64_t high = floor_div(wanted.end * write.inner - 1 - write.first, write.stride) + 1;
  return {std::max<std::int64_t>(low, 0), std::min(high, extent)};
}

Interval indices_for(const AxisMove& read, Interval ranks, std::int64_t extent) {
  if (ranks.length() == 0) return {0, 0};
  if (!read.moves) return {0, extent};
  const std::int64_t low = floor_div(read.stride * ranks.begin + read.first, read.inner);
  const std::int64_t high = floor_div(read.stride * (ranks.end - 1) + read.last, read.inner) + 1;
  return {std::max<std::int64_t>(low, 0), std::min(high, extent)};
}

NetworkField network_field(const Workload& workload) {
  NetworkField field;
  field.roles = axis_roles(workload);
  for (const TensorId id : ids<TensorId>(workload.tensors.size())) {
    PerSplit<std::int64_t> extent{{1, 1, 1, 1}};
    for (const SplitAxis axis : kAllSplitAxes) {
      const std::optional<std::size_t> place = field.roles[id][at(axis)];
      if (place) extent[at(axis)] = workload.tensors[id].shape[*place];
    }
    field.extent.push_back(extent);
  }
  for (const Operator& op : workload.operators) {
    field.operators.push_back(operator_field(workload, op, field.roles));
  }
  return field;
}

Block make_block(const Workload& workload, std::vector<OperatorId> operators) {
  std::ranges::sort(operators);
  Block block{.operators = std::move(operators)};
  std::vector<TensorId> made;
  for (const OperatorId id : block.operators) {
    const TensorId tensor = workload.operators[id].output.tensor;
    block.output_of.push_back(tensor);
    if (!contains(made, tensor)) made.push_back(tensor);
  }
  for (const OperatorId id : block.operators) {
    for (const Operand& input : workload.operators[id].inputs) {
      const bool constant = workload.tensors[input.tensor].kind == TensorKind::constant;
      if (!constant && !contains(made, input.tensor) && !contains(block.inputs, input.tensor)) {
        block.inputs.push_back(input.tensor);
      }
    }
  }
  for (const TensorId tensor : made) {
    const std::vector<OperatorId> readers = consumers(workload, tensor);
    const bool leaves = readers.empty() || workload.tensors[tensor].kind == TensorKind::output ||
                        std::ranges::any_of(readers, [&](OperatorId reader) {
                          return !std::ranges::binary_search(block.operators, reader);
                        });
    (leaves ? block.outputs : block.inside).push_back(tensor);
  }
  return block;
}

std::vector<TensorId> all_tensors(const Block& block) {
  std::vector<TensorId> all = block.inputs;
  all.insert(all.end(), block.outputs.begin(), block.outputs.end());
  all.insert(all.end(), block.inside.begin(), block.inside.end());
  return all;
}

Interval written(const NetworkField& field, const Block& block, TensorId tensor, SplitAxis axis) {
  Interval range;
  for (std::size_t i = 0; i < block.operators.size(); ++i) {
    if (block.output_of[i] != tensor) continue;
    const OperatorField& op = field.operators[block.operators[i]];
    widen(range, indices_for(op.write[at(axis)], {0, op.extent[at(axis)]},
                             field.extent[tensor][at(axis)]));
  }
  return range;
}

PartField part_field(const NetworkField& field, const Block& block, SplitAxis axis,
                     std::int64_t parts, Halo halo) {
  const std::vector<TensorId> tensors = all_tensors(block);
  const auto slot = [&](TensorId id) {
    return static_cast<std::size_t>(std::ranges::find(tensors, id) - tensors.begin());
  };
  const auto count = static_cast<std::size_t>(parts);
  std::vector<Interval> range;
  for (const TensorId id : tensors) range.push_back(written(field, block, id, axis));
  const auto own = [&](TensorId id, std::size_t part) {
    const Interval all = range[slot(id)];
    const Interval share = even_part(all.length(), parts, static_cast<std::int64_t>(part));
    return Interval{all.begin + share.begin, all.begin + share.end};
  };
  PartField result;
  result.ranks.assign(block.operators.size(), std::vector<Interval>(count));
  result.tensors.assign(tensors.size(), std::vector<Interval>(count));
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const bool leaves = t >= block.inputs.size() && t < block.inputs.size() + block.outputs.size();
    const bool made = t >= block.inputs.size();
    if (!leaves && !(made && halo == Halo::exchanged)) continue;
    for (std::size_t p = 0; p < count; ++p) result.tensors[t][p] = own(tensors[t], p);
  }
  for (std::size_t i = block.operators.size(); i-- > 0;) {
    const OperatorField& op = field.operators[block.operators[i]];
    const std::vector<Interval>& wanted = result.tensors[slot(block.output_of[i])];
    for (std::size_t p = 0; p < count; ++p) {
      const Interval made = halo == Halo::exchanged ? own(block.output_of[i], p) : wanted[p];
      result.ranks[i][p] = ranks_for(op.write[at(axis)], made, op.extent[at(axis)]);
    }
    for (const OperatorField::Read& read : op.reads) {
      const std::int64_t extent = field.extent[read.tensor][at(axis)];
      std::vector<Interval>& needed = result.tensors[slot(read.tensor)];
      for (std::size_t p = 0; p < count; ++p) {
        const Interval read_here = indices_for(read.moves[at(axis)], result.ranks[i][p], extent);
        result.apart |= lie_apart(needed[p], read_here);
        widen(needed[p], read_here);
      }
    }
  }
  return result;
}

}  // namespace tileloom
