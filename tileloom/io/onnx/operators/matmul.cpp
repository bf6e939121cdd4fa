// Matrix products: output[b…, m, n] = Σ_k left[b…, m, k] · right[b…, k, n].

#include "tileloom/io/onnx/operators/matmul.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {

namespace {

/// A dimension of the result other than its columns: which of the two factors have it.
struct Side {
  std::int64_t size = 1;
  bool left = false;
  bool right = false;
};

/// Batch dimensions aligned at their ends; one of size 1 is stretched. Last come the rows of the
/// left factor. Neighbours that belong to the same factors are one dimension (row-major views allow
/// it), and those of size 1 vanish: [8, 128, K] · [K, N] is one product of 1024 rows.
std::vector<Side> sides_of(const NodeScope& scope, const Shape& a, const Shape& b) {
  const std::size_t batch_a = a.size() > 2 ? a.size() - 2 : 0;
  const std::size_t batch_b = b.size() > 2 ? b.size() - 2 : 0;
  const std::size_t batch = std::max(batch_a, batch_b);
  std::vector<Side> sides;
  const auto add = [&](const Side& side) {
    if (side.size == 1) return;
    if (!sides.empty() && sides.back().left == side.left && sides.back().right == side.right) {
      sides.back().size = checked_mul(sides.back().size, side.size);
    } else {
      sides.push_back(side);
    }
  };
  for (std::size_t d = 0; d < batch; ++d) {
    const std::int64_t size_a = d + batch_a >= batch ? a[d + batch_a - batch] : 1;
    const std::int64_t size_b = d + batch_b >= batch ? b[d + batch_b - batch] : 1;
    const std::int64_t size = size_a == 1 ? size_b : size_a;
    if (size_b != 1 && size_b != size) {
      scope.mistake(fmt::format("{} times {}: the batch sizes {} and {} do not fit", to_text(a),
                                to_text(b), size_a, size_b));
    }
    add({size, size_a == size, size_b == size});
  }
  if (a.size() > 1) add({a[a.size() - 2], true, false});
  return sides;
}

/// The shape of the product by the rules of MatMul.
Shape product_shape(const Shape& a, const Shape& b) {
  const std::size_t batch = std::max({a.size(), b.size(), std::size_t{2}}) - 2;
  Shape shape(batch, 1);
  for (const Shape* factor : {&a, &b}) {
    for (std::size_t d = 2; d < factor->size(); ++d) {
      std::int64_t& size = shape[batch + 1 - d];
      size = std::max(size, (*factor)[factor->size() - 1 - d]);
    }
  }
  if (a.size() > 1) shape.push_back(a[a.size() - 2]);
  if (b.size() > 1) shape.push_back(b.back());
  return shape;
}

}  // namespace

void multiply_matrices(NodeScope& scope, std::size_t left, std::size_t right, ElementType result) {
  const Shape a = scope.shape(left, 1);
  const Shape b = scope.shape(right, 1);
  const std::int64_t depth = a.back();
  const std::int64_t depth_b = b.size() == 1 ? b[0] : b[b.size() - 2];
  if (depth != depth_b) {
    scope.mistake(fmt::format("{} times {}: the inner sizes {} and {} must be equal", to_text(a),
                              to_text(b), depth, depth_b));
  }
  std::vector<Side> sides = sides_of(scope, a, b);
  const bool has_rows = !sides.empty() && sides.back().left && !sides.back().right;
  if (!has_rows) sides.push_back({1, true, false});
  Ranks ranks;
  std::vector<Axis> a_axes;
  std::vector<Axis> b_axes;
  std::vector<Axis> out_axes;
  for (std::size_t d = 0; d < sides.size(); ++d) {
    const std::string batch_name = sides.size() == 2 ? "B" : fmt::format("B{}", d);
    const RankId rank = ranks.add(d + 1 == sides.size() ? "M" : batch_name, sides[d].size);
    if (sides[d].left) a_axes.push_back(axis(rank, sides[d].size));
    if (sides[d].right) b_axes.push_back(axis(rank, sides[d].size));
    out_axes.push_back(axis(rank, sides[d].size));
  }
  const std::int64_t columns = b.size() > 1 ? b.back() : 1;
  const RankId n = ranks.add("N", columns);
  const RankId k = ranks.add("K", depth);
  a_axes.push_back(axis(k, depth));
  b_axes.push_back(axis(k, depth));
  b_axes.push_back(axis(n, columns));
  out_axes.push_back(axis(n, columns));
  const TensorId out = scope.make(0, product_shape(a, b), result);
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
  const Shape shape{rows, columns};
  // C is the last step of the product if it is constant or one value per row or column; a whole
  // matrix that is computed is added by an operator of its own.
  const bool adds = scope.has_input(2) && !scope.constant(2) &&
                    std::ranges::count_if(scope.shape(2), [](auto e) { return e > 1; }) > 1;
  const TensorId out = scope.make(0, shape);
  const TensorId product = adds ? scope.between("product", shape, scope.input(0).type) : out;
  scope.emit(adds ? "product" : "", ranks,
             {scope.read(0, std::move(a_axes)), scope.read_weight(1, std::move(b_axes))},
             scope.write(product, {axis(m, rows), axis(n, columns)}), PointFunction::multiply,
             Reduction::sum);
  if (!adds) return;
  const Shape bias = scope.shape(2);
  if (bias.size() > 2 || broadcast(scope, {shape, bias}) != shape) {
    scope.mistake(fmt::format("C is {}, must stretch to {}", to_text(bias), to_text(shape)));
  }
  map_part(scope, "add", {{product, shape}, {scope.input(2).storage, bias}}, {out, shape},
           PointFunction::add);
}

}  // namespace

void add_matmul_rules(Registry& rules) {
  rules["Gemm"] = gemm;
  rules["MatMul"] = matmul;
}

}  // namespace tileloom::onnx_import
