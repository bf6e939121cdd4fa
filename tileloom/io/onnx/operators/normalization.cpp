// Normalisations.

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"

namespace tileloom::onnx_import {
namespace {

/// BatchNormalization at inference is scale · x + shift per channel: part of the operator that
/// computes x, or one multiplication per element (with the shift as its last step).
void batch_normalization(NodeScope& scope) {
  const Shape& shape = scope.shape(0, 1);
  const Shape& scale = scope.shape(1);
  const std::int64_t channels = shape.size() > 1 ? shape[1] : 1;
  if (scope.integer("training_mode", 0) != 0) {
    scope.unsupported("training mode computes statistics");
  }
  if (elements(scale) != channels) {
    scope.mistake(fmt::format("the input is {}, the scale {}: one value per channel is needed",
                              to_text(shape), to_text(scale)));
  }
  if (scope.fold_into_producer(0, 0)) return;
  std::vector<Axis> per_channel;
  if (shape.size() > 1) per_channel.push_back(axis(RankId{1}, channels));
  const TensorId out = scope.make(0, shape);
  scope.emit("", element_ranks(shape),
             {scope.read(0, element_axes(shape, shape)), scope.read_weight(1, per_channel)},
             scope.write(out, element_axes(shape, shape)), PointFunction::multiply,
             Reduction::none);
}

/// Local response normalisation: each element is divided by a power of the sum of squares of its
/// `size` neighbours among the channels.
void local_response(NodeScope& scope) {
  const Shape& shape = scope.shape(0, 2);
  const std::int64_t size = scope.integer("size", 1);
  if (size < 1) scope.mistake(fmt::format("size is {}, must be at least 1", size));
  const ElementType type = scope.input(0).type;
  const Part sum{scope.between("squares", shape, type), shape};
  Ranks ranks = element_ranks(shape);
  const RankId neighbour = ranks.add("R", size);
  std::vector<Axis> axes = element_axes(shape, shape);
  axes[1] = axis({{RankId{1}, 1}, {neighbour, 1}}, -((size - 1) / 2), shape[1]);
  scope.emit("squares", ranks, {scope.read(0, std::move(axes))},
             scope.write(sum.tensor, element_axes(shape, shape)), PointFunction::activation,
             Reduction::sum);
  const Part result{scope.make(0, shape), shape};
  map_part(scope, "divide", {{scope.input(0).storage, shape}, sum}, result, PointFunction::divide);
}

}  // namespace

void add_normalization_rules(Registry& rules) {
  rules["BatchNormalization"] = batch_normalization;
  rules["LRN"] = local_response;
}

}  // namespace tileloom::onnx_import
