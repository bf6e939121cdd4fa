// Softmax as its chain: the maximum of each row, exp(x − maximum), the sum of each row, the
// quotient. LogSoftmax: the maximum, x − maximum, Σ exp, the difference (the logarithm is the last
// thing done to each sum).

#include "tileloom/io/onnx/operators/softmax.hpp"

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"

namespace tileloom::onnx_import {

void softmax_chain(NodeScope& scope, TensorId input, const Shape& shape, std::size_t row,
                   ElementType type, TensorId output) {
  Shape column = shape;
  for (std::size_t d = row; d < shape.size(); ++d) column[d] = 1;
  const Part x{input, shape};
  const Part largest{scope.between("max", column, type), column};
  const Part power{scope.between("exp", shape, type), shape};
  const Part sum{scope.between("sum", column, type), column};
  reduce_part(scope, "max", x, largest, PointFunction::copy, Reduction::max);
  map_part(scope, "exp", {x, largest}, power, PointFunction::subtract);
  reduce_part(scope, "sum", power, sum, PointFunction::copy, Reduction::sum);
  map_part(scope, "divide", {power, sum}, {output, shape}, PointFunction::divide);
}

namespace {

/// The input as rows: up to opset 12 everything from `axis` on is one row, later `axis` alone is.
/// An axis that is not the last keeps its place: [outer, row, inner].
struct Rows {
  Shape shape;
  std::size_t row = 0;
};

Rows rows_of(const NodeScope& scope) {
  const Shape& shape = scope.shape(0, 1);
  const bool flat = scope.opset() < 13;
  const std::size_t axis = scope.normal_axis(scope.integer("axis", flat ? 1 : -1), shape.size());
  return {shape, axis};
}

void reduce_rows(NodeScope& scope, bool logarithm) {
  const Rows rows = rows_of(scope);
  const bool flat = scope.opset() < 13;
  const ElementType type = scope.input(0).type;
  Shape column = rows.shape;
  for (std::size_t d = rows.row; d < column.size(); ++d) {
    if (flat || d == rows.row) column[d] = 1;
  }
  const Part x{scope.input(0).storage, rows.shape};
  const Part largest{scope.between("max", column, type), column};
  const Part inner{scope.between(logarithm ? "shifted" : "exp", rows.shape, type), rows.shape};
  const Part sum{scope.between("sum", column, type), column};
  const Part result{scope.make(0, rows.shape), rows.shape};
  reduce_part(scope, "max", x, largest, PointFunction::copy, Reduction::max);
  map_part(scope, logarithm ? "shift" : "exp", {x, largest}, inner, PointFunction::subtract);
  reduce_part(scope, "sum", inner, sum, logarithm ? PointFunction::activation : PointFunction::copy,
              Reduction::sum);
  map_part(scope, logarithm ? "subtract" : "divide", {inner, sum}, result,
           logarithm ? PointFunction::subtract : PointFunction::divide);
}

void softmax(NodeScope& scope) { reduce_rows(scope, false); }
void log_softmax(NodeScope& scope) { reduce_rows(scope, true); }

/// Hardmax: 1 where the maximum of the row stands.
void hardmax(NodeScope& scope) {
  const Rows rows = rows_of(scope);
  Shape column = rows.shape;
  for (std::size_t d = rows.row; d < column.size(); ++d) {
    if (scope.opset() < 13 || d == rows.row) column[d] = 1;
  }
  const Part x{scope.input(0).storage, rows.shape};
  const Part largest{scope.between("max", column, scope.input(0).type), column};
  const Part result{scope.make(0, rows.shape), rows.shape};
  reduce_part(scope, "max", x, largest, PointFunction::copy, Reduction::max);
  map_part(scope, "compare", {x, largest}, result, PointFunction::subtract);
}

}  // namespace

void add_softmax_rules(Registry& rules) {
  rules["Hardmax"] = hardmax;
  rules["LogSoftmax"] = log_softmax;
  rules["Softmax"] = softmax;
}

}  // namespace tileloom::onnx_import
