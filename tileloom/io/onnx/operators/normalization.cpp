// Normalisations at inference.

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"

namespace tileloom::onnx_import {
namespace {

/// BatchNormalization is scale · x + shift per channel: part of the operator that computes x, or
/// one multiplication per element (with the shift as its last step).
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

/// What a normalisation over groups of elements looks like.
struct Statistics {
  Shape view;                 ///< of the input, so that groups are whole dimensions
  std::vector<bool> reduced;  ///< the dimensions of one group
  bool centered = true;       ///< subtracts the mean first
};

/// The scale: input number and its axes over the ranks of the view; absent if there is none.
struct Scale {
  std::size_t input = 0;
  std::vector<Axis> axes;
};

/// The chain: mean of each group, x − mean, root of the mean square, quotient times scale (with the
/// shift as its last step). Without centering the first two parts are missing.
void normalize(NodeScope& scope, TensorId input, const Statistics& statistics,
               const std::optional<Scale>& scale, TensorId output) {
  const Shape& view = statistics.view;
  Shape group = view;
  for (std::size_t d = 0; d < view.size(); ++d) {
    if (statistics.reduced[d]) group[d] = 1;
  }
  const ElementType type = scope.input(0).type;
  Part x{input, view};
  if (statistics.centered) {
    const Part mean{scope.between("mean", group, type), group};
    const Part centered{scope.between("centered", view, type), view};
    reduce_part(scope, "mean", x, mean, PointFunction::copy, Reduction::sum);
    map_part(scope, "center", {x, mean}, centered, PointFunction::subtract);
    x = centered;
  }
  const Part deviation{scope.between("deviation", group, type), group};
  reduce_part(scope, "deviation", x, deviation, PointFunction::activation, Reduction::sum);
  std::vector<Operand> inputs{scope.read(x.tensor, element_axes(view, view)),
                              scope.read(deviation.tensor, element_axes(group, view))};
  if (scale) inputs.push_back(scope.read_weight(scale->input, scale->axes));
  scope.emit("scale", element_ranks(view), std::move(inputs),
             scope.write(output, element_axes(view, view)), PointFunction::multiply,
             Reduction::none);
}

/// Normalises dimensions from `axis` on; the scale has their shape.
void normalize_rows(NodeScope& scope, TensorId input, std::size_t scale_input, bool centered) {
  const Shape shape = scope.shape(0, 1);
  const std::size_t from = scope.normal_axis(scope.integer("axis", -1), shape.size());
  Statistics statistics{shape, std::vector<bool>(shape.size(), false), centered};
  for (std::size_t d = from; d < shape.size(); ++d) statistics.reduced[d] = true;
  const Shape& scale = scope.shape(scale_input);
  const Shape rows(shape.begin() + static_cast<std::ptrdiff_t>(from), shape.end());
  if (scale.size() > shape.size() || broadcast(scope, {rows, scale}) != rows) {
    scope.mistake(fmt::format("the scale {} does not fit the input {} from axis {} on",
                              to_text(scale), to_text(shape), from));
  }
  Shape group = shape;
  for (std::size_t d = from; d < shape.size(); ++d) group[d] = 1;
  const TensorId out = scope.make(0, shape);
  // The statistics are by-products of the chain.
  for (const std::size_t k : {1U, 2U}) {
    if (scope.has_output(k)) scope.make(k, group);
  }
  normalize(scope, input, statistics, Scale{scale_input, element_axes(scale, shape)}, out);
}

void layer_normalization(NodeScope& scope) {
  normalize_rows(scope, scope.input(0).storage, 1, true);
}
void rms_normalization(NodeScope& scope) {
  normalize_rows(scope, scope.input(0).storage, 1, false);
}

/// com.microsoft: x + skip first, then the normalisation; output 3 is the sum.
template <bool centered>
void skip_normalization(NodeScope& scope) {
  const Shape shape = scope.shape(0, 1);
  if (scope.shape(1) != shape) scope.unsupported("the skip connection is stretched");
  const TensorId sum =
      scope.has_output(3) ? scope.make(3, shape) : scope.between("sum", shape, scope.input(0).type);
  map_part(scope, "add", {{scope.input(0).storage, shape}, {scope.input(1).storage, shape}},
           {sum, shape}, PointFunction::add);
  normalize_rows(scope, sum, 2, centered);
}

/// Groups of channels; a scale per channel or per group.
void normalize_channels(NodeScope& scope, std::int64_t groups) {
  const Shape shape = scope.shape(0, 2);
  const Shape& scale = scope.shape(1);
  if (groups < 1 || shape[1] % groups != 0) {
    scope.mistake(fmt::format("{} channels in {} groups", shape[1], groups));
  }
  const std::int64_t each = shape[1] / groups;
  Statistics statistics{{shape[0], groups, each}, {false, false, true}, true};
  for (std::size_t d = 2; d < shape.size(); ++d) {
    statistics.view.push_back(shape[d]);
    statistics.reduced.push_back(true);
  }
  std::vector<Axis> axes{axis(RankId{1}, groups), axis(RankId{2}, each)};
  if (elements(scale) == groups) axes.pop_back();
  if (elements(scale) != groups && elements(scale) != shape[1]) {
    scope.mistake(fmt::format("the scale {} fits neither {} channels nor {} groups", to_text(scale),
                              shape[1], groups));
  }
  const TensorId out = scope.make(0, shape);
  normalize(scope, scope.input(0).storage, statistics, Scale{1, std::move(axes)}, out);
}

void group_normalization(NodeScope& scope) {
  normalize_channels(scope, scope.integer("num_groups", 1));
}
void instance_normalization(NodeScope& scope) { normalize_channels(scope, scope.shape(0, 2)[1]); }

void mean_variance_normalization(NodeScope& scope) {
  const Shape shape = scope.shape(0);
  Statistics statistics{shape, std::vector<bool>(shape.size(), false), true};
  for (const std::int64_t a : scope.integer_list("axes", {0, 2, 3})) {
    statistics.reduced[scope.normal_axis(a, shape.size())] = true;
  }
  const TensorId out = scope.make(0, shape);
  normalize(scope, scope.input(0).storage, statistics, std::nullopt, out);
}

/// LpNormalization: the norm of each row along one axis, then the quotient.
void power_normalization(NodeScope& scope) {
  const Shape shape = scope.shape(0, 1);
  const std::size_t along = scope.normal_axis(scope.integer("axis", -1), shape.size());
  Shape row = shape;
  row[along] = 1;
  const Part x{scope.input(0).storage, shape};
  const Part norm{scope.between("norm", row, scope.input(0).type), row};
  const Part result{scope.make(0, shape), shape};
  reduce_part(scope, "norm", x, norm, PointFunction::activation, Reduction::sum);
  map_part(scope, "divide", {x, norm}, result, PointFunction::divide);
}

/// Local response normalisation: each element is divided by a power of the sum of squares of its
/// `size` neighbours among the channels.
void local_response(NodeScope& scope) {
  const Shape shape = scope.shape(0, 2);
  const std::int64_t size = scope.integer("size", 1);
  if (size < 1) scope.mistake(fmt::format("size is {}, must be at least 1", size));
  const Part sum{scope.between("squares", shape, scope.input(0).type), shape};
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
  rules["GroupNormalization"] = group_normalization;
  rules["InstanceNormalization"] = instance_normalization;
  rules["LRN"] = local_response;
  rules["LayerNormalization"] = layer_normalization;
  rules["LpNormalization"] = power_normalization;
  rules["MeanVarianceNormalization"] = mean_variance_normalization;
  rules["RMSNormalization"] = rms_normalization;
  rules["SimplifiedLayerNormalization"] = rms_normalization;
  rules["com.microsoft/SimplifiedLayerNormalization"] = rms_normalization;
  rules["com.microsoft/SkipLayerNormalization"] = skip_normalization<true>;
  rules["com.microsoft/SkipSimplifiedLayerNormalization"] = skip_normalization<false>;
}

}  // namespace tileloom::onnx_import
