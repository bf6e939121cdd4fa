#pragma once
// Constants of a model as real numbers.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {

struct RealConstant {
  ElementType type = ElementType::float32;
  Shape shape;
  std::optional<std::vector<double>> values;  ///< row-major; absent: not in the file
};
using Constants = std::map<std::string, RealConstant>;

/// Adds the initializers of a graph.
void add_initializers(const Graph& graph, Constants& constants);

/// If all of what the node reads is constant and it makes another constant of it (Constant,
/// ConstantOfShape, Identity, DequantizeLinear), adds that and returns true.
bool fold_constant(const NodeScope& scope, Constants& constants);

/// (q − zero) · scale along `axis`, or for all elements where scale has one.
RealConstant dequantised(const RealConstant& quantised, const RealConstant& scale,
                         const RealConstant* zero, std::size_t axis);

}  // namespace tileloom::onnx_import
