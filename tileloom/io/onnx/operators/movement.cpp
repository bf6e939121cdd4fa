// Operators that only move elements: copies with affine accesses on either side.

#include "tileloom/io/onnx/operators/movement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {

void copy_part(NodeScope& scope, const std::string& part, std::size_t i, std::size_t k,
               const std::vector<std::int64_t>& start, const std::vector<std::int64_t>& step,
               const Shape& shape) {
  const Shape in = scope.shape(i);
  std::vector<Axis> source;
  for (std::size_t d = 0; d < in.size(); ++d) {
    source.push_back(axis({{static_cast<RankId>(d), step[d]}}, start[d], in[d]));
  }
  const TensorId out = scope.make(k, shape, scope.input(i).type);
  scope.emit(part, element_ranks(shape), {scope.read(i, std::move(source))},
             scope.write(out, element_axes(shape, shape)), PointFunction::copy, Reduction::none);
}

namespace {

/// Concat: one copy per input, each into its part of the output.
void concat(NodeScope& scope) {
  Shape whole = scope.shape(0, 1);
  if (!scope.has_attribute("axis") && scope.opset() >= 4) {
    scope.mistake("attribute axis is missing", "state the axis to join along");
  }
  const std::size_t along = scope.normal_axis(scope.integer("axis", 1), whole.size());
  for (std::size_t i = 1; i < scope.inputs(); ++i) {
    const Shape& part = scope.shape(i);
    bool fits = part.size() == whole.size();
    for (std::size_t d = 0; fits && d < whole.size(); ++d) {
      fits = d == along || part[d] == whole[d];
    }
    if (!fits) {
      scope.mistake(fmt::format("input {} is {}, input 0 is {}: only axis {} may differ", i,
                                to_text(part), to_text(scope.shape(0)), along));
    }
    whole[along] = checked_add(whole[along], part[along]);
  }
  if (scope.inputs() == 1) return scope.view(0, 0, whole, "nothing to join");
  const TensorId out = scope.make(0, whole);
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < scope.inputs(); ++i) {
    const Shape part = scope.shape(i);
    std::vector<Axis> target = element_axes(part, part);
    for (std::size_t d = 0; d < whole.size(); ++d) target[d].extent = whole[d];
    target[along].offset = offset;
    scope.emit(fmt::format("{}", i), element_ranks(part), {scope.read(i, element_axes(part, part))},
               scope.write(out, std::move(target)), PointFunction::copy, Reduction::none);
    offset += part[along];
  }
}

/// Sizes of the parts: stated, or as equal as possible with the last one smaller.
std::vector<std::int64_t> split_sizes(const NodeScope& scope, std::int64_t whole) {
  if (scope.has_input(1)) return scope.integers(1);
  if (scope.has_attribute("split")) return scope.integer_list("split", {});
  const auto parts = static_cast<std::int64_t>(scope.node().outputs.size());
  const std::int64_t each = ceil_div(whole, std::max<std::int64_t>(parts, 1));
  std::vector<std::int64_t> sizes;
  for (std::int64_t left = whole; left > 0; left -= each) sizes.push_back(std::min(each, left));
  return sizes;
}

/// Split: one copy per output.
void split(NodeScope& scope) {
  const Shape in = scope.shape(0, 1);
  const std::size_t along = scope.normal_axis(scope.integer("axis", 0), in.size());
  const std::vector<std::int64_t> sizes = split_sizes(scope, in[along]);
  std::int64_t total = 0;
  for (const std::int64_t size : sizes) total = checked_add(total, size);
  if (total != in[along] || sizes.size() != scope.node().outputs.size()) {
    scope.mistake(fmt::format("{} cannot be split along axis {} into {} parts of {}", to_text(in),
                              along, scope.node().outputs.size(), to_text(sizes)));
  }
  std::vector<std::int64_t> start(in.size(), 0);
  const std::vector<std::int64_t> step(in.size(), 1);
  for (std::size_t k = 0; k < sizes.size(); ++k) {
    Shape part = in;
    part[along] = sizes[k];
    if (scope.has_output(k)) copy_part(scope, fmt::format("{}", k), 0, k, start, step, part);
    start[along] += sizes[k];
  }
}

/// Pads per dimension: before and after.
struct Pads {
  std::vector<std::int64_t> before;
  std::vector<std::int64_t> after;
};

