// Element-wise operators: activations of one element, arithmetic and comparison of several.

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"

namespace tileloom::onnx_import {
namespace {

/// Any function of one element; further inputs (limits of Clip) are parameters.
void activation(NodeScope& scope) {
  if (scope.fold_into_producer(0, 0)) return;
  map_elements(scope, {0}, PointFunction::activation, scope.input(0).type);
}

/// A function of one element whose result is true or false.
void predicate(NodeScope& scope) {
  map_elements(scope, {0}, PointFunction::activation, ElementType::boolean);
}

/// The single input that is computed, if all others are constants that stretch to its shape.
std::optional<std::size_t> only_computed(const NodeScope& scope) {
  std::optional<std::size_t> computed;
  for (std::size_t i = 0; i < scope.inputs(); ++i) {
    if (scope.constant(i)) continue;
    if (computed) return std::nullopt;
    computed = i;
  }
  return computed;
}

/// A bias or a scale: constants no larger than one value per channel or per column fold into the
/// operator that computes the other input.
bool fold_constants(NodeScope& scope) {
  const auto computed = only_computed(scope);
  if (!computed || scope.inputs() < 2) return false;
  const Shape& shape = scope.shape(*computed);
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < scope.inputs(); ++i) {
    shapes.push_back(scope.shape(i));
    const auto long_sides = std::ranges::count_if(shapes.back(), [](auto e) { return e > 1; });
    if (i != *computed && long_sides > 1) return false;
  }
  return broadcast(scope, shapes) == shape && scope.fold_into_producer(*computed, 0);
}

template <PointFunction function>
void arithmetic(NodeScope& scope) {
  const bool two = function == PointFunction::subtract || function == PointFunction::divide;
  if (scope.inputs() == 0 || (two && scope.inputs() != 2)) {
    scope.mistake(fmt::format("has {} inputs, must have {}", scope.inputs(), two ? "2" : "some"));
  }
  if (fold_constants(scope)) return;
  std::vector<std::size_t> all(scope.inputs());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const bool single = all.size() == 1;
  map_elements(scope, all, single ? PointFunction::copy : function, scope.input(0).type);
}

/// Functions of two elements other than the four kinds of arithmetic count as a maximum: two reads,
/// one write, no multiplication.
void comparison(NodeScope& scope) {
  map_elements(scope, {0, 1}, PointFunction::maximum, ElementType::boolean);
}

/// Where: output = condition ? x : y. All three are read.
void where(NodeScope& scope) {
  map_elements(scope, {0, 1, 2}, PointFunction::maximum, scope.input(1).type);
}

}  // namespace

void add_elementwise_rules(Registry& rules) {
  for (const char* type :
       {"Abs",        "Acos",   "Acosh",   "Asin", "Asinh",       "Atan",           "Atanh",
        "BitwiseNot", "Ceil",   "Celu",    "Clip", "Cos",         "Cosh",           "Elu",
        "Erf",        "Exp",    "Floor",   "Gelu", "HardSigmoid", "HardSwish",      "LeakyRelu",
        "Log",        "Mish",   "Neg",     "Not",  "Reciprocal",  "Relu",           "Round",
        "Selu",       "Shrink", "Sigmoid", "Sign", "Sin",         "Sinh",           "Softplus",
        "Softsign",   "Sqrt",   "Swish",   "Tan",  "Tanh",        "ThresholdedRelu"}) {
    rules[type] = activation;
  }
  for (const char* type : {"FastGelu", "Gelu", "QuickGelu"}) {
    rules[std::string("com.microsoft/") + type] = activation;
  }
  for (const char* type : {"IsInf", "IsNaN"}) rules[type] = predicate;
  for (const char* type : {"Add", "Sum", "Mean", "BitwiseXor", "Xor"}) {
    rules[type] = arithmetic<PointFunction::add>;
  }
  for (const char* type : {"Mul", "PRelu", "Pow", "BitwiseAnd", "And"}) {
    rules[type] = arithmetic<PointFunction::multiply>;
  }
  rules["Sub"] = arithmetic<PointFunction::subtract>;
  for (const char* type : {"Div", "Mod", "BitShift"}) {
    rules[type] = arithmetic<PointFunction::divide>;
  }
  for (const char* type : {"Max", "BitwiseOr", "Or"}) {
    rules[type] = arithmetic<PointFunction::maximum>;
  }
  rules["Min"] = arithmetic<PointFunction::minimum>;
  for (const char* type : {"Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"}) {
    rules[type] = comparison;
  }
  rules["Where"] = where;
}

}  // namespace tileloom::onnx_import
