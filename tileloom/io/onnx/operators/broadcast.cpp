#include "tileloom/io/onnx/operators/broadcast.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tileloom::onnx_import {

Shape broadcast(const NodeScope& scope, const std::vector<Shape>& shapes) {
  Shape result;
  for (const Shape& shape : shapes) {
    if (shape.size() > result.size())
      result.insert(result.begin(), shape.size() - result.size(), 1);
    for (std::size_t d = 0; d < shape.size(); ++d) {
      std::int64_t& size = result[result.size() - shape.size() + d];
      if (shape[d] == 1 || shape[d] == size) continue;
      if (size != 1) {
        scope.mistake(
            fmt::format("sizes {} and {} cannot be stretched to each other", size, shape[d]));
      }
      size = shape[d];
    }
  }
  return result;
}

Ranks element_ranks(const Shape& shape) {
  Ranks ranks;
  for (std::size_t d = 0; d < shape.size(); ++d) ranks.add(fmt::format("D{}", d), shape[d]);
  return ranks;
}

std::vector<Axis> element_axes(const Shape& own, const Shape& shape, std::size_t ahead) {
  std::vector<Axis> axes;
  for (std::size_t d = 0; d < own.size(); ++d) {
    const bool stretched = own[d] == 1 && shape[ahead + d] != 1;
    axes.push_back(stretched ? single() : axis(static_cast<RankId>(ahead + d), own[d]));
  }
  return axes;
}

void map_elements(NodeScope& scope, const std::vector<std::size_t>& operands,
                  PointFunction function, ElementType result) {
  std::vector<Shape> shapes;
  for (const std::size_t i : operands) shapes.push_back(scope.shape(i));
  const Shape shape = broadcast(scope, shapes);
  const TensorId out = scope.make(0, shape, result);
  std::vector<Operand> inputs;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    inputs.push_back(scope.read(operands[i], element_axes(shapes[i], shape)));
  }
  scope.emit("", element_ranks(shape), std::move(inputs),
             scope.write(out, element_axes(shape, shape)), function, Reduction::none);
}

void map_part(NodeScope& scope, const std::string& part, const std::vector<Part>& inputs,
              const Part& output, PointFunction function) {
  std::vector<Operand> read;
  for (const Part& input : inputs) {
    read.push_back(scope.read(input.tensor, element_axes(input.shape, output.shape)));
  }
  scope.emit(part, element_ranks(output.shape), std::move(read),
             scope.write(output.tensor, element_axes(output.shape, output.shape)), function,
             Reduction::none);
}

void reduce_part(NodeScope& scope, const std::string& part, const Part& input, const Part& output,
                 PointFunction function, Reduction reduction) {
  scope.emit(part, element_ranks(input.shape),
             {scope.read(input.tensor, element_axes(input.shape, input.shape))},
             scope.write(output.tensor, element_axes(output.shape, input.shape)), function,
             reduction);
}

}  // namespace tileloom::onnx_import
