#include "tileloom/io/onnx/integer/round.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/reference/run_integer_network.hpp"

namespace tileloom::onnx_import {
namespace {

constexpr int kInputExponent = -7;
constexpr double kMost = 127;
/// Biases beyond take a VTA several steps per result; coarser weights are the smaller loss.
constexpr double kMostBias = 1 << 20;
constexpr int kMostFactor = 6;  ///< log2 of the largest factor of an added tensor

/// The smallest e with value ≤ most · 2^e.
int exponent_for(double value, double most) {
  constexpr int kFinest = -100;  // smaller values are zero
  if (value <= 0) return 0;
  return std::max(kFinest, static_cast<int>(std::ceil(std::log2(value / most) - 1e-12)));
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) most = std::max(most, std::abs(value));
  return most;
}

class Rounding {
 public:
  Rounding(const RealNetwork& real, std::span<const std::int8_t> image) : real_(real) {
    for (const RealTensor& tensor : real.tensors) {
      network_.tensors.push_back({tensor.name, tensor.shape, 0});
    }
    network_.tensors[0].exponent = stated(0).value_or(kInputExponent);
    values_.emplace_back(image.begin(), image.end());
  }

  IntegerNetwork run() && {
    for (std::size_t l = 0; l < real_.layers.size(); ++l) round_layer(l);
    return std::move(network_);
  }

 private:
  /// Scales of a model whose weights are not known say nothing.
  std::optional<int> stated(std::size_t tensor) const {
    return real_.drawn ? std::nullopt : real_.tensors[tensor].exponent;
  }
  int exponent(std::size_t tensor) const { return network_.tensors[tensor].exponent; }

  void round_layer(std::size_t l) {
    const RealLayer& real = real_.layers[l];
    IntegerLayer layer;
    layer.name = real.name;
    layer.kind = real.kind;
    layer.input = real.input;
    layer.other = real.other;
    layer.rows = real.rows;
    layer.columns = real.columns;
    network_.layers.push_back(std::move(layer));
    if (real.kind == IntegerKind::max_pool) {
      network_.tensors[l + 1].exponent = exponent(real.input);
      finish(l, reference::layer_sums(network_, l, values_[real.input]));
      return;
    }
    const int counted = round_parameters(l);
    const int aligned = align_other(l, counted);
    std::vector<std::int32_t> sums = reference::layer_sums(network_, l, values_[real.input]);
    choose_shift(l, aligned, sums);
    finish(l, sums);
  }

  /// The exponent that the sums count.
  int round_parameters(std::size_t l) {
    const RealLayer& real = real_.layers[l];
    IntegerLayer& layer = network_.layers[l];
    int e = exponent_for(largest(real.weights), kMost);
    const double bias = largest(real.bias);
    while (bias / std::exp2(exponent(real.input) + e) > kMostBias) ++e;
    for (const double weight : real.weights) {
      layer.weights.push_back(static_cast<std::int8_t>(std::lround(weight / std::exp2(e))));
    }
    const int counted = exponent(real.input) + e;
    for (const double value : real.bias) {
      layer.bias.push_back(static_cast<std::int32_t>(std::lround(value / std::exp2(counted))));
    }
    return counted;
  }

  /// Brings sums and added tensor to one exponent, and returns it.
  int align_other(std::size_t l, int counted) {
    const RealLayer& real = real_.layers[l];
    if (!real.other) return counted;
    Rescale& rescale = network_.layers[l].rescale;
    const int apart = exponent(*real.other) - counted;
    const int left = std::clamp(apart, 0, kMostFactor);
    rescale.pre_shift = std::clamp(apart - left, -16, 31);
    rescale.factor = std::int64_t{1} << left;
    return counted + static_cast<int>(rescale.pre_shift);
  }

  /// The shift to the result's exponent, the limits, and the half that rounds.
  void choose_shift(std::size_t l, int aligned, const std::vector<std::int32_t>& sums) {
    const RealLayer& real = real_.layers[l];
    Rescale& rescale = network_.layers[l].rescale;
    std::optional<int> wanted = stated(l + 1);
    if (!wanted) {
      double most = most_of(l, sums) * std::exp2(aligned);
      if (real.high) most = std::min(most, *real.high);
      wanted = std::max(aligned, exponent_for(most, kMost));
    }
    rescale.shift = std::clamp(*wanted - aligned, -16, 31);
    const int result = aligned + static_cast<int>(rescale.shift);
    network_.tensors[l + 1].exponent = result;
    if (real.low) rescale.low = limit(*real.low, result);
    if (real.high) rescale.high = limit(*real.high, result);
    const std::int64_t all = rescale.pre_shift + rescale.shift;
    if (rescale.shift <= 0 || all <= 0) return;
    for (std::int32_t& bias : network_.layers[l].bias) {
      bias += static_cast<std::int32_t>(std::int64_t{1} << std::min<std::int64_t>(all - 1, 29));
    }
  }

  static std::int64_t limit(double real, int exponent) {
    return std::lround(std::clamp(real / std::exp2(exponent), -128.0, 127.0));
  }

  /// The largest sum before the shift; only what a ReLU keeps.
  double most_of(std::size_t l, const std::vector<std::int32_t>& sums) const {
    Rescale plain = network_.layers[l].rescale;
    const double step = std::exp2(-static_cast<double>(plain.pre_shift));
    double most = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const double sum = (static_cast<double>(sums[i]) + bias_at(l, i)) * step +
                         static_cast<double>(plain.factor * other_at(l, i));
      const bool cut = real_.layers[l].low && sum < 0;
      if (!cut) most = std::max(most, std::abs(sum));
    }
    return most;
  }

  std::int32_t bias_at(std::size_t l, std::size_t element) const {
    const IntegerLayer& layer = network_.layers[l];
    if (layer.bias.empty()) return 0;
    const ImageShape& shape = network_.tensors[l + 1].shape;
    const auto plane = static_cast<std::size_t>(shape.rows * shape.columns);
    return layer.bias[element / plane % static_cast<std::size_t>(shape.channels)];
  }
  std::int8_t other_at(std::size_t l, std::size_t element) const {
    const auto& other = network_.layers[l].other;
    return other ? values_[*other][element] : std::int8_t{0};
  }

  void finish(std::size_t l, const std::vector<std::int32_t>& sums) {
    std::vector<std::int8_t> result(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
      result[i] = reference::rescaled(network_.layers[l].rescale, sums[i], bias_at(l, i),
                                      other_at(l, i));
    }
    values_.push_back(std::move(result));
  }

  const RealNetwork& real_;
  IntegerNetwork network_;
  std::vector<std::vector<std::int8_t>> values_;  ///< of the tensors so far, for the image
};

}  // namespace

IntegerNetwork rounded(const RealNetwork& real, std::span<const std::int8_t> image) {
  return Rounding(real, image).run();
}

}  // namespace tileloom::onnx_import
