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

/// Axes of the operands of an operator with windows: at every position of `still` a window lies on
/// `slid`, index stride·position + dilation·r − pad_begin. A convolution's result is still, a
/// transposed one's input.
struct WindowAxes {
  std::vector<Axis> still;
  std::vector<Axis> slid;
  std::vector<Axis> kernel;
};

/// Adds the batch N and, if there is more than one group, the groups G, which the kernel has as
/// well.
void add_batch_and_groups(Ranks& ranks, std::int64_t batch, std::int64_t groups, WindowAxes& axes);

/// Adds the spatial axes: a rank for each dimension of positions, which `positions` gives the
/// extents of, then one for each of the kernel; `extents` are those of the tensor that windows lie
/// on.
void add_windows(Ranks& ranks, const std::vector<Window>& spatial, const Shape& positions,
                 const Shape& extents, WindowAxes& axes);

/// Extents of the windows' results.
Shape outputs(const std::vector<Window>& spatial);

}  // namespace tileloom::onnx_import
