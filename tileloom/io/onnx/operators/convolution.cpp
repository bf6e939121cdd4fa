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
  const std::int64_t features = kernel[0] / groups;

  Ranks ranks;
  WindowAxes axes;
  add_batch_and_groups(ranks, in[0], groups, axes);
  const RankId k = ranks.add("K", features);
  const RankId c = ranks.add("C", kernel[1]);
  axes.slid.push_back(axis(c, kernel[1]));
  axes.kernel.push_back(axis(k, features));
  axes.kernel.push_back(axis(c, kernel[1]));
  axes.still.push_back(axis(k, features));
  const Shape positions = outputs(spatial);
  add_windows(ranks, spatial, positions, space, axes);
  Shape shape{in[0], kernel[0]};
  shape.insert(shape.end(), positions.begin(), positions.end());
  const TensorId out = scope.make(0, shape, result);
  scope.emit(
      "", ranks,
      {scope.read(input, std::move(axes.slid)), scope.read_weight(weight, std::move(axes.kernel))},
      scope.write(out, std::move(axes.still)), PointFunction::multiply, Reduction::sum);
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
