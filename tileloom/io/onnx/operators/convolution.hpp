#pragma once
#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {

/// The node as a convolution of its inputs number `input` and `weight`; attributes as of Conv.
void convolve(NodeScope& scope, std::size_t input, std::size_t weight, ElementType result);

}  // namespace tileloom::onnx_import
