#include "tileloom/io/onnx/integer/node_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace tileloom::onnx_import {
namespace {

using Rows = std::vector<double>;

/// Values of a constant, drawn uniformly in ±bound if the file has none.
Rows values_of(Reading& reading, const RealConstant& constant, double bound) {
  if (constant.values) return *constant.values;
  if (elements(constant.shape) > kMostElements) {
    throw Unsupported{fmt::format("weights of {}", to_text(constant.shape))};
  }
  ++reading.drawn;
  Rows values(static_cast<std::size_t>(elements(constant.shape)));
  for (double& value : values) value = (2 * reading.random.unit() - 1) * bound;
  return values;
}

Rows bias_of(Reading& reading, const RealConstant* bias, std::int64_t channels) {
  constexpr double kDrawn = 0.1;
  if (bias == nullptr) return Rows(static_cast<std::size_t>(channels), 0.0);
  return values_of(reading, *bias, kDrawn);
}

/// The bound that keeps the size of the values over a layer: He et al., ICCV 2015.
double weight_bound(std::int64_t terms) { return std::sqrt(6.0 / static_cast<double>(terms)); }

void read_conv(const NodeScope& scope, Reading& reading) {
  const RealConstant* weights = constant(scope, reading, 1);
  if (weights == nullptr) scope.unsupported("its weights are computed by the model");
  convolve(scope, reading, *weights, scope.has_input(2) ? constant(scope, reading, 2) : nullptr);
}

void read_gemm(const NodeScope& scope, Reading& reading) {
  const RealConstant* weights = constant(scope, reading, 1);
  if (weights == nullptr) scope.unsupported("both its factors are computed by the model");
  if (scope.integer("transA", 0) != 0) scope.unsupported("transA is 1");
  if (scope.floating("alpha", 1) != 1 || scope.floating("beta", 1) != 1) {
    scope.unsupported("alpha or beta is not 1");
  }
  multiply(scope, reading, *weights, scope.integer("transB", 0) != 0,
           scope.has_input(2) ? constant(scope, reading, 2) : nullptr);
}

void read_matmul(const NodeScope& scope, Reading& reading) {
  const RealConstant* weights = constant(scope, reading, 1);
  if (weights == nullptr) scope.unsupported("both its factors are computed by the model");
  multiply(scope, reading, *weights, false, nullptr);
}

/// y = scale · (x − mean) / √(variance + ε) + bias, folded into the sum that computes x.
void read_batch_norm(const NodeScope& scope, Reading& reading) {
  const Activation& x = activation(scope, reading, 0);
  RealLayer* layer = reading.builder.open_layer(x.tensor);
  if (layer == nullptr || layer->other) {
    scope.unsupported("it does not follow a convolution that nobody else reads");
  }
  const std::size_t channels = layer->bias.size();
  const std::array<double, 4> otherwise{1, 0, 0, 1};  // as if it were not there
  std::array<Rows, 4> rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const RealConstant* given = constant(scope, reading, i + 1);
    if (given == nullptr) scope.unsupported("its parameters are computed by the model");
    rows[i] = given->values.value_or(Rows(channels, otherwise[i]));
    if (!given->values) ++reading.drawn;
    if (rows[i].size() != channels) {
      scope.mistake(fmt::format("input {} has {} values for {} channels", i + 1, rows[i].size(),
                                channels));
    }
  }
  const double epsilon = scope.floating("epsilon", 1e-5);
  const std::size_t each = layer->weights.size() / channels;
  for (std::size_t k = 0; k < channels; ++k) {
    const double factor = rows[0][k] / std::sqrt(rows[3][k] + epsilon);
    for (std::size_t i = 0; i < each; ++i) layer->weights[k * each + i] *= factor;
    layer->bias[k] = (layer->bias[k] - rows[2][k]) * factor + rows[1][k];
  }
  // The tensor stands for the result from here on.
  become(scope, reading, {reading.builder.keep(x.tensor, uses_of_output(scope, reading)), x.flat});
}

void read_relu(const NodeScope& scope, Reading& reading) {
  const Activation x = activation(scope, reading, 0);
  become(scope, reading,
         {reading.builder.limit(scope.name(), x.tensor, 0.0, std::nullopt,
                                uses_of_output(scope, reading)),
          x.flat});
}

void read_clip(const NodeScope& scope, Reading& reading) {
  const Activation x = activation(scope, reading, 0);
  const auto bound = [&](const char* attribute, std::size_t i) -> std::optional<double> {
    if (scope.has_attribute(attribute)) return scope.floating(attribute, 0);
    if (!scope.has_input(i)) return std::nullopt;
    const RealConstant* given = constant(scope, reading, i);
    if (given == nullptr || !given->values || given->values->empty()) {
      scope.unsupported(fmt::format("its {} is not known", attribute));
    }
    return given->values->front();
  };
  const std::optional<double> low = bound("min", 1);
  const std::optional<double> high = bound("max", 2);
  if (low.value_or(0) > 0 || high.value_or(0) < 0) {
    scope.unsupported("its limits exclude 0");
  }
  become(scope, reading,
         {reading.builder.limit(scope.name(), x.tensor, low, high, uses_of_output(scope, reading)),
          x.flat});
}

