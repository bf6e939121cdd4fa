// Parts picked by index: Slice and Gather.

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/onnx/arithmetic.hpp"
#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/io/onnx/operators/movement.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// What Slice takes of one dimension: start, start + step, …; `count` of them. step may be
/// negative.
struct Picked {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

Picked part_of(std::int64_t size, std::int64_t start, std::int64_t end, std::int64_t step) {
  const auto from_front = [&](std::int64_t at) {
    return at < 0 ? std::max(at, -size - 1) + size : std::min(at, size);
  };
  Picked part{.start = from_front(start), .step = step};
  const std::int64_t stop = from_front(end);
  if (step > 0) {
    part.start = std::clamp<std::int64_t>(part.start, 0, size);
    const std::int64_t length = std::clamp<std::int64_t>(stop, 0, size) - part.start;
    part.count = length > 0 ? ceil_div(length, step) : 0;
  } else {
    part.start = std::clamp<std::int64_t>(part.start, -1, size - 1);
    const std::int64_t length = part.start - std::clamp<std::int64_t>(stop, -1, size - 1);
    part.count = length > 0 ? ceil_div(length, std::max<std::int64_t>(-step, 1)) : 0;
  }
  return part;
}

std::vector<Picked> parts_of(const NodeScope& scope, const Shape& in) {
  const bool attributes = scope.has_attribute("starts");
  const auto starts = attributes ? scope.integer_list("starts", {}) : scope.integers(1);
  const auto ends = attributes ? scope.integer_list("ends", {}) : scope.integers(2);
  std::vector<std::int64_t> axes;
  for (std::size_t d = 0; d < starts.size(); ++d) axes.push_back(static_cast<std::int64_t>(d));
  if (attributes) {
    axes = scope.integer_list("axes", axes);
  } else if (scope.has_input(3)) {
    axes = scope.integers(3);
  }
  std::vector<std::int64_t> steps(starts.size(), 1);
  if (!attributes && scope.has_input(4)) steps = scope.integers(4);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    scope.mistake(fmt::format("{} starts, {} ends, {} axes and {} steps must be as many each",
                              starts.size(), ends.size(), axes.size(), steps.size()));
  }
  std::vector<Picked> parts;
  for (const std::int64_t size : in) parts.push_back({.start = 0, .step = 1, .count = size});
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::size_t d = scope.normal_axis(axes[a], in.size());
    if (steps[a] == 0 || steps[a] < -(1LL << 40)) scope.mistake("a step is 0 or too large");
    parts[d] = part_of(in[d], starts[a], ends[a], steps[a]);
  }
  return parts;
}

/// The content of a slice of a small constant.
std::optional<Numbers> slice_numbers(const Value& value, const std::vector<Picked>& parts) {
  if (!value.numbers) return std::nullopt;
  std::vector<std::int64_t> from{0};
  for (std::size_t d = 0; d < parts.size(); ++d) {
    std::vector<std::int64_t> next;
    for (const std::int64_t at : from) {
      for (std::int64_t i = 0; i < parts[d].count; ++i) {
        next.push_back(at * (*value.shape)[d] + parts[d].start + i * parts[d].step);
      }
    }
    from = std::move(next);
  }
  return pick(*value.numbers, from);
}

void slice(NodeScope& scope) {
  const Shape in = scope.shape(0);
  std::vector<Picked> parts = parts_of(scope, in);
  Shape shape;
  for (const Picked& part : parts) shape.push_back(part.count);
  if (scope.all_constant()) {
    auto numbers = slice_numbers(scope.input(0), parts);
    return scope.constant(0, shape, scope.input(0).type, std::move(numbers), "constant");
  }
  std::vector<std::int64_t> start;
  std::vector<std::int64_t> step;
  for (Picked& part : parts) {
    if (part.step < 0) {
      scope.note("takes elements in reverse order, counted as forwards");
      part.start += (std::max<std::int64_t>(part.count, 1) - 1) * part.step;
      part.step = -part.step;
    }
    start.push_back(part.start);
    step.push_back(part.step);
  }
  if (shape == in && scope.note().empty()) return scope.view(0, 0, in, "takes everything");
  copy_part(scope, "", 0, 0, start, step, shape);
}

/// How a list of indices runs through an axis of `size`: first + step·i. Without a list, or if it
/// is no progression, rows are counted as if they were the first ones.
struct Progression {
  std::int64_t first = 0;
  std::int64_t step = 1;
  bool exact = false;
};

Progression progression(const NodeScope& scope, std::int64_t size) {
  const Value& indices = scope.input(1);
  if (!indices.numbers) return {};
  std::vector<std::int64_t> list = as_integers(*indices.numbers);
  for (std::int64_t& i : list) {
    if (i < -size || i >= size) {
      scope.mistake(fmt::format("index {} is outside [{}, {})", i, -size, size));
    }
    if (i < 0) i += size;
  }
  if (list.empty()) return {};
  const std::int64_t step = list.size() > 1 ? list[1] - list[0] : 1;
  if (step < 1) return {};
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i] - list[i - 1] != step) return {};
  }
  return {list[0], step, true};
}

/// Gather: output[…, i…, …] = input[…, index(i…), …].
void gather(NodeScope& scope) {
  const Shape in = scope.shape(0, 1);
  const Shape indices = scope.shape(1);
  const std::size_t along = scope.normal_axis(scope.integer("axis", 0), in.size());
  const std::int64_t count = elements(indices);
  const Progression rows = progression(scope, in[along]);
  Shape shape(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(along));
  shape.insert(shape.end(), indices.begin(), indices.end());
  shape.insert(shape.end(), in.begin() + static_cast<std::ptrdiff_t>(along) + 1, in.end());
  Ranks ranks;
  std::vector<Axis> source;
  std::vector<Axis> target;
  for (std::size_t d = 0; d < in.size(); ++d) {
    if (d != along) {
      const RankId rank = ranks.add(fmt::format("D{}", d), in[d]);
      source.push_back(axis(rank, in[d]));
      target.push_back(axis(rank, in[d]));
      continue;
    }
    const RankId rank = ranks.add("I", count);
    target.push_back(axis(rank, count));
    source.push_back(axis({{rank, rows.step}}, rows.first, in[d]));
    if (!rows.exact && count > in[d]) source.back().terms.clear();
  }
  if (!rows.exact) {
    scope.note(
        "rows are chosen at run time: counted as one read of a row per index, without the "
        "indices");
  }
  const TensorId out = scope.make(0, shape);
  scope.emit("", ranks, {scope.read(0, std::move(source))}, scope.write(out, std::move(target)),
             PointFunction::copy, Reduction::none);
}

}  // namespace

void add_slice_rules(Registry& rules) {
  rules["Gather"] = gather;
  rules["Slice"] = slice;
}

}  // namespace tileloom::onnx_import