Pads pads_of(const NodeScope& scope, std::size_t rank) {
  const std::vector<std::int64_t> list =
      scope.has_input(1)
          ? scope.integers(1)
          : scope.integer_list(scope.has_attribute("pads") ? "pads" : "paddings", {});
  std::vector<std::int64_t> axes;
  if (scope.has_input(3)) {
    axes = scope.integers(3);
  } else {
    for (std::size_t d = 0; d < rank; ++d) axes.push_back(static_cast<std::int64_t>(d));
  }
  if (list.size() != 2 * axes.size()) {
    scope.mistake(fmt::format("pads has {} entries, must have {}", list.size(), 2 * axes.size()));
  }
  Pads pads{std::vector<std::int64_t>(rank, 0), std::vector<std::int64_t>(rank, 0)};
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::size_t d = scope.normal_axis(axes[a], rank);
    pads.before[d] = list[a];
    pads.after[d] = list[a + axes.size()];
  }
  return pads;
}

/// Pad: a copy that reads beyond the input; there it reads nothing and writes the pad value.
void pad(NodeScope& scope) {
  const Shape in = scope.shape(0);
  const Pads pads = pads_of(scope, in.size());
  Shape shape;
  std::vector<std::int64_t> start;
  for (std::size_t d = 0; d < in.size(); ++d) {
    shape.push_back(checked_add(in[d], checked_add(pads.before[d], pads.after[d])));
    start.push_back(checked_sub(0, pads.before[d]));
  }
  if (shape == in && start == std::vector<std::int64_t>(in.size(), 0)) {
    return scope.view(0, 0, in, "pads nothing");
  }
  const std::string mode = scope.text("mode", "constant");
  if (mode != "constant") {
    scope.note(
        fmt::format("padding of mode {}: reads of the mirrored elements are not counted", mode));
  }
  copy_part(scope, "", 0, 0, start, std::vector<std::int64_t>(in.size(), 1), shape);
}

/// CenterCropPad: every dimension is cut or padded to its new size, half on either side.
void center_crop_pad(NodeScope& scope) {
  const Shape in = scope.shape(0);
  const std::vector<std::int64_t> sizes = scope.integers(1);
  std::vector<std::int64_t> axes(sizes.size());
  for (std::size_t a = 0; a < axes.size(); ++a) axes[a] = static_cast<std::int64_t>(a);
  axes = scope.integer_list("axes", axes);
  if (axes.size() != sizes.size()) {
    scope.mistake(fmt::format("{} sizes for {} axes", sizes.size(), axes.size()));
  }
  Shape shape = in;
  std::vector<std::int64_t> start(in.size(), 0);
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::size_t d = scope.normal_axis(axes[a], in.size());
    shape[d] = sizes[a];
    start[d] = checked_sub(in[d], sizes[a]) / 2;
  }
  copy_part(scope, "", 0, 0, start, std::vector<std::int64_t>(in.size(), 1), shape);
}

/// Transpose: a copy, unless only dimensions of size 1 move.
void transpose(NodeScope& scope) {
  const Shape in = scope.shape(0);
  std::vector<std::int64_t> reversed;
  for (std::size_t d = in.size(); d-- > 0;) reversed.push_back(static_cast<std::int64_t>(d));
  const std::vector<std::int64_t> order = scope.integer_list("perm", reversed);
  std::vector<bool> seen(in.size(), false);
  Shape shape;
  std::vector<std::int64_t> moved;
  for (const std::int64_t from : order) {
    const std::size_t d = scope.normal_axis(from, in.size());
    if (seen[d]) scope.mistake(fmt::format("perm {} has {} twice", to_text(order), from));
    seen[d] = true;
    shape.push_back(in[d]);
    if (in[d] != 1) moved.push_back(static_cast<std::int64_t>(d));
  }
  if (shape.size() != in.size()) {
    scope.mistake(fmt::format("perm {} does not fit {}", to_text(order), to_text(in)));
  }
  if (std::ranges::is_sorted(moved)) return scope.view(0, 0, shape, "view");
  std::vector<Axis> source(in.size());
  for (std::size_t d = 0; d < in.size(); ++d) {
    const std::size_t from = scope.normal_axis(order[d], in.size());
    source[from] = axis(static_cast<RankId>(d), in[from]);
  }
  const TensorId out = scope.make(0, shape);
  scope.emit("", element_ranks(shape), {scope.read(0, std::move(source))},
             scope.write(out, element_axes(shape, shape)), PointFunction::copy, Reduction::none);
}

