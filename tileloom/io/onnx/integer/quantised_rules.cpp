// Nodes that are quantised in the model: their scales say what the integers stand for.

#include <algorithm>
#include <cmath>

#include "tileloom/io/onnx/integer/node_reader.hpp"

namespace tileloom::onnx_import {
namespace {

/// Inputs i and i + 1: scale and zero point, if the file has them.
struct ScaleAndZero {
  double scale = 1;
  double zero = 0;
  double least = -128;  ///< of the stored type
  double most = 127;
};
std::optional<ScaleAndZero> scale_at(const NodeScope& scope, const Reading& reading, std::size_t i) {
  const RealConstant* scale = constant(scope, reading, i);
  const RealConstant* zero = constant(scope, reading, i + 1);
  if (scale == nullptr || !scale->values || scale->values->size() != 1) return std::nullopt;
  ScaleAndZero result{.scale = scale->values->front()};
  const bool is_unsigned = zero == nullptr || zero->type == ElementType::uint8;
  if (zero != nullptr && zero->values && zero->values->size() == 1) {
    result.zero = zero->values->front();
  }
  if (is_unsigned) {
    result.least = 0;
    result.most = 255;
  }
  return result.scale > 0 ? std::optional(result) : std::nullopt;
}

/// The smallest power of two with which int8 covers the range of the stored type.
int exponent_of(const ScaleAndZero& s) {
  const double above = (s.most - s.zero) * s.scale / 127;
  const double below = (s.zero - s.least) * s.scale / 128;
  const double exact = std::ceil(std::log2(std::max(above, below)) - 1e-9);
  return static_cast<int>(std::clamp(exact, -100.0, 100.0));
}

/// Output 0 is stored with the scale at input i; a zero point at the lower end is a ReLU.
void store_as(const NodeScope& scope, Reading& reading, std::size_t i) {
  const std::optional<ScaleAndZero> stored = scale_at(scope, reading, i);
  if (!stored) return;
  const Activation result = activation_named(scope.node().outputs.front(), reading);
  if (stored->zero == stored->least) {
    if (RealLayer* layer = &reading.builder.network.layers[result.tensor - 1]; !layer->low) {
      layer->low = 0.0;
    }
  }
  reading.builder.network.tensors[result.tensor].exponent = exponent_of(*stored);
}

RealConstant weights_at(const NodeScope& scope, const Reading& reading, std::size_t i,
                        std::size_t axis) {
  const RealConstant* weights = constant(scope, reading, i);
  const RealConstant* scale = constant(scope, reading, i + 1);
  if (weights == nullptr || scale == nullptr) {
    scope.unsupported("its weights are computed by the model");
  }
  return dequantised(*weights, *scale, constant(scope, reading, i + 2), axis);
}

}  // namespace

void read_quantize(const NodeScope& scope, Reading& reading) {
  const Activation x = activation(scope, reading, 0);
  become(scope, reading, x);
  const std::optional<ScaleAndZero> stored = scale_at(scope, reading, 1);
  RealTensor& tensor = reading.builder.network.tensors[x.tensor];
  if (stored && !tensor.exponent) tensor.exponent = exponent_of(*stored);
}

void read_qlinear_conv(const NodeScope& scope, Reading& reading) {
  const RealConstant weights = weights_at(scope, reading, 3, 0);
  std::optional<RealConstant> bias;
  if (scope.has_input(8)) {
    const RealConstant* given = constant(scope, reading, 8);
    const RealConstant* x_scale = constant(scope, reading, 1);
    const RealConstant* w_scale = constant(scope, reading, 4);
    if (given == nullptr || x_scale == nullptr) {
      scope.unsupported("its bias is computed by the model");
    }
    // The integers count x_scale · w_scale.
    bias = dequantised(*given, *w_scale, nullptr, 0);
    if (bias->values && x_scale->values && !x_scale->values->empty()) {
      for (double& value : *bias->values) value *= x_scale->values->front();
    } else {
      bias->values.reset();
    }
  }
  convolve(scope, reading, weights, bias ? &*bias : nullptr);
  store_as(scope, reading, 6);
}

void read_qlinear_matmul(const NodeScope& scope, Reading& reading) {
  multiply(scope, reading, weights_at(scope, reading, 3, 1), false, nullptr);
  store_as(scope, reading, 6);
}

void read_qlinear_add(const NodeScope& scope, Reading& reading) {
  read_add(scope, reading, 0, 3);
  store_as(scope, reading, 6);
}

void read_qlinear_average(const NodeScope& scope, Reading& reading) {
  if (scope.integer("channels_last", 0) != 0) scope.unsupported("channels are last");
  read_average(scope, reading, activation(scope, reading, 0));
  store_as(scope, reading, 3);
}

}  // namespace tileloom::onnx_import
