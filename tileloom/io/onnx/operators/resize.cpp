// Resize and Upsample. Factors are whole, or counted as the next whole one with the surplus cut
// off. Enlarging by s writes output index s·h + i, 0 ≤ i < s, from input index h; shrinking by s
// reads input index s·p. Interpolation reads a neighbourhood of 2 (linear) or 4 (cubic) elements
// per resized dimension instead of one.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// Sizes after scaling: ⌊size · scale⌋.
Shape scaled(const NodeScope& scope, const Shape& in, const std::vector<double>& scales) {
  if (scales.size() != in.size()) {
    scope.mistake(fmt::format("{} scales for {}", scales.size(), to_text(in)));
  }
  Shape shape;
  for (std::size_t d = 0; d < in.size(); ++d) {
    const double size = std::floor(static_cast<double>(in[d]) * scales[d]);
    if (!(size >= 1.0 && size <= 1e12)) {
      scope.mistake(fmt::format("scale {} makes {} elements of {}", scales[d], size, in[d]),
                    "give a positive scale");
    }
    shape.push_back(static_cast<std::int64_t>(size));
  }
  return shape;
}

/// The dimensions that scales or sizes are given for.
std::vector<std::size_t> resized_axes(const NodeScope& scope, std::size_t rank) {
  std::vector<std::size_t> axes;
  if (scope.has_attribute("axes")) {
    for (const std::int64_t a : scope.integer_list("axes", {})) {
      axes.push_back(scope.normal_axis(a, rank));
    }
  } else {
    for (std::size_t d = 0; d < rank; ++d) axes.push_back(d);
  }
  return axes;
}

/// One scale for all dimensions: the smallest or the largest of those asked for.
void keep_ratio(const NodeScope& scope, const Shape& in, const std::vector<std::size_t>& axes,
                Shape& shape) {
  const std::string policy = scope.text("keep_aspect_ratio_policy", "stretch");
  if (policy == "stretch" || axes.empty()) return;
  std::vector<double> scales;
  for (const std::size_t d : axes) {
    scales.push_back(static_cast<double>(shape[d]) / static_cast<double>(in[d]));
  }
  const double scale = policy == "not_larger" ? *std::ranges::min_element(scales)
                                              : *std::ranges::max_element(scales);
  for (const std::size_t d : axes) {
    const double size = std::floor(static_cast<double>(in[d]) * scale + 0.5);
    if (!(size >= 1.0 && size <= 1e12)) scope.mistake(fmt::format("the size would be {}", size));
    shape[d] = static_cast<std::int64_t>(size);
  }
}

Shape target_shape(const NodeScope& scope, const Shape& in) {
  const bool upsample = scope.node().type == "Upsample";
  if (upsample && scope.has_attribute("scales")) {
    return scaled(scope, in, scope.node().attributes.at("scales").floats);
  }
  const std::vector<std::size_t> axes = resized_axes(scope, in.size());
  const std::size_t scales_at = upsample || scope.opset() < 11 ? 1 : 2;
  if (scope.has_input(3)) {
    const std::vector<std::int64_t> sizes = scope.integers(3);
    if (sizes.size() != axes.size()) {
      scope.mistake(fmt::format("{} sizes for {} dimensions", sizes.size(), axes.size()));
    }
    Shape shape = in;
    for (std::size_t a = 0; a < axes.size(); ++a) shape[axes[a]] = sizes[a];
    keep_ratio(scope, in, axes, shape);
    return shape;
  }
  const std::vector<double> given = scope.floats(scales_at);
  if (given.size() != axes.size()) {
    scope.mistake(fmt::format("{} scales for {} dimensions", given.size(), axes.size()));
  }
  std::vector<double> scales(in.size(), 1.0);
  for (std::size_t a = 0; a < axes.size(); ++a) scales[axes[a]] = given[a];
  return scaled(scope, in, scales);
}

std::int64_t neighbours(const NodeScope& scope) {
  const std::string mode = scope.text("mode", "nearest");
  if (mode == "linear" || mode == "bilinear") return 2;
  if (mode == "cubic") return 4;
  if (mode != "nearest") scope.mistake(fmt::format("mode is '{}'", mode));
  return 1;
}

void resize(NodeScope& scope) {
  const Shape in = scope.shape(0);
  if (elements(in) == 0) scope.unsupported("the input has no elements");
  const Shape shape = target_shape(scope, in);
  const std::int64_t reach = neighbours(scope);
  if (shape == in) return scope.view(0, 0, in, "keeps the size");
  const TensorId out = scope.make(0, shape);
  Ranks ranks;
  std::vector<Axis> source;
  std::vector<Axis> target;
  for (std::size_t d = 0; d < in.size(); ++d) {
    const std::int64_t up = ceil_div(shape[d], in[d]);
    const std::int64_t down = in[d] / shape[d];
    if (shape[d] % in[d] != 0 && in[d] % shape[d] != 0) {
      scope.note(fmt::format("{} to {} is no whole factor: counted as the next one, cut to size",
                             in[d], shape[d]));
    }
    const std::int64_t steps = shape[d] > in[d] ? ceil_div(shape[d], up) : shape[d];
    const RankId at = ranks.add(fmt::format("D{}", d), steps);
    source.push_back(axis({{at, std::max<std::int64_t>(down, 1)}}, 0, in[d]));
    target.push_back(axis(at, shape[d]));
    if (up > 1) {
      const RankId inner = ranks.add(fmt::format("U{}", d), up);
      target.back().terms = {{at, up}, {inner, 1}};
    }
    if (shape[d] != in[d] && reach > 1) {
      source.back().terms.push_back({ranks.add(fmt::format("R{}", d), reach), 1});
      source.back().offset = reach == 4 ? -1 : 0;
    }
  }
  if (reach > 1 && scope.note().empty()) {
    scope.note(
        fmt::format("interpolates {} neighbours per resized dimension, counted from the "
                    "nearest one on",
                    reach));
  }
  scope.emit("", ranks, {scope.read(0, std::move(source))}, scope.write(out, std::move(target)),
             PointFunction::copy, reach > 1 ? Reduction::sum : Reduction::none);
}

}  // namespace

void add_resize_rules(Registry& rules) {
  rules["Resize"] = resize;
  rules["Upsample"] = resize;
}

}  // namespace tileloom::onnx_import
