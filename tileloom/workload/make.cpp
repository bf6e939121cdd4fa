#include "tileloom/workload/make.hpp"

#include <array>
#include <cassert>

#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// Appends a rank and returns its id.
RankId add_rank(Operator& op, std::string name, std::int64_t extent) {
  op.ranks.push_back({std::move(name), extent});
  return static_cast<RankId>(op.ranks.size() - 1);
}

/// The axis that is one rank.
Axis plain(const Operator& op, RankId rank) { return {{{rank, 1}}, 0, op.rank(rank).extent}; }

std::vector<Axis> plain_axes(const Operator& op, const std::vector<RankId>& ranks) {
  std::vector<Axis> axes;
  for (const RankId rank : ranks) axes.push_back(plain(op, rank));
  return axes;
}

Tensor tensor_of(const std::string& name, const Operand& operand, TensorKind kind) {
  Tensor tensor{name, {}, operand.bits, kind};
  for (const Axis& axis : operand.axes) tensor.shape.push_back(axis.extent);
  return tensor;
}

Workload one_operator(Operator op, const std::array<std::string, 3>& names) {
  Workload workload;
  workload.name = op.name;
  const TensorKind second =
      op.inputs[1].role == Role::weight ? TensorKind::constant : TensorKind::input;
  workload.tensors.push_back(tensor_of(names[0], op.inputs[0], TensorKind::input));
  workload.tensors.push_back(tensor_of(names[1], op.inputs[1], second));
  workload.tensors.push_back(tensor_of(names[2], op.output, TensorKind::output));
  NodeCoverage coverage{op.name, op.kind, NodeStatus::mapped, {OperatorId{0}}, {}, macs(op), 0};
  for (const Operand* operand : operands(op)) {
    coverage.bits_moved =
        checked_add(coverage.bits_moved, checked_mul(elements(*operand), operand->bits));
  }
  workload.coverage.push_back(std::move(coverage));
  workload.operators.push_back(std::move(op));
  return workload;
}

}  // namespace

std::int64_t input_size(const ConvAxis& axis) {
  if (axis.input > 0) return axis.input;
  const std::int64_t reach = checked_add(checked_mul(axis.output - 1, axis.stride),
                                         checked_mul(axis.filter - 1, axis.dilation));
  return checked_sub(checked_add(reach, 1), checked_add(axis.pad_before, axis.pad_after));
}

Operator make_conv(const std::string& name, const ConvShape& shape, const ElementBits& bits,
                   TensorId input, TensorId weight, TensorId output) {
  static constexpr std::array<const char*, 3> kOutput = {"O", "P", "Q"};
  static constexpr std::array<const char*, 3> kFilter = {"T", "R", "S"};
  assert(!shape.axes.empty() && shape.axes.size() <= kOutput.size());
  assert(shape.in_channels % shape.groups == 0 && shape.out_channels % shape.groups == 0);

  Operator op;
  op.name = name;
  op.kind = "Conv";
  const RankId n = add_rank(op, "N", shape.batch);
  std::vector<RankId> group;
  if (shape.groups > 1) group.push_back(add_rank(op, "G", shape.groups));
  const RankId k = add_rank(op, "K", shape.out_channels / shape.groups);
  const RankId c = add_rank(op, "C", shape.in_channels / shape.groups);
  const std::size_t first = kOutput.size() - shape.axes.size();
  std::vector<RankId> outputs;
  std::vector<RankId> filters;
  for (std::size_t i = 0; i < shape.axes.size(); ++i) {
    outputs.push_back(add_rank(op, kOutput.at(first + i), shape.axes[i].output));
  }
  for (std::size_t i = 0; i < shape.axes.size(); ++i) {
    filters.push_back(add_rank(op, kFilter.at(first + i), shape.axes[i].filter));
  }

  const auto with_group = [&](std::vector<RankId> before, std::vector<RankId> after) {
    before.insert(before.end(), group.begin(), group.end());
    before.insert(before.end(), after.begin(), after.end());
    return plain_axes(op, before);
  };
  std::vector<Axis> in_axes = with_group({n}, {c});
  std::vector<Axis> weight_axes = with_group({}, {k, c});
  std::vector<Axis> out_axes = with_group({n}, {k});
  for (std::size_t i = 0; i < shape.axes.size(); ++i) {
    const ConvAxis& axis = shape.axes[i];
    in_axes.push_back({{{outputs[i], axis.stride}, {filters[i], axis.dilation}},
                       -axis.pad_before,
                       input_size(axis)});
    weight_axes.push_back(plain(op, filters[i]));
    out_axes.push_back(plain(op, outputs[i]));
  }
  op.inputs = {{input, Role::input, std::move(in_axes), bits.input, bits.input},
               {weight, Role::weight, std::move(weight_axes), bits.weight, bits.weight}};
  op.output = {output, Role::output, std::move(out_axes), bits.output, bits.partial};
  return op;
}

Operator make_matmul(const std::string& name, const MatmulShape& shape, const ElementBits& bits,
                     TensorId a, TensorId b, TensorId output) {
  Operator op;
  op.name = name;
  op.kind = "MatMul";
  std::vector<RankId> batch;
  if (shape.batch > 1) batch.push_back(add_rank(op, "B", shape.batch));
  const RankId m = add_rank(op, "M", shape.m);
  const RankId n = add_rank(op, "N", shape.n);
  const RankId k = add_rank(op, "K", shape.k);
  const auto axes = [&](bool batched, RankId first, RankId second) {
    std::vector<RankId> ranks;
    if (batched) ranks = batch;
    ranks.insert(ranks.end(), {first, second});
    return plain_axes(op, ranks);
  };
  op.inputs = {{a, Role::input, axes(true, m, k), bits.input, bits.input},
               {b, shape.b_role, axes(!shape.shared_b, k, n), bits.weight, bits.weight}};
  op.output = {output, Role::output, axes(true, m, n), bits.output, bits.partial};
  return op;
}

Workload one_conv(const std::string& name, const ConvShape& shape, const ElementBits& bits) {
  return one_operator(make_conv(name, shape, bits, TensorId{0}, TensorId{1}, TensorId{2}),
                      {"I", "W", "O"});
}

Workload one_matmul(const std::string& name, const MatmulShape& shape, const ElementBits& bits) {
  return one_operator(make_matmul(name, shape, bits, TensorId{0}, TensorId{1}, TensorId{2}),
                      {"A", "B", "O"});
}

}  // namespace tileloom
