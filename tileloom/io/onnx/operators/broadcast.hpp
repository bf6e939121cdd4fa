#pragma once
// Element-wise operators on tensors that are stretched to a common shape.

#include <vector>

#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {

/// The shape that all `shapes` stretch to: aligned at their ends, sizes equal or 1 (ONNX
/// "multidirectional broadcasting"). A mistake if there is none.
Shape broadcast(const NodeScope& scope, const std::vector<Shape>& shapes);

/// One rank per dimension of `shape`: "D0", "D1", …
Ranks element_ranks(const Shape& shape);

/// How an operand of shape `own` is read at a point of element_ranks(shape): stretched axes have no
/// term. `ahead` is the dimension of `shape` at which `own` starts.
std::vector<Axis> element_axes(const Shape& own, const Shape& shape, std::size_t ahead);
inline std::vector<Axis> element_axes(const Shape& own, const Shape& shape) {
  return element_axes(own, shape, shape.size() - own.size());
}

/// output 0 = function(inputs `operands`…) element by element, of type `result`.
void map_elements(NodeScope& scope, const std::vector<std::size_t>& operands,
                  PointFunction function, ElementType result);

/// Part of a chain: `output` of shape `shape` = function(inputs), each given as tensor and shape
/// (of equal rank, 1 where stretched).
struct Part {
  TensorId tensor{};
  Shape shape;
};
void map_part(NodeScope& scope, const std::string& part, const std::vector<Part>& inputs,
              const Part& output, PointFunction function);

/// Part of a chain: reduces the dimensions in which `output` is 1 and `input` is not.
void reduce_part(NodeScope& scope, const std::string& part, const Part& input, const Part& output,
                 PointFunction function, Reduction reduction);

}  // namespace tileloom::onnx_import