/// Expand: stretched dimensions are written once per index and read once.
void expand(NodeScope& scope) {
  const Shape in = scope.shape(0);
  const Shape shape = broadcast(scope, {in, scope.integers(1)});
  if (elements(shape) == elements(in)) return scope.view(0, 0, shape, "view");
  const TensorId out = scope.make(0, shape);
  scope.emit("", element_ranks(shape), {scope.read(0, element_axes(in, shape))},
             scope.write(out, element_axes(shape, shape)), PointFunction::copy, Reduction::none);
}

/// Tile: output index = size · repetition + index.
void tile(NodeScope& scope) {
  const Shape in = scope.shape(0);
  const std::vector<std::int64_t> repeats = scope.integers(1);
  if (repeats.size() != in.size()) {
    scope.mistake(fmt::format("{} repeats for {}", repeats.size(), to_text(in)));
  }
  Ranks ranks = element_ranks(in);
  std::vector<Axis> target;
  Shape shape;
  for (std::size_t d = 0; d < in.size(); ++d) {
    shape.push_back(checked_mul(in[d], repeats[d]));
    target.push_back(axis(static_cast<RankId>(d), shape[d]));
    if (repeats[d] == 1) continue;
    const RankId again = ranks.add(fmt::format("T{}", d), repeats[d]);
    target.back().terms.insert(target.back().terms.begin(), {again, in[d]});
  }
  if (shape == in) return scope.view(0, 0, in, "repeats nothing");
  const TensorId out = scope.make(0, shape);
  scope.emit("", ranks, {scope.read(0, element_axes(in, in))}, scope.write(out, std::move(target)),
             PointFunction::copy, Reduction::none);
}

/// Moves between the channels and b x b blocks of the image. `from` lists, for the six dimensions
/// of the output's view, the dimension of the input's view.
void blocks(NodeScope& scope, const Shape& in_view, const std::vector<std::size_t>& from,
            const Shape& shape) {
  Ranks ranks;
  std::vector<Axis> source(in_view.size());
  std::vector<Axis> target;
  for (std::size_t d = 0; d < from.size(); ++d) {
    const std::int64_t extent = in_view[from[d]];
    const RankId rank = ranks.add(fmt::format("D{}", d), extent);
    source[from[d]] = axis(rank, extent);
    target.push_back(axis(rank, extent));
  }
  const TensorId out = scope.make(0, shape);
  scope.emit("", ranks, {scope.read(0, std::move(source))}, scope.write(out, std::move(target)),
             PointFunction::copy, Reduction::none);
}

std::int64_t block_size(const NodeScope& scope, const Shape& in) {
  const std::int64_t b = scope.integer("blocksize", 0);
  if (in.size() != 4 || b < 1 || b > (1 << 20)) {
    scope.mistake(
        fmt::format("the input is {}, blocksize {}: four dimensions and a size of at "
                    "least 1 are needed",
                    to_text(in), b));
  }
  return b;
}

void depth_to_space(NodeScope& scope) {
  const Shape in = scope.shape(0);
  const std::int64_t b = block_size(scope, in);
  if (in[1] % (b * b) != 0) {
    scope.mistake(fmt::format("{} channels are no multiple of {}", in[1], b * b));
  }
  const std::int64_t channels = in[1] / (b * b);
  const Shape shape{in[0], channels, checked_mul(in[2], b), checked_mul(in[3], b)};
  if (scope.text("mode", "DCR") == "CRD") {
    return blocks(scope, {in[0], channels, b, b, in[2], in[3]}, {0, 1, 4, 2, 5, 3}, shape);
  }
  blocks(scope, {in[0], b, b, channels, in[2], in[3]}, {0, 3, 4, 1, 5, 2}, shape);
}

void space_to_depth(NodeScope& scope) {
  const Shape in = scope.shape(0);
  const std::int64_t b = block_size(scope, in);
  if (in[2] % b != 0 || in[3] % b != 0) {
    scope.mistake(fmt::format("the image {} is no multiple of {}", to_text(in), b));
  }
  const Shape shape{in[0], checked_mul(in[1], b * b), in[2] / b, in[3] / b};
  blocks(scope, {in[0], in[1], in[2] / b, b, in[3] / b, b}, {0, 3, 5, 1, 2, 4}, shape);
}

}  // namespace

void add_movement_rules(Registry& rules) {
  rules["CenterCropPad"] = center_crop_pad;
  rules["Concat"] = concat;
  rules["DepthToSpace"] = depth_to_space;
  rules["Expand"] = expand;
  rules["Pad"] = pad;
  rules["SpaceToDepth"] = space_to_depth;
  rules["Split"] = split;
  rules["Tile"] = tile;
  rules["Transpose"] = transpose;
}

}  // namespace tileloom::onnx_import
