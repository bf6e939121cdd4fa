#pragma once
// The image networks that have an integer form, before their numbers are rounded.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/io/onnx/graph.hpp"
#include "tileloom/support/diagnostic.hpp"
#include "tileloom/workload/integer_network.hpp"

namespace tileloom::onnx_import {

struct RealTensor {
  std::string name;
  ImageShape shape;
  std::optional<int> exponent;  ///< of a scale that the model states
};

/// As IntegerLayer. Limits hold after the addition of `other`.
struct RealLayer {
  std::string name;
  IntegerKind kind = IntegerKind::convolution;
  std::size_t input = 0;
  std::optional<std::size_t> other;
  WindowAxis rows;
  WindowAxis columns;
  std::vector<double> weights;
  std::vector<double> bias;
  std::optional<double> low;
  std::optional<double> high;
};

struct RealNetwork {
  std::vector<RealTensor> tensors;  ///< layer i computes tensor i + 1
  std::vector<RealLayer> layers;
  std::vector<std::string> notes;  ///< what a user should know: drawn weights, steps of the host
  bool drawn = false;              ///< some weights are not those of the file
};

/// Reads the nodes of a model: convolutions (one group or depthwise), matrix products with constants,
/// batch normalisation, additions, ReLU and Clip, pooling, flattening, and all of them quantised
/// (QuantizeLinear, DequantizeLinear, QLinear…). Every node that is something else is a mistake with
/// its name. Constants without values in the file are drawn with `seed`.
/// @param bind  sizes of symbolic dimensions by name
Result<RealNetwork> real_network(const Model& model, const std::string& file, std::uint64_t seed,
                                 const std::map<std::string, std::int64_t>& bind);

}  // namespace tileloom::onnx_import
