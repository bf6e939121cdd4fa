// Nodes that make constants.

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/onnx/operators/families.hpp"

namespace tileloom::onnx_import {
namespace {

/// Constant: the value stands in one of several attributes.
void constant(NodeScope& scope) {
  using Integers = std::vector<std::int64_t>;
  using Floats = std::vector<double>;
  for (const auto& [name, attribute] : scope.node().attributes) {
    const auto length = [](const auto& list) {
      return Shape{static_cast<std::int64_t>(list.size())};
    };
    if (attribute.literal && (name == "value" || name == "sparse_value")) {
      const Literal& literal = *attribute.literal;
      for (const std::int64_t extent : literal.shape) {
        if (extent < 0) scope.mistake(fmt::format("the constant is {}", to_text(literal.shape)));
      }
      return scope.constant(0, literal.shape, literal.type, literal.numbers, "constant");
    }
    if (name == "value_int" && attribute.i) {
      return scope.constant(0, {}, ElementType::int64, Integers{*attribute.i}, "constant");
    }
    if (name == "value_ints") {
      return scope.constant(0, length(attribute.ints), ElementType::int64, attribute.ints,
                            "constant");
    }
    if (name == "value_float" && attribute.f) {
      return scope.constant(0, {}, ElementType::float32, Floats{*attribute.f}, "constant");
    }
    if (name == "value_floats") {
      return scope.constant(0, length(attribute.floats), ElementType::float32, attribute.floats,
                            "constant");
    }
    if (name == "value_string" || name == "value_strings") {
      const Shape shape = name == "value_string" ? Shape{} : length(attribute.strings);
      return scope.constant(0, shape, ElementType::string, std::nullopt, "constant");
    }
  }
  scope.mistake("the constant has no value");
}

void constant_of_shape(NodeScope& scope) {
  const Shape shape = scope.integers(0);
  ElementType type = ElementType::float32;
  double fill = 0;
  const auto value = scope.node().attributes.find("value");
  if (value != scope.node().attributes.end() && value->second.literal) {
    const Literal& literal = *value->second.literal;
    type = literal.type;
    if (literal.numbers && size(*literal.numbers) == 1) fill = as_floats(*literal.numbers)[0];
  }
  if (shape.size() > kMostDimensions) scope.mistake("the shape has too many dimensions");
  for (const std::int64_t extent : shape) {
    if (extent < 0) scope.mistake(fmt::format("the shape is {}", to_text(shape)));
  }
  std::optional<Numbers> numbers;
  const std::int64_t count = elements(shape);
  if (count <= kMostFoldedNumbers) {
    const auto items = static_cast<std::size_t>(count);
    if (is_integer(type)) {
      numbers = std::vector<std::int64_t>(items, static_cast<std::int64_t>(fill));
    } else {
      numbers = std::vector<double>(items, fill);
    }
  }
  scope.constant(0, shape, type, std::move(numbers), "constant");
}

/// Shape: [start, end) of the input's shape.
void shape(NodeScope& scope) {
  const Shape& shape = scope.shape(0);
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto bound = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t start = bound(scope.integer("start", 0));
  const std::int64_t end = std::max(start, bound(scope.integer("end", rank)));
  std::vector<std::int64_t> numbers(shape.begin() + start, shape.begin() + end);
  scope.constant(0, {end - start}, ElementType::int64, std::move(numbers), "shape arithmetic");
}

void size_of(NodeScope& scope) {
  std::vector<std::int64_t> numbers{elements(scope.shape(0))};
  scope.constant(0, {}, ElementType::int64, std::move(numbers), "shape arithmetic");
}

}  // namespace

void add_constant_rules(Registry& rules) {
  rules["Constant"] = constant;
  rules["ConstantOfShape"] = constant_of_shape;
  rules["Shape"] = shape;
  rules["Size"] = size_of;
}

}  // namespace tileloom::onnx_import
