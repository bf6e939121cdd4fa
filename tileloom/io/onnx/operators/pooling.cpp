// Pooling: output[n, c, p…] = max or Σ over r… of input[n, c, stride·p + dilation·r − pad…].
// The division of an average is the last thing done to an element and costs nothing of its own;
// count_include_pad changes only that divisor, never what is read.

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/io/onnx/operators/window.hpp"

namespace tileloom::onnx_import {
namespace {

void pool(NodeScope& scope, const std::vector<Window>& spatial, PointFunction function,
          Reduction reduction) {
  const Shape& in = scope.shape(0);
  Ranks ranks;
  WindowAxes axes;
  add_batch_and_groups(ranks, in[0], 1, axes);
  const RankId c = ranks.add("C", in[1]);
  for (auto* tensor : {&axes.still, &axes.slid}) tensor->push_back(axis(c, in[1]));
  const Shape positions = outputs(spatial);
  add_windows(ranks, spatial, positions, {in.begin() + 2, in.end()}, axes);
  Shape shape{in[0], in[1]};
  shape.insert(shape.end(), positions.begin(), positions.end());
  const TensorId out = scope.make(0, shape);
  if (scope.has_output(1)) {
    scope.note("the indices of the maxima are not counted");
    scope.make(1, shape, ElementType::int64);
  }
  scope.emit("", ranks, {scope.read(0, std::move(axes.slid))},
             scope.write(out, std::move(axes.still)), function, reduction);
}

std::vector<Window> local_windows(const NodeScope& scope) {
  const Shape& in = scope.shape(0, 3);
  const Shape space(in.begin() + 2, in.end());
  const Shape kernel = scope.integer_list("kernel_shape", {});
  if (kernel.size() != space.size()) {
    scope.mistake(fmt::format("kernel_shape is {}, the input {}", to_text(kernel), to_text(in)));
  }
  return windows(scope, space, kernel, scope.integer("ceil_mode", 0) != 0);
}

/// One window over everything.
std::vector<Window> global_windows(const NodeScope& scope) {
  const Shape& in = scope.shape(0, 2);
  std::vector<Window> result;
  for (std::size_t d = 2; d < in.size(); ++d) {
    result.push_back({.input = in[d], .kernel = in[d], .output = 1});
  }
  return result;
}

void max_pool(NodeScope& scope) {
  pool(scope, local_windows(scope), PointFunction::copy, Reduction::max);
}
void average_pool(NodeScope& scope) {
  pool(scope, local_windows(scope), PointFunction::copy, Reduction::sum);
}
void power_pool(NodeScope& scope) {
  pool(scope, local_windows(scope), PointFunction::activation, Reduction::sum);
}
void global_max_pool(NodeScope& scope) {
  pool(scope, global_windows(scope), PointFunction::copy, Reduction::max);
}
void global_average_pool(NodeScope& scope) {
  pool(scope, global_windows(scope), PointFunction::copy, Reduction::sum);
}
void global_power_pool(NodeScope& scope) {
  pool(scope, global_windows(scope), PointFunction::activation, Reduction::sum);
}

}  // namespace

void add_pooling_rules(Registry& rules) {
  rules["AveragePool"] = average_pool;
  rules["GlobalAveragePool"] = global_average_pool;
  rules["GlobalLpPool"] = global_power_pool;
  rules["GlobalMaxPool"] = global_max_pool;
  rules["LpPool"] = power_pool;
  rules["MaxPool"] = max_pool;
}

}  // namespace tileloom::onnx_import