void read_sum(const NodeScope& scope, Reading& reading) {
  if (scope.inputs() != 2) scope.unsupported(fmt::format("it adds {} tensors", scope.inputs()));
  read_add(scope, reading, 0, 1);
}

/// [N, C, H, W] as [N, C·H·W]; the order of the elements stays.
void read_flatten(const NodeScope& scope, Reading& reading) {
  const Activation x = activation(scope, reading, 0);
  const ImageShape& in = reading.builder.shape(x.tensor);
  const std::string& type = scope.node().type;
  if (type == "Flatten" && scope.integer("axis", 1) != 1) scope.unsupported("its axis is not 1");
  if (type == "Squeeze" && in.rows * in.columns != 1) {
    scope.unsupported(fmt::format("it squeezes an image of {}", to_string(in)));
  }
  if (type == "Reshape") {
    const RealConstant* target = constant(scope, reading, 1);
    const std::int64_t each = in.channels * in.rows * in.columns;
    const bool known = target != nullptr && target->values && target->values->size() == 2;
    const auto entry = [&](std::size_t i) { return static_cast<std::int64_t>((*target->values)[i]); };
    const bool rows = known && (entry(0) == in.batch || entry(0) == 0 || entry(0) == -1);
    if (!rows || (entry(1) != -1 && entry(1) != each)) {
      scope.unsupported("only reshapes to one row per image are known");
    }
  }
  become(scope, reading, {x.tensor, true});
}

void read_same(const NodeScope& scope, Reading& reading) {
  become(scope, reading, activation(scope, reading, 0));
}

}  // namespace

const Activation& activation_named(const std::string& name, const Reading& reading) {
  return reading.activations.at(name);
}

const Activation& activation(const NodeScope& scope, const Reading& reading, std::size_t i) {
  const std::vector<std::string>& inputs = scope.node().inputs;
  const auto found =
      i < inputs.size() ? reading.activations.find(inputs[i]) : reading.activations.end();
  if (found == reading.activations.end()) {
    scope.unsupported(fmt::format("input {} is no tensor that layers compute", i));
  }
  return found->second;
}

const Activation& image(const NodeScope& scope, const Reading& reading, std::size_t i) {
  const Activation& found = activation(scope, reading, i);
  if (found.flat) scope.unsupported("its input is a matrix, not an image");
  return found;
}

const RealConstant* constant(const NodeScope& scope, const Reading& reading, std::size_t i) {
  const std::vector<std::string>& inputs = scope.node().inputs;
  const auto found =
      i < inputs.size() ? reading.constants.find(inputs[i]) : reading.constants.end();
  return found == reading.constants.end() ? nullptr : &found->second;
}

void become(const NodeScope& scope, Reading& reading, const Activation& result) {
  reading.activations[scope.node().outputs.front()] = result;
}

std::int64_t uses_of_output(const NodeScope& scope, const Reading& reading) {
  const auto found = reading.uses.find(scope.node().outputs.front());
  return found == reading.uses.end() ? 0 : found->second;
}

void convolve(const NodeScope& scope, Reading& reading, const RealConstant& weights,
              const RealConstant* bias) {
  const Activation& x = image(scope, reading, 0);
  const ImageShape& in = reading.builder.shape(x.tensor);
  if (weights.shape.size() != 4) {
    scope.unsupported(fmt::format("weights of {}: only images of two dimensions are known",
                                  to_text(weights.shape)));
  }
  const std::int64_t groups = scope.integer("group", 1);
  const std::int64_t channels = weights.shape[0];
  const bool depthwise = groups > 1 && groups == in.channels && channels == groups;
  if (groups != 1 && !depthwise) {
    scope.unsupported(fmt::format("{} groups of {} channels: one group and depthwise are known",
                                  groups, in.channels / std::max<std::int64_t>(groups, 1)));
  }
  const std::int64_t inner = depthwise ? 1 : in.channels;
  if (weights.shape[1] != inner || channels < 1) {
    scope.mistake(fmt::format("weights of {} for an input of {}", to_text(weights.shape),
                              to_string(in)));
  }
  RealLayer layer;
  layer.name = scope.name();
  layer.kind = depthwise ? IntegerKind::depthwise : IntegerKind::convolution;
  layer.input = x.tensor;
  set_window(scope, in, {weights.shape[2], weights.shape[3]}, layer);
  layer.weights = values_of(reading, weights,
                            weight_bound(inner * weights.shape[2] * weights.shape[3]));
  layer.bias = bias_of(reading, bias, channels);
  if (static_cast<std::int64_t>(layer.bias.size()) != channels) {
    scope.mistake(fmt::format("{} bias values for {} channels", layer.bias.size(), channels));
  }
  become(scope, reading,
         {reading.builder.add_layer(std::move(layer), channels, uses_of_output(scope, reading)),
          false});
}

