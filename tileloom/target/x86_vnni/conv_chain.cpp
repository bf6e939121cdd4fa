#include "tileloom/target/x86_vnni/conv_chain.hpp"

#include <algorithm>
#include <optional>

namespace tileloom::x86_vnni {
namespace {

std::int64_t extent(const Operator& op, const std::string& name) {
  const auto found = std::ranges::find(op.ranks, name, &Rank::name);
  return found == op.ranks.end() ? 1 : found->extent;
}

/// The axis of the input that moves with the output's rank `moving` and the window's `window`.
std::optional<ConvAxis> window_axis(const Operator& op, const std::string& moving,
                                    const std::string& window) {
  for (const Axis& axis : op.inputs[0].axes) {
    ConvAxis found{.output = extent(op, moving), .filter = extent(op, window)};
    bool moves = false;
    for (const Term& term : axis.terms) {
      const std::string& name = op.rank(term.rank).name;
      if (name == moving) found.stride = term.coefficient;
      if (name == window) found.dilation = term.coefficient;
      moves = moves || name == moving;
    }
    if (!moves) continue;
    found.pad_before = -axis.offset;
    found.input = axis.extent;
    if (found.pad_before < 0) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

std::optional<ChainLayer> layer_of(const Workload& workload, const Operator& op) {
  const bool maximum = op.reduction == Reduction::max && op.inputs.size() == 1;
  const bool product = op.function == PointFunction::multiply && op.reduction == Reduction::sum &&
                       op.inputs.size() == 2;
  if (!maximum && !(product && op.kind == "Conv")) return std::nullopt;
  if (extent(op, "N") != 1 || op.output.axes.size() < 4) return std::nullopt;
  if (product && workload.tensors[op.inputs[1].tensor].kind != TensorKind::constant) return {};
  const auto rows = window_axis(op, "P", "R");
  const auto columns = window_axis(op, "Q", "S");
  if (!rows || !columns) return std::nullopt;
  ChainLayer layer{op.name, maximum, {}};
  const std::int64_t groups = maximum ? extent(op, "C") : extent(op, "G");
  layer.shape = {.in_channels = maximum ? groups : groups * extent(op, "C"),
                 .out_channels = maximum ? groups : groups * extent(op, "K"),
                 .groups = groups,
                 .axes = {*rows, *columns}};
  return layer;
}

}  // namespace

ConvChain conv_chain(const Workload& workload) {
  ConvChain chain;
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    const Operator& op = workload.operators[id];
    const std::optional<ChainLayer> layer = layer_of(workload, op);
    bool follows = layer.has_value();
    if (follows && !chain.layers.empty()) {
      const Operator& before = workload.operators[static_cast<OperatorId>(index(id) - 1)];
      follows = op.inputs[0].tensor == before.output.tensor &&
                consumers(workload, before.output.tensor).size() == 1;
    }
    if (!follows) {
      chain.end = op.name;
      return chain;
    }
    chain.layers.push_back(*layer);
  }
  return chain;
}

Interval rows_needed(const ChainLayer& layer, Interval output) {
  const ConvAxis& rows = layer.shape.axes[0];
  return {output.begin * rows.stride - rows.pad_before,
          (output.end - 1) * rows.stride - rows.pad_before + (rows.filter - 1) * rows.dilation + 1};
}

std::int64_t output_rows(const ChainLayer& layer) { return layer.shape.axes[0].output; }
std::int64_t input_rows(const ChainLayer& layer) { return input_size(layer.shape.axes[0]); }

}  // namespace tileloom::x86_vnni
