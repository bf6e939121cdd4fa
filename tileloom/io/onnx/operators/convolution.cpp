// Conv: output[n, g·K + k, p…] = Σ_{c, r…} input[n, g·C + c, stride·p + dilation·r − pad…]
//                                        · weight[g·K + k, c, r…]

#include "tileloom/io/onnx/operators/convolution.hpp"

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/io/onnx/operators/window.hpp"

namespace tileloom::onnx_import {

void convolve(NodeScope& scope, std::size_t input, std::size_t weight, ElementType result) {
  const Shape& in = scope.shape(input, 2);
  const Shape& kernel = scope.shape(weight, 2);
  if (in.size() != kernel.size()) {
    scope.mistake(
        fmt::format("the input is {}, the weight {}: their dimensions must agree in number",
                    to_text(in), to_text(kernel)));
  }
  const std::int64_t groups = scope.integer("group", 1);
  if (groups < 1 || kernel[0] % groups != 0 || in[1] % groups != 0 || in[1] / groups != kernel[1]) {
    scope.mistake(
        fmt::format("the input is {}, the weight {}, with {} groups: input channels must "
                    "be groups times the weight's second size",
                    to_text(in), to_text(kernel), groups));
  }
  const Shape space(in.begin() + 2, in.end());
  const Shape reach(kernel.begin() + 2, kernel.end());
  const std::vector<std::int64_t> stated = scope.integer_list("kernel_shape", reach);
  if (stated != reach) {
    scope.mistake(
        fmt::format("kernel_shape is {}, the weight {}", to_text(stated), to_text(kernel)));
  }
  const std::vector<Window> spatial = windows(scope, space, reach, false);
  const std::int64_t outputs = kernel[0] / groups;

  Ranks ranks;
  const RankId n = ranks.add("N", in[0]);
  std::vector<Axis> in_axes{axis(n, in[0])};
  std::vector<Axis> weight_axes;
  std::vector<Axis> out_axes{axis(n, in[0])};
  if (groups > 1) {
    const RankId g = ranks.add("G", groups);
    for (auto* axes : {&in_axes, &weight_axes, &out_axes}) axes->push_back(axis(g, groups));
  }
  const RankId k = ranks.add("K", outputs);
  const RankId c = ranks.add("C", kernel[1]);
  in_axes.push_back(axis(c, kernel[1]));
  weight_axes.push_back(axis(k, outputs));
  weight_axes.push_back(axis(c, kernel[1]));
  out_axes.push_back(axis(k, outputs));
  Shape shape{in[0], kernel[0]};
  std::vector<RankId> positions;
  for (std::size_t d = 0; d < spatial.size(); ++d) {
    positions.push_back(ranks.add(position_name(d, spatial.size()), spatial[d].output));
    out_axes.push_back(axis(positions.back(), spatial[d].output));
    shape.push_back(spatial[d].output);
  }
  for (std::size_t d = 0; d < spatial.size(); ++d) {
    const Window& w = spatial[d];
    const RankId r = ranks.add(kernel_name(d, spatial.size()), w.kernel);
    weight_axes.push_back(axis(r, w.kernel));
    in_axes.push_back(axis({{positions[d], w.stride}, {r, w.dilation}}, -w.pad_begin, w.input));
  }
  const TensorId out = scope.make(0, shape, result);
  scope.emit(
      "", ranks,
      {scope.read(input, std::move(in_axes)), scope.read_weight(weight, std::move(weight_axes))},
      scope.write(out, std::move(out_axes)), PointFunction::multiply, Reduction::sum);
}

namespace {

void conv(NodeScope& scope) { convolve(scope, 0, 1, scope.input(0).type); }

/// com.microsoft/FusedConv: the activation is the last step.
void fused_conv(NodeScope& scope) {
  if (scope.has_input(3)) scope.unsupported("a second summand");
  conv(scope);
}

}  // namespace

void add_convolution_rules(Registry& rules) {
  rules["Conv"] = conv;
  rules["com.microsoft/FusedConv"] = fused_conv;
}

}  // namespace tileloom::onnx_import
