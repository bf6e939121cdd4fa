// Reductions over whole dimensions.

#include <algorithm>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"

namespace tileloom::onnx_import {
namespace {

/// Which dimensions are reduced: as a second input, as an attribute, or all.
std::vector<bool> reduced_axes(const NodeScope& scope, std::size_t rank) {
  std::vector<std::int64_t> axes;
  if (scope.has_input(1)) {
    axes = scope.integers(1);
  } else {
    axes = scope.integer_list("axes", {});
  }
  const bool nothing = axes.empty() && scope.integer("noop_with_empty_axes", 0) != 0;
  std::vector<bool> reduced(rank, axes.empty() && !nothing);
  for (const std::int64_t a : axes) reduced[scope.normal_axis(a, rank)] = true;
  return reduced;
}

/// The output's shape without and with the reduced dimensions kept as 1.
void reduce(NodeScope& scope, const std::vector<bool>& reduced, PointFunction function,
            Reduction reduction, ElementType result) {
  const Shape in = scope.shape(0);
  const bool keep = scope.integer("keepdims", 1) != 0;
  Shape kept = in;
  Shape shape;
  for (std::size_t d = 0; d < in.size(); ++d) {
    if (reduced[d]) kept[d] = 1;
    if (!reduced[d] || keep) shape.push_back(kept[d]);
  }
  if (std::ranges::none_of(reduced, [](bool r) { return r; })) {
    return scope.view(0, 0, in, "reduces nothing");
  }
  const TensorId out = scope.make(0, shape, result);
  reduce_part(scope, "", {scope.input(0).storage, in}, {out, kept}, function, reduction);
}

template <PointFunction function, Reduction reduction>
void reduce_axes(NodeScope& scope) {
  const std::size_t rank = scope.shape(0).size();
  reduce(scope, reduced_axes(scope, rank), function, reduction, scope.input(0).type);
}

/// ArgMax, ArgMin: the winner of one dimension; its index is what is written.
void winner(NodeScope& scope) {
  const std::size_t rank = scope.shape(0, 1).size();
  std::vector<bool> reduced(rank, false);
  reduced[scope.normal_axis(scope.integer("axis", 0), rank)] = true;
  reduce(scope, reduced, PointFunction::copy, Reduction::max, ElementType::int64);
}

}  // namespace

void add_reduction_rules(Registry& rules) {
  rules["ArgMax"] = winner;
  rules["ArgMin"] = winner;
  // The division of a mean, the root of a norm and the logarithm of a sum are the last thing done
  // to an element; powers and exponentials the first.
  for (const char* type : {"ReduceLogSum", "ReduceMean", "ReduceSum"}) {
    rules[type] = reduce_axes<PointFunction::copy, Reduction::sum>;
  }
  for (const char* type : {"ReduceL1", "ReduceL2", "ReduceLogSumExp", "ReduceSumSquare"}) {
    rules[type] = reduce_axes<PointFunction::activation, Reduction::sum>;
  }
  // A product is accumulated like a sum.
  rules["ReduceProd"] = reduce_axes<PointFunction::activation, Reduction::sum>;
  for (const char* type : {"ReduceMax", "ReduceMin"}) {
    rules[type] = reduce_axes<PointFunction::copy, Reduction::max>;
  }
}

}  // namespace tileloom::onnx_import
