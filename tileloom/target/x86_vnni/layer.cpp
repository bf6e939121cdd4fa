#include "tileloom/target/x86_vnni/layer.hpp"

#include <algorithm>
#include <optional>

namespace tileloom::x86_vnni {
namespace {

using Found = tl::expected<Layer, std::string>;

tl::unexpected<std::string> no(const char* why) { return tl::unexpected(std::string(why)); }

std::optional<std::int64_t> extent(const Operator& op, const std::string& name) {
  const auto found = std::ranges::find(op.ranks, name, &Rank::name);
  return found == op.ranks.end() ? std::nullopt : std::optional(found->extent);
}

/// The axis of the input that moves with the output's rank `moving` and the window's `window`.
std::optional<ConvAxis> window_axis(const Operator& op, const std::string& moving,
                                    const std::string& window) {
  for (const Axis& axis : op.inputs[0].axes) {
    ConvAxis found{.output = extent(op, moving).value_or(1),
                   .filter = extent(op, window).value_or(1)};
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
    // A part of the rows must not see padding only.
    if (found.pad_before < 0 || found.pad_before > (found.filter - 1) * found.dilation) return {};
    if ((found.output - 1) * found.stride - found.pad_before >= found.input) return {};
    return found;
  }
  return std::nullopt;
}

/// Windows over both axes of an image.
Found windows(const Operator& op, Layer layer) {
  const auto rows = window_axis(op, "P", "R");
  const auto columns = window_axis(op, "Q", "S");
  if (!rows || !columns)
    return no("it has no windows over two axes, or some that see padding only");
  const auto overlapping = [](const Axis& axis) {
    return axis.terms.size() > 1 || axis.offset != 0;
  };
  if (std::ranges::any_of(op.output.axes, overlapping)) return no("its results overlap");
  layer.shape.axes = {*rows, *columns};
  return layer;
}

/// One window, the whole image.
std::vector<ConvAxis> whole(const ImageSize& image) {
  return {{.filter = image.rows, .input = image.rows},
          {.filter = image.columns, .input = image.columns}};
}

std::vector<ConvAxis> points_of(const ImageSize& image) {
  return {{.output = image.rows, .input = image.rows},
          {.output = image.columns, .input = image.columns}};
}

Found convolution(const Workload& workload, const Operator& op, const ImageSize& in,
                  const ImageSize& out, Layer layer) {
  const Operand& weights = op.inputs[1];
  if (weights.role != Role::weight || !producers(workload, weights.tensor).empty()) {
    return no("its weights are computed");
  }
  layer.inputs.resize(1);
  layer.shape = {.in_channels = in.channels, .out_channels = out.channels};
  if (extent(op, "P")) {
    layer.shape.groups = extent(op, "G").value_or(1);
    return windows(op, std::move(layer));
  }
  if (out.rows * out.columns != 1 || elements(weights) != points(op) ||
      points(op) != elements(op.inputs[0]) * out.channels) {
    return no("it is a product of matrices");
  }
  layer.shape.axes = whole(in);
  return layer;
}

Found pooling(const Operator& op, const ImageSize& in, const ImageSize& out, Layer layer) {
  if (in.channels != out.channels) return no("it has no windows over two axes");
  if (extent(op, "P")) return windows(op, std::move(layer));
  if (out.rows * out.columns != 1 || points(op) != elements(op.inputs[0])) {
    return no("it has no windows over two axes");
  }
  layer.shape.axes = whole(in);
  return layer;
}

/// True if the operand is its tensor, axis by axis with the ranks of the output's axes.
bool same_places(const Workload& workload, const Operator& op, const Operand& operand) {
  const Tensor& tensor = workload.tensors[operand.tensor];
  if (operand.axes.size() != tensor.shape.size()) return false;
  if (operand.axes.size() != op.output.axes.size()) return false;
  for (std::size_t a = 0; a < operand.axes.size(); ++a) {
    const Axis& axis = operand.axes[a];
    const bool plain = axis.offset == 0 && axis.extent == tensor.shape[a] &&
                       axis.terms == op.output.axes[a].terms && axis.terms.size() <= 1;
    if (!plain || (!axis.terms.empty() && axis.terms[0].coefficient != 1)) return false;
    if (!axis.terms.empty() && op.rank(axis.terms[0].rank).extent != axis.extent) return false;
  }
  return true;
}

Found pointwise(const Workload& workload, const Operator& op, const ImageSize& out, Layer layer) {
  for (const Operand& input : op.inputs) {
    if (!same_places(workload, op, input)) return no("it moves elements to other places");
    if (workload.tensors[input.tensor].kind == TensorKind::constant) {
      return no("one of its inputs is constant");
    }
  }
  for (std::size_t a = 0; a < op.output.axes.size(); ++a) {
    const Axis& axis = op.output.axes[a];
    const bool whole = axis.offset == 0 && axis.extent == op.inputs[0].axes[a].extent;
    if (a != 1 && !whole) return no("it moves elements to other places");
  }
  if (layer.kind == LayerKind::copy) {
    layer.first_channel = op.output.axes[1].offset;
    layer.shape.out_channels = out.channels;
  } else if (layer.inputs.size() != 2) {
    return no("it adds other than two images");
  }
  layer.shape.axes = points_of(out);
  return layer;
}

std::optional<LayerKind> kind_of(const Operator& op) {
  const bool copies = op.function == PointFunction::copy && op.inputs.size() == 1;
  const bool sums = op.reduction == Reduction::sum;
  if (op.function == PointFunction::multiply && sums && op.inputs.size() == 2) {
    return LayerKind::convolution;
  }
  if (copies && op.reduction == Reduction::max) return LayerKind::maximum;
  if (copies && sums && (op.kind.ends_with("AveragePool") || op.kind == "ReduceMean")) {
    return LayerKind::average;
  }
  if (op.reduction != Reduction::none) return std::nullopt;
  if (op.function == PointFunction::add) return LayerKind::addition;
  return copies ? std::optional(LayerKind::copy) : std::nullopt;
}

}  // namespace

std::int64_t reach(const ConvAxis& axis) {
  return (axis.output - 1) * axis.stride + (axis.filter - 1) * axis.dilation + 1;
}

tl::expected<ImageSize, std::string> image_size(const Tensor& tensor) {
  const std::vector<std::int64_t>& shape = tensor.shape;
  if ((shape.size() == 2 || shape.size() == 4) && shape[0] == 1) {
    const bool flat = shape.size() == 2;
    return ImageSize{flat ? 1 : shape[2], flat ? 1 : shape[3], shape[1]};
  }
  return no("its tensors are not one image with channels");
}

Found layer_of(const Workload& workload, const Operator& op) {
  const std::optional<LayerKind> kind = kind_of(op);
  if (!kind) return no("there is no code of bytes for it");
  Layer layer{op.name, *kind, {}, {}, op.output.tensor, 0};
  for (const Operand& input : op.inputs) layer.inputs.push_back(input.tensor);
  const auto in = image_size(workload.tensors[op.inputs[0].tensor]);
  const auto out = image_size(workload.tensors[op.output.tensor]);
  if (!in || !out) return tl::unexpected(in ? out.error() : in.error());
  layer.shape.in_channels = layer.shape.out_channels = layer.shape.groups = in->channels;
  switch (*kind) {
    case LayerKind::convolution:
      return convolution(workload, op, *in, *out, std::move(layer));
    case LayerKind::maximum:
    case LayerKind::average:
      return pooling(op, *in, *out, std::move(layer));
    case LayerKind::addition:
    case LayerKind::copy:
      return pointwise(workload, op, *out, std::move(layer));
  }
  return no("there is no code of bytes for it");
}

}  // namespace tileloom::x86_vnni
