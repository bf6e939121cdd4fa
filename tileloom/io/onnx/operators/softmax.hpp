#pragma once
#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {

/// output = softmax of `input` over the dimensions of `shape` from `row` on, as four operators.
void softmax_chain(NodeScope& scope, TensorId input, const Shape& shape, std::size_t row,
                   ElementType type, TensorId output);

}  // namespace tileloom::onnx_import
