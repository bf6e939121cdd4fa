// Elements chosen by indices that are only known at run time. The sizes and the number of accesses
// are exact; which elements are touched is not, so they are counted as if they were the first ones.

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

constexpr const char* kChosen =
    "elements are chosen at run time: counted as the first ones, without the indices";

/// The axis of a tensor of `size` from which `rank`, of `count` values, picks.
Axis picked(RankId rank, std::int64_t count, std::int64_t size) {
  if (count > size) return axis(std::vector<Term>{}, 0, size);
  return axis(rank, size);
}

/// GatherElements: one element per index.
void gather_elements(NodeScope& scope) {
  const Shape data = scope.shape(0, 1);
  const Shape shape = scope.shape(1);
  if (shape.size() != data.size()) {
    scope.mistake(
        fmt::format("the data are {}, the indices {}: their dimensions must agree in "
                    "number",
                    to_text(data), to_text(shape)));
  }
  std::vector<Axis> source;
  for (std::size_t d = 0; d < data.size(); ++d) {
    source.push_back(picked(static_cast<RankId>(d), shape[d], data[d]));
  }
  const TensorId out = scope.make(0, shape);
  scope.note(kChosen);
  scope.emit("", element_ranks(shape), {scope.read(0, std::move(source))},
             scope.write(out, element_axes(shape, shape)), PointFunction::copy, Reduction::none);
}

/// Blocks that index vectors of length `n` (after `batch` common dimensions) point at.
struct Blocks {
  std::int64_t count = 1;   ///< index vectors
  std::int64_t places = 1;  ///< blocks in the data
  std::int64_t size = 1;    ///< elements of a block
  Shape index_shape;        ///< dimensions of the indices but the last
  Shape block_shape;
};

Blocks blocks_of(const NodeScope& scope, const Shape& data, const Shape& indices,
                 std::size_t batch) {
  const std::size_t n = static_cast<std::size_t>(indices.back());
  if (batch + n > data.size() || batch >= indices.size()) {
    scope.mistake(
        fmt::format("index vectors of length {} do not fit data of {}", n, to_text(data)));
  }
  const auto border = data.begin() + static_cast<std::ptrdiff_t>(batch + n);
  Blocks blocks;
  blocks.index_shape = Shape(indices.begin(), indices.end() - 1);
  blocks.block_shape = Shape(border, data.end());
  blocks.count = elements(blocks.index_shape);
  blocks.places = elements(Shape(data.begin(), border));
  blocks.size = elements(blocks.block_shape);
  return blocks;
}

/// GatherND: one block per index vector.
void gather_nd(NodeScope& scope) {
  const Shape data = scope.shape(0, 1);
  const std::int64_t batch = scope.integer("batch_dims", 0);
  if (batch < 0) scope.mistake(fmt::format("batch_dims is {}", batch));
  const Blocks blocks = blocks_of(scope, data, scope.shape(1, 1), static_cast<std::size_t>(batch));
  Shape shape = blocks.index_shape;
  shape.insert(shape.end(), blocks.block_shape.begin(), blocks.block_shape.end());
  Ranks ranks;
  const RankId i = ranks.add("I", blocks.count);
  const RankId e = ranks.add("E", blocks.size);
  const TensorId out = scope.make(0, shape);
  scope.note(kChosen);
  scope.emit("", ranks,
             {scope.read(0, {picked(i, blocks.count, blocks.places), axis(e, blocks.size)})},
             scope.write(out, {axis(i, blocks.count), axis(e, blocks.size)}), PointFunction::copy,
             Reduction::none);
}

/// Copies all of input 0 to a new output 0.
TensorId copy_data(NodeScope& scope) {
  const Shape data = scope.shape(0, 1);
  const TensorId out = scope.make(0, data);
  scope.emit("data", element_ranks(data), {scope.read(0, element_axes(data, data))},
             scope.write(out, element_axes(data, data)), PointFunction::copy, Reduction::none);
  scope.note(kChosen);
  return out;
}

