#pragma once
// The truth about values: an operator evaluated point by point, in no particular schedule.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/workload/workload.hpp"

namespace tileloom::reference {

/// The values of tensors, each row-major. Small integers keep sums and products exact.
using TensorValues = std::map<TensorId, std::vector<double>>;

/// A small nonzero integer that depends only on the tensor and the index.
double sample_value(TensorId tensor, std::int64_t index);

/// Sample values for every operand of the operator, its output included (so that an element that is
/// wrongly left alone shows).
TensorValues sample_values(const Operator& op);

/// Index of the element of `operand` at a point, in its row-major view; absent if the point lies
/// outside the tensor (padding).
std::optional<std::int64_t> element_at(const Operand& operand, std::span<const std::int64_t> point);

/// The point function applied to the values read (padding reads 0). An `activation` stands for any
/// function of one element; here it is 2x + 1.
double apply_function(PointFunction function, std::span<const double> inputs);

/// Two contributions to one output element; without a reduction the later one replaces the earlier.
double combine(Reduction reduction, double earlier, double later);

/// The output tensor after the operator has run; elements it does not write keep their value.
std::vector<double> evaluate_operator(const Operator& op, const TensorValues& tensors);

/// Every tensor after all operators have run in order.
TensorValues evaluate_workload(const Workload& workload, TensorValues tensors);

}  // namespace tileloom::reference
