#pragma once
#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {

/// Output k = the part of input i that starts at `start` and takes every `step`-th element, both
/// per dimension, steps ≥ 1; `shape` is the part's shape.
void copy_part(NodeScope& scope, const std::string& part, std::size_t i, std::size_t k,
               const std::vector<std::int64_t>& start, const std::vector<std::int64_t>& step,
               const Shape& shape);

}  // namespace tileloom::onnx_import
