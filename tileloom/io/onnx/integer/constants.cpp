#include "tileloom/io/onnx/integer/constants.hpp"

namespace tileloom::onnx_import {
namespace {

RealConstant real_constant(const Literal& literal) {
  RealConstant constant{literal.type, literal.shape, std::nullopt};
  if (literal.numbers) constant.values = as_floats(*literal.numbers);
  return constant;
}

const RealConstant* constant_input(const NodeScope& scope, const Constants& constants,
                                   std::size_t i) {
  const std::vector<std::string>& inputs = scope.node().inputs;
  if (i >= inputs.size()) return nullptr;
  const auto found = constants.find(inputs[i]);
  return found == constants.end() ? nullptr : &found->second;
}

RealConstant filled(const NodeScope& scope, const RealConstant& shape) {
  RealConstant result;
  if (!shape.values) scope.unsupported("the shape of a constant is not known");
  for (const double extent : *shape.values) result.shape.push_back(static_cast<std::int64_t>(extent));
  double value = 0;
  const auto given = scope.node().attributes.find("value");
  if (given != scope.node().attributes.end() && given->second.literal) {
    result.type = given->second.literal->type;
    const auto numbers = real_constant(*given->second.literal).values;
    if (numbers && !numbers->empty()) value = numbers->front();
  }
  constexpr std::int64_t kMost = std::int64_t{1} << 28;
  if (elements(result.shape) > kMost) scope.unsupported("a constant is too large");
  result.values.emplace(static_cast<std::size_t>(elements(result.shape)), value);
  return result;
}

}  // namespace

void add_initializers(const Graph& graph, Constants& constants) {
  for (const auto& [name, literal] : graph.initializers) constants[name] = real_constant(literal);
}

RealConstant dequantised(const RealConstant& quantised, const RealConstant& scale,
                         const RealConstant* zero, std::size_t axis) {
  RealConstant result{ElementType::float32, quantised.shape, std::nullopt};
  if (!quantised.values || !scale.values || scale.values->empty()) return result;
  if (zero != nullptr && (!zero->values || zero->values->empty())) return result;
  std::int64_t inner = 1;
  for (std::size_t a = axis + 1; a < quantised.shape.size(); ++a) inner *= quantised.shape[a];
  const auto of = [&](const std::vector<double>& list, std::size_t i) {
    return list[list.size() == 1 ? 0 : i / static_cast<std::size_t>(inner) % list.size()];
  };
  result.values = quantised.values;
  for (std::size_t i = 0; i < result.values->size(); ++i) {
    double& value = (*result.values)[i];
    if (zero != nullptr) value -= of(*zero->values, i);
    value *= of(*scale.values, i);
  }
  return result;
}

bool fold_constant(const NodeScope& scope, Constants& constants) {
  const Node& node = scope.node();
  if (node.outputs.empty()) return false;
  RealConstant& made = constants[node.outputs.front()];
  const auto give_up = [&] {
    constants.erase(node.outputs.front());
    return false;
  };
  if (node.type == "Constant") {
    const auto value = node.attributes.find("value");
    if (value != node.attributes.end() && value->second.literal) {
      made = real_constant(*value->second.literal);
    } else if (scope.has_attribute("value_float")) {
      made.values = {scope.floating("value_float", 0)};
    } else if (scope.has_attribute("value_int")) {
      made.values = {static_cast<double>(scope.integer("value_int", 0))};
    } else {
      const auto list = scope.integer_list("value_ints", {});
      made.shape = {static_cast<std::int64_t>(list.size())};
      made.values.emplace(list.begin(), list.end());
    }
    return true;
  }
  const RealConstant* input = constant_input(scope, constants, 0);
  if (input == nullptr) return give_up();
  if (node.type == "ConstantOfShape") {
    made = filled(scope, *input);
  } else if (node.type == "Identity") {
    made = *input;
  } else if (node.type == "DequantizeLinear") {
    const RealConstant* scale = constant_input(scope, constants, 1);
    if (scale == nullptr) return give_up();
    const std::int64_t axis = scope.integer("axis", 1);
    const auto rank = static_cast<std::int64_t>(input->shape.size());
    made = dequantised(*input, *scale, constant_input(scope, constants, 2),
                       static_cast<std::size_t>(axis < 0 ? axis + rank : axis));
  } else {
    return give_up();
  }
  return true;
}

}  // namespace tileloom::onnx_import