/// ScatterND: the data, then the updated blocks over them.
void scatter_nd(NodeScope& scope) {
  const Blocks blocks = blocks_of(scope, scope.shape(0, 1), scope.shape(1, 1), 0);
  const std::int64_t updates = elements(scope.shape(2));
  if (updates != checked_mul(blocks.count, blocks.size)) {
    scope.mistake(
        fmt::format("{} updates for {} blocks of {}", updates, blocks.count, blocks.size));
  }
  Ranks ranks;
  const RankId i = ranks.add("I", blocks.count);
  const RankId e = ranks.add("E", blocks.size);
  const TensorId out = copy_data(scope);
  scope.emit("updates", ranks, {scope.read(2, {axis(i, blocks.count), axis(e, blocks.size)})},
             scope.write(out, {picked(i, blocks.count, blocks.places), axis(e, blocks.size)}),
             PointFunction::copy, Reduction::none);
}

/// ScatterElements: the data, then one element per index over them.
void scatter_elements(NodeScope& scope) {
  const Shape data = scope.shape(0, 1);
  const Shape updates = scope.shape(2);
  if (updates.size() != data.size()) {
    scope.mistake(
        fmt::format("the data are {}, the updates {}: their dimensions must agree in "
                    "number",
                    to_text(data), to_text(updates)));
  }
  const TensorId out = copy_data(scope);
  std::vector<Axis> target;
  for (std::size_t d = 0; d < data.size(); ++d) {
    target.push_back(picked(static_cast<RankId>(d), updates[d], data[d]));
  }
  scope.emit("updates", element_ranks(updates), {scope.read(2, element_axes(updates, updates))},
             scope.write(out, std::move(target)), PointFunction::copy, Reduction::none);
}

/// TopK: each of the k winners is a maximum over the whole row.
void top_k(NodeScope& scope) {
  const Shape in = scope.shape(0, 1);
  const std::size_t along = scope.normal_axis(scope.integer("axis", -1), in.size());
  const std::vector<std::int64_t> given =
      scope.has_input(1) ? scope.integers(1) : std::vector<std::int64_t>{scope.integer("k", 0)};
  if (given.size() != 1 || given[0] < 1 || given[0] > in[along]) {
    scope.mistake(fmt::format("k is {}, axis {} of {} has {} elements", to_text(given), along,
                              to_text(in), in[along]));
  }
  Shape shape = in;
  shape[along] = given[0];
  Ranks ranks = element_ranks(shape);
  const RankId all = ranks.add("R", in[along]);
  std::vector<Axis> source = element_axes(in, in);
  source[along] = axis(all, in[along]);
  const TensorId out = scope.make(0, shape);
  if (scope.has_output(1)) scope.make(1, shape, ElementType::int64);
  scope.note("counted as one pass over the row for each of the winners; their indices are not");
  scope.emit("", ranks, {scope.read(0, std::move(source))},
             scope.write(out, element_axes(shape, shape)), PointFunction::copy, Reduction::max);
}

/// OneHot: one row of `depth` elements per index.
void one_hot(NodeScope& scope) {
  const Shape indices = scope.shape(0);
  const std::vector<std::int64_t> depth = scope.integers(1);
  if (depth.size() != 1) scope.mistake("depth must be one number");
  const std::size_t at = scope.normal_axis(scope.integer("axis", -1), indices.size() + 1);
  Shape shape = indices;
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(at), depth[0]);
  std::vector<Axis> source;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (d != at) source.push_back(axis(static_cast<RankId>(d), shape[d]));
  }
  const TensorId out = scope.make(0, shape, scope.input(2).type);
  scope.emit("", element_ranks(shape), {scope.read(0, std::move(source))},
             scope.write(out, element_axes(shape, shape)), PointFunction::activation,
             Reduction::none);
}

/// Element for element, though in another order or after a running sum.
void pass(NodeScope& scope) {
  scope.note("counted as one pass over the elements");
  map_elements(scope, {0}, PointFunction::activation, scope.input(0).type);
}

void eye_like(NodeScope& scope) {
  const auto type = static_cast<ElementType>(
      scope.integer("dtype", static_cast<std::int64_t>(scope.input(0).type)));
  scope.constant(0, scope.shape(0, 2), type, std::nullopt, "constant");
}

}  // namespace

void add_scatter_rules(Registry& rules) {
  rules["CumSum"] = pass;
  rules["EyeLike"] = eye_like;
  rules["GatherElements"] = gather_elements;
  rules["GatherND"] = gather_nd;
  rules["OneHot"] = one_hot;
  rules["ReverseSequence"] = pass;
  rules["Scatter"] = scatter_elements;
  rules["ScatterElements"] = scatter_elements;
  rules["ScatterND"] = scatter_nd;
  rules["TopK"] = top_k;
  rules["Trilu"] = pass;
}

}  // namespace tileloom::onnx_import
