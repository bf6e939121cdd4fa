// Matrix products: output[b…, m, n] = Σ_k left[b…, m, k] · right[b…, k, n].

#include "tileloom/io/onnx/operators/matmul.hpp"

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/families.hpp"

namespace tileloom::onnx_import {

void multiply_matrices(NodeScope& scope, std::size_t left, std::size_t right, ElementType result) {
  const Shape a = scope.shape(left, 1);
  const Shape b = scope.shape(right, 1);
  const std::size_t batch_a = a.size() > 2 ? a.size() - 2 : 0;
  const std::size_t batch_b = b.size() > 2 ? b.size() - 2 : 0;
  const std::size_t batch = std::max(batch_a, batch_b);
  const std::int64_t depth = a.back();
  const std::int64_t depth_b = b.size() == 1 ? b[0] : b[b.size() - 2];
  if (depth != depth_b) {
    scope.mistake(fmt::format("{} times {}: the inner sizes {} and {} must be equal", to_text(a),
                              to_text(b), depth, depth_b));
  }
  Ranks ranks;
  std::vector<Axis> a_axes;
  std::vector<Axis> b_axes;
  std::vector<Axis> out_axes;
  Shape shape;
  for (std::size_t d = 0; d < batch; ++d) {
    // Batch dimensions are aligned at their ends; one of size 1 is broadcast.
    const bool in_a = d + batch_a >= batch;
    const bool in_b = d + batch_b >= batch;
    const std::int64_t size_a = in_a ? a[d + batch_a - batch] : 1;
    const std::int64_t size_b = in_b ? b[d + batch_b - batch] : 1;
    const std::int64_t size = size_a == 1 ? size_b : size_a;
    if (size_b != 1 && size_b != size) {
      scope.mistake(fmt::format("{} times {}: the batch sizes {} and {} do not fit", to_text(a),
                                to_text(b), size_a, size_b));
    }
    const RankId rank = ranks.add(batch == 1 ? "B" : fmt::format("B{}", d), size);
    if (in_a) a_axes.push_back(size_a == size ? axis(rank, size) : single());
    if (in_b) b_axes.push_back(size_b == size ? axis(rank, size) : single());
    out_axes.push_back(axis(rank, size));
    shape.push_back(size);
  }
  if (a.size() > 1) {
    const std::int64_t rows = a[a.size() - 2];
    const RankId m = ranks.add("M", rows);
    a_axes.push_back(axis(m, rows));
    out_axes.push_back(axis(m, rows));
    shape.push_back(rows);
  }
  const RankId k = ranks.add("K", depth);
  a_axes.push_back(axis(k, depth));
  b_axes.push_back(axis(k, depth));
  if (b.size() > 1) {
    const RankId n = ranks.add("N", b.back());
    b_axes.push_back(axis(n, b.back()));
    out_axes.push_back(axis(n, b.back()));
    shape.push_back(b.back());
  }
  const TensorId out = scope.make(0, shape, result);
  scope.emit("", ranks,
             {scope.read(left, std::move(a_axes)), scope.read_weight(right, std::move(b_axes))},
             scope.write(out, std::move(out_axes)), PointFunction::multiply, Reduction::sum);
}

namespace {

void matmul(NodeScope& scope) { multiply_matrices(scope, 0, 1, scope.input(0).type); }

/// Gemm: output[m, n] = α · Σ_k A[m, k] · B[k, n] + β · C[m, n]; A and B may be stored transposed.
void gemm(NodeScope& scope) {
  const Shape& a = scope.shape(0, 2);
  const Shape& b = scope.shape(1, 2);
  if (a.size() != 2 || b.size() != 2) {
    scope.mistake(
        fmt::format("A is {} and B {}, must have two dimensions", to_text(a), to_text(b)));
  }
  const bool trans_a = scope.integer("transA", 0) != 0;
  const bool trans_b = scope.integer("transB", 0) != 0;
  const std::int64_t rows = a[trans_a ? 1 : 0];
  const std::int64_t depth = a[trans_a ? 0 : 1];
  const std::int64_t columns = b[trans_b ? 0 : 1];
  if (depth != b[trans_b ? 1 : 0]) {
    scope.mistake(fmt::format("A is {}{} and B {}{}: the inner sizes {} and {} must be equal",
                              to_text(a), trans_a ? " transposed" : "", to_text(b),
                              trans_b ? " transposed" : "", depth, b[trans_b ? 1 : 0]));
  }
  Ranks ranks;
  const RankId m = ranks.add("M", rows);
  const RankId n = ranks.add("N", columns);
  const RankId k = ranks.add("K", depth);
  std::vector<Axis> a_axes{axis(m, rows), axis(k, depth)};
  std::vector<Axis> b_axes{axis(k, depth), axis(n, columns)};
  if (trans_a) std::swap(a_axes[0], a_axes[1]);
  if (trans_b) std::swap(b_axes[0], b_axes[1]);
  const TensorId out = scope.make(0, {rows, columns});
  scope.emit("", ranks, {scope.read(0, std::move(a_axes)), scope.read_weight(1, std::move(b_axes))},
             scope.write(out, {axis(m, rows), axis(n, columns)}), PointFunction::multiply,
             Reduction::sum);
}

}  // namespace

void add_matmul_rules(Registry& rules) {
  rules["Gemm"] = gemm;
  rules["MatMul"] = matmul;
}

}  // namespace tileloom::onnx_import