void multiply(const NodeScope& scope, Reading& reading, const RealConstant& weights,
              bool transposed, const RealConstant* bias) {
  const Activation& x = activation(scope, reading, 0);
  const ImageShape in = reading.builder.shape(x.tensor);
  const std::int64_t terms = in.channels * in.rows * in.columns;
  if (!x.flat && in.rows * in.columns != 1) scope.unsupported("its input is no matrix");
  if (weights.shape.size() != 2 || weights.shape[transposed ? 1 : 0] != terms) {
    scope.mistake(fmt::format("weights of {} for rows of {}", to_text(weights.shape), terms));
  }
  const std::int64_t channels = weights.shape[transposed ? 0 : 1];
  RealLayer layer;
  layer.name = scope.name();
  layer.input = x.tensor;
  layer.rows.size = in.rows;
  layer.columns.size = in.columns;
  layer.weights = values_of(reading, weights, weight_bound(terms));
  if (!transposed) {
    const Rows given = layer.weights;
    for (std::int64_t k = 0; k < channels; ++k) {
      for (std::int64_t i = 0; i < terms; ++i) {
        layer.weights[static_cast<std::size_t>(k * terms + i)] =
            given[static_cast<std::size_t>(i * channels + k)];
      }
    }
  }
  layer.bias = bias_of(reading, bias, channels);
  if (static_cast<std::int64_t>(layer.bias.size()) != channels) {
    scope.unsupported(fmt::format("{} bias values for {} columns", layer.bias.size(), channels));
  }
  become(scope, reading,
         {reading.builder.add_layer(std::move(layer), channels, uses_of_output(scope, reading)),
          true});
}

void read_add(const NodeScope& scope, Reading& reading, std::size_t first, std::size_t second) {
  const RealConstant* bias = constant(scope, reading, second);
  if (bias == nullptr && constant(scope, reading, first) != nullptr) {
    bias = constant(scope, reading, first);
    std::swap(first, second);
  }
  const Activation a = activation(scope, reading, first);
  const std::int64_t uses = uses_of_output(scope, reading);
  if (bias != nullptr) {
    RealLayer* layer = reading.builder.open_layer(a.tensor);
    const std::int64_t channels = reading.builder.shape(a.tensor).channels;
    if (layer == nullptr || layer->other || elements(bias->shape) != channels) {
      scope.unsupported("a constant can be added per channel, right after a convolution");
    }
    const Rows added = bias_of(reading, bias, channels);
    for (std::size_t k = 0; k < added.size(); ++k) layer->bias[k] += added[k];
    become(scope, reading, {reading.builder.keep(a.tensor, uses), a.flat});
    return;
  }
  const Activation b = activation(scope, reading, second);
  if (reading.builder.shape(a.tensor) != reading.builder.shape(b.tensor)) {
    scope.unsupported(fmt::format("it adds {} to {}",
                                  to_string(reading.builder.shape(b.tensor)),
                                  to_string(reading.builder.shape(a.tensor))));
  }
  become(scope, reading, {reading.builder.add(scope.name(), a.tensor, b.tensor, uses), a.flat});
}

bool passes_on(const std::string& full_type) {
  static constexpr std::array kTypes{"Identity", "Dropout", "QuantizeLinear", "DequantizeLinear",
                                     "Flatten",  "Reshape", "Squeeze"};
  return std::find(kTypes.begin(), kTypes.end(), full_type) != kTypes.end();
}

NodeRule node_rule(const std::string& full_type) {
  static const std::map<std::string, NodeRule> kRules{
      {"Conv", read_conv},
      {"Gemm", read_gemm},
      {"MatMul", read_matmul},
      {"BatchNormalization", read_batch_norm},
      {"Relu", read_relu},
      {"Clip", read_clip},
      {"Add", read_sum},
      {"Sum", read_sum},
      {"MaxPool", read_max_pool},
      {"AveragePool", read_average_pool},
      {"GlobalAveragePool", read_global_average},
      {"ReduceMean", read_reduce_mean},
      {"Flatten", read_flatten},
      {"Reshape", read_flatten},
      {"Squeeze", read_flatten},
      {"Identity", read_same},
      {"Dropout", read_same},
      {"DequantizeLinear", read_same},
      {"QuantizeLinear", read_quantize},
      {"QLinearConv", read_qlinear_conv},
      {"QLinearMatMul", read_qlinear_matmul},
      {"com.microsoft/QLinearAdd", read_qlinear_add},
      {"com.microsoft/QLinearGlobalAveragePool", read_qlinear_average}};
  const auto found = kRules.find(full_type);
  return found == kRules.end() ? nullptr : found->second;
}

}  // namespace tileloom::onnx_import
