#pragma once
// Sliding windows: what convolutions and pooling have in common.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {

/// One spatial dimension of a window: input index = stride·p + dilation·r − pad_begin.
struct Window {
  std::int64_t input = 1;   ///< extent of the input
  std::int64_t kernel = 1;  ///< extent of r
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad_begin = 0;
  std::int64_t pad_end = 0;
  std::int64_t output = 1;  ///< extent of p
};

/// The windows of a node with attributes strides, dilations, pads and auto_pad.
///     output = ⌊(input + pad_begin + pad_end − dilation·(kernel − 1) − 1) / stride⌋ + 1
/// with `ceil_mode` rounded up, except for a last window that would start beyond the input and its
/// leading padding. Source: ONNX operator definitions Conv-11, MaxPool-12, AveragePool-19.
std::vector<Window> windows(const NodeScope& scope, const Shape& input, const Shape& kernel,
                            bool ceil_mode);

/// Names of the output position and of the kernel position, by spatial dimension: the last of
/// O, P, Q and of T, R, S; with more than three dimensions P0, P1, … and R0, R1, …
std::string position_name(std::size_t dimension, std::size_t dimensions);
std::string kernel_name(std::size_t dimension, std::size_t dimensions);

}  // namespace tileloom::onnx_import
