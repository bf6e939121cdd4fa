// Windows: what convolutions and pooling have in common, and pooling itself.

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/onnx/integer/node_reader.hpp"
#include "tileloom/io/onnx/operators/window.hpp"

namespace tileloom::onnx_import {
namespace {

WindowAxis window_axis(const Window& window) {
  const std::int64_t reach =
      (window.output - 1) * window.stride + (window.kernel - 1) * window.dilation + 1;
  const std::int64_t needed = reach - window.input - window.pad_begin;
  return {window.kernel, window.stride, window.dilation, window.pad_begin,
          std::max(window.pad_end, needed)};
}

}  // namespace

void set_window(const NodeScope& scope, const ImageShape& in, const Shape& kernel, RealLayer& layer) {
  if (kernel.size() != 2) {
    scope.mistake(fmt::format("a window of {} dimensions over an image of two", kernel.size()));
  }
  const bool ceil_mode = scope.integer("ceil_mode", 0) != 0;
  const std::vector<Window> both = windows(scope, {in.rows, in.columns}, kernel, ceil_mode);
  layer.rows = window_axis(both[0]);
  layer.columns = window_axis(both[1]);
}

void read_max_pool(const NodeScope& scope, Reading& reading) {
  const Activation& x = image(scope, reading, 0);
  const ImageShape& in = reading.builder.shape(x.tensor);
  RealLayer layer;
  layer.name = scope.name();
  layer.kind = IntegerKind::max_pool;
  layer.input = x.tensor;
  set_window(scope, in, scope.integer_list("kernel_shape", {}), layer);
  become(scope, reading,
         {reading.builder.add_layer(layer, in.channels, uses_of_output(scope, reading)), false});
}

void read_average_pool(const NodeScope& scope, Reading& reading) {
  const Activation& x = image(scope, reading, 0);
  const ImageShape in = reading.builder.shape(x.tensor);
  RealLayer layer;
  layer.name = scope.name();
  layer.kind = IntegerKind::depthwise;
  layer.input = x.tensor;
  set_window(scope, in, scope.integer_list("kernel_shape", {}), layer);
  const bool padded = layer.rows.before + layer.rows.after + layer.columns.before +
                          layer.columns.after > 0;
  if (padded && scope.integer("count_include_pad", 0) == 0) {
    scope.unsupported("its windows at the border count fewer elements");
  }
  const auto taps = static_cast<std::size_t>(layer.rows.size * layer.columns.size);
  layer.weights.assign(static_cast<std::size_t>(in.channels) * taps, 1.0 / static_cast<double>(taps));
  layer.bias.assign(static_cast<std::size_t>(in.channels), 0.0);
  become(scope, reading,
         {reading.builder.add_layer(layer, in.channels, uses_of_output(scope, reading)), false});
}

void read_global_average(const NodeScope& scope, Reading& reading) {
  read_average(scope, reading, image(scope, reading, 0));
}

void read_reduce_mean(const NodeScope& scope, Reading& reading) {
  std::vector<std::int64_t> axes = scope.integer_list("axes", {});
  if (const RealConstant* given = scope.has_input(1) ? constant(scope, reading, 1) : nullptr) {
    if (given->values) axes.assign(given->values->begin(), given->values->end());
  }
  for (std::int64_t& axis : axes) axis = axis < 0 ? axis + 4 : axis;
  std::sort(axes.begin(), axes.end());
  if (axes != std::vector<std::int64_t>{2, 3}) scope.unsupported("only means over images are known");
  read_average(scope, reading, image(scope, reading, 0));
  Activation result = activation_named(scope.node().outputs.front(), reading);
  result.flat = scope.integer("keepdims", 1) == 0;
  become(scope, reading, result);
}

void read_average(const NodeScope& scope, Reading& reading, const Activation& x) {
  const ImageShape in = reading.builder.shape(x.tensor);
  RealLayer layer;
  layer.name = scope.name();
  layer.kind = IntegerKind::depthwise;
  layer.input = x.tensor;
  layer.rows.size = in.rows;
  layer.columns.size = in.columns;
  const auto taps = static_cast<std::size_t>(in.rows * in.columns);
  layer.weights.assign(static_cast<std::size_t>(in.channels) * taps, 1.0 / static_cast<double>(taps));
  layer.bias.assign(static_cast<std::size_t>(in.channels), 0.0);
  become(scope, reading,
         {reading.builder.add_layer(layer, in.channels, uses_of_output(scope, reading)), false});
}

}  // namespace tileloom::onnx_import
