#pragma once
#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {

/// The node as a matrix product of its inputs number `left` and `right`, by the rules of MatMul.
void multiply_matrices(NodeScope& scope, std::size_t left, std::size_t right, ElementType result);

}  // namespace tileloom::onnx_import
