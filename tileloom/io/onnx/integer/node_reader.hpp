#pragma once
// The rules for nodes that have an integer form.

#include <map>
#include <string>
#include <vector>

#include "tileloom/io/onnx/integer/constants.hpp"
#include "tileloom/io/onnx/integer/layer_builder.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::onnx_import {

/// What the rules share while a graph is read.
struct Reading {
  LayerBuilder builder;
  Constants constants;
  std::map<std::string, Activation> activations;
  std::map<std::string, std::int64_t> uses;  ///< nodes that read a name, through those that pass it on
  Random random;
  std::size_t drawn = 0;  ///< constants without values in the file

  explicit Reading(std::uint64_t seed) : random(seed) {}
};

using NodeRule = void (*)(const NodeScope& scope, Reading& reading);

/// The rule for a node type, or null. Rules throw NodeMistake or Unsupported.
NodeRule node_rule(const std::string& full_type);

/// True if the node hands its first input on.
bool passes_on(const std::string& full_type);

// --- what rules are made of
/// Input i as a tensor; Unsupported if it is none.
const Activation& activation(const NodeScope& scope, const Reading& reading, std::size_t i);
const Activation& activation_named(const std::string& name, const Reading& reading);
/// Input i as a tensor that is no matrix.
const Activation& image(const NodeScope& scope, const Reading& reading, std::size_t i);
/// The window of a node over an image.
void set_window(const NodeScope& scope, const ImageShape& in, const Shape& kernel,
                RealLayer& layer);
/// Input i as a constant, or null.
const RealConstant* constant(const NodeScope& scope, const Reading& reading, std::size_t i);
/// States what output 0 is.
void become(const NodeScope& scope, Reading& reading, const Activation& result);
std::int64_t uses_of_output(const NodeScope& scope, const Reading& reading);
/// A convolution with these parameters; draws those without values.
void convolve(const NodeScope& scope, Reading& reading, const RealConstant& weights,
              const RealConstant* bias);
/// rows · weights (K x N, or N x K where `transposed`), the rows being whole images.
void multiply(const NodeScope& scope, Reading& reading, const RealConstant& weights,
              bool transposed, const RealConstant* bias);

void read_max_pool(const NodeScope& scope, Reading& reading);
void read_average_pool(const NodeScope& scope, Reading& reading);
void read_global_average(const NodeScope& scope, Reading& reading);
void read_reduce_mean(const NodeScope& scope, Reading& reading);
void read_quantize(const NodeScope& scope, Reading& reading);
void read_qlinear_conv(const NodeScope& scope, Reading& reading);
void read_qlinear_matmul(const NodeScope& scope, Reading& reading);
void read_qlinear_add(const NodeScope& scope, Reading& reading);
void read_qlinear_average(const NodeScope& scope, Reading& reading);
void read_average(const NodeScope& scope, Reading& reading, const Activation& x);
void read_add(const NodeScope& scope, Reading& reading, std::size_t first, std::size_t second);

}  // namespace tileloom::onnx_import
