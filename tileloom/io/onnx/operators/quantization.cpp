// Quantised operators. The scales and zero points are parameters of the last step of an operator;
// products of narrow integers are accumulated in 32 bits.

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/convolution.hpp"
#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/io/onnx/operators/matmul.hpp"

namespace tileloom::onnx_import {
namespace {

/// The type a quantised value is stored in: that of the zero point, or output_dtype, or uint8.
ElementType quantized_type(const NodeScope& scope, std::size_t zero_point) {
  if (scope.has_input(zero_point)) return scope.input(zero_point).type;
  const std::int64_t stated = scope.integer("output_dtype", 0);
  return stated == 0 ? ElementType::uint8 : static_cast<ElementType>(stated);
}

/// QuantizeLinear: its producer writes the narrow type at once; what the network is given, it is
/// given in the narrow type; else it is an operator.
void quantize(NodeScope& scope) {
  const ElementType type = quantized_type(scope, 2);
  if (scope.fold_into_producer(0, 0, type)) return;
  if (scope.narrow_given(0, 0, type)) return;
  map_elements(scope, {0}, PointFunction::activation, type);
}

/// DequantizeLinear: readers take the narrow type.
void dequantize(NodeScope& scope) {
  const ElementType type = scope.has_input(1) ? scope.input(1).type : ElementType::float32;
  scope.view(0, 0, scope.shape(0), "its readers take the quantised values", type);
}

/// DynamicQuantizeLinear: the range of the values, then the values in 8 bits.
void dynamic_quantize(NodeScope& scope) {
  const Shape shape = scope.shape(0);
  const Shape one(shape.size(), 1);
  const ElementType type = scope.input(0).type;
  const Part x{scope.input(0).storage, shape};
  const Part largest{scope.between("range", one, type), one};
  reduce_part(scope, "range", x, largest, PointFunction::copy, Reduction::max);
  const Part result{scope.make(0, shape, ElementType::uint8), shape};
  map_part(scope, "scale", {x, largest}, result, PointFunction::divide);
  if (scope.has_output(1)) scope.constant(1, {}, type, std::nullopt, "");
  if (scope.has_output(2)) scope.constant(2, {}, ElementType::uint8, std::nullopt, "");
}

void qlinear_conv(NodeScope& scope) { convolve(scope, 0, 3, quantized_type(scope, 7)); }
void conv_integer(NodeScope& scope) { convolve(scope, 0, 1, ElementType::int32); }
void qlinear_matmul(NodeScope& scope) { multiply_matrices(scope, 0, 3, quantized_type(scope, 7)); }
void matmul_integer(NodeScope& scope) { multiply_matrices(scope, 0, 1, ElementType::int32); }

/// com.microsoft/QLinearAdd and QLinearMul: A, its scale and zero point, B, likewise, then the
/// result's.
template <PointFunction function>
void qlinear_arithmetic(NodeScope& scope) {
  map_elements(scope, {0, 3}, function, quantized_type(scope, 7));
}

}  // namespace

void add_quantization_rules(Registry& rules) {
  rules["ConvInteger"] = conv_integer;
  rules["DequantizeLinear"] = dequantize;
  rules["DynamicQuantizeLinear"] = dynamic_quantize;
  rules["MatMulInteger"] = matmul_integer;
  rules["QLinearConv"] = qlinear_conv;
  rules["QLinearMatMul"] = qlinear_matmul;
  rules["QuantizeLinear"] = quantize;
  rules["com.microsoft/DequantizeLinear"] = dequantize;
  rules["com.microsoft/QLinearAdd"] = qlinear_arithmetic<PointFunction::add>;
  rules["com.microsoft/QLinearMul"] = qlinear_arithmetic<PointFunction::multiply>;
  rules["com.microsoft/QuantizeLinear"] = quantize;
}

}  // namespace tileloom::onnx_import
