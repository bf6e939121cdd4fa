#include "tileloom/reference/evaluate_operator.hpp"

#include <algorithm>

#include "tileloom/support/random.hpp"

namespace tileloom::reference {

double sample_value(TensorId tensor, std::int64_t index) {
  Random random(tileloom::index(tensor) * 1'000'003 + static_cast<std::uint64_t>(index));
  const std::int64_t magnitude = random.between(1, 4);
  return static_cast<double>(random.below(2) == 0 ? magnitude : -magnitude);
}

TensorValues sample_values(const Operator& op) {
  TensorValues tensors;
  for (const Operand* operand : operands(op)) {
    std::vector<double>& values = tensors[operand->tensor];
    values.clear();
    for (std::int64_t i = 0; i < elements(*operand); ++i) {
      values.push_back(sample_value(operand->tensor, i));
    }
  }
  return tensors;
}

std::optional<std::int64_t> element_at(const Operand& operand,
                                       std::span<const std::int64_t> point) {
  std::int64_t flat = 0;
  for (const Axis& axis : operand.axes) {
    std::int64_t value = axis.offset;
    for (const Term& term : axis.terms) value += term.coefficient * point[index(term.rank)];
    if (value < 0 || value >= axis.extent) return std::nullopt;
    flat = flat * axis.extent + value;
  }
  return flat;
}

namespace {

double apply_to_pair(PointFunction function, double left, double right) {
  switch (function) {
    case PointFunction::multiply:
      return left * right;
    case PointFunction::add:
      return left + right;
    case PointFunction::subtract:
      return left - right;
    case PointFunction::divide:
      return right == 0 ? left : left / right;  // a number, in any order of sums
    case PointFunction::maximum:
      return std::max(left, right);
    case PointFunction::minimum:
      return std::min(left, right);
    case PointFunction::copy:
    case PointFunction::activation:
      return left;
  }
  return left;
}

}  // namespace

double apply_function(PointFunction function, std::span<const double> inputs) {
  if (inputs.empty()) return 0.0;
  double value = inputs.front();
  for (const double next : inputs.subspan(1)) value = apply_to_pair(function, value, next);
  return function == PointFunction::activation ? 2 * value + 1 : value;
}

double combine(Reduction reduction, double earlier, double later) {
  switch (reduction) {
    case Reduction::sum:
      return earlier + later;
    case Reduction::max:
      return std::max(earlier, later);
    case Reduction::none:
      return later;
  }
  return later;
}

std::vector<double> evaluate_operator(const Operator& op, const TensorValues& tensors) {
  std::vector<double> output = tensors.at(op.output.tensor);
  std::vector<bool> written(output.size(), false);
  std::vector<std::int64_t> point(op.ranks.size(), 0);
  const std::int64_t total = points(op);
  for (std::int64_t n = 0; n < total; ++n) {
    std::vector<double> read;
    for (const Operand& input : op.inputs) {
      const std::optional<std::int64_t> element = element_at(input, point);
      read.push_back(element ? tensors.at(input.tensor)[static_cast<std::size_t>(*element)] : 0.0);
    }
    if (const std::optional<std::int64_t> element = element_at(op.output, point)) {
      const auto at = static_cast<std::size_t>(*element);
      const double value = apply_function(op.function, read);
      output[at] = written[at] ? combine(op.reduction, output[at], value) : value;
      written[at] = true;
    }
    for (std::size_t d = point.size(); d-- > 0;) {
      if (++point[d] < op.ranks[d].extent) break;
      point[d] = 0;
    }
  }
  return output;
}

TensorValues evaluate_workload(const Workload& workload, TensorValues tensors) {
  for (const Operator& op : workload.operators) {
    tensors[op.output.tensor] = evaluate_operator(op, tensors);
  }
  return tensors;
}

}  // namespace tileloom::reference
