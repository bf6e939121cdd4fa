// Views: the same elements in the same order under another shape or name. Nothing is moved.

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// Reshape: 0 keeps the size of the input's dimension (unless allowzero), -1 takes what is left.
void reshape(NodeScope& scope) {
  const Shape& in = scope.shape(0);
  Shape target = scope.inputs() > 1 ? scope.integers(1) : scope.integer_list("shape", {});
  const bool allow_zero = scope.integer("allowzero", 0) != 0;
  std::int64_t known = 1;
  std::optional<std::size_t> open;
  for (std::size_t d = 0; d < target.size(); ++d) {
    if (target[d] == 0 && !allow_zero) {
      if (d >= in.size()) {
        scope.mistake(fmt::format("{} cannot become {}: dimension {} to keep does not exist",
                                  to_text(in), to_text(target), d));
      }
      target[d] = in[d];
    }
    if (target[d] == -1 && !open) {
      open = d;
      continue;
    }
    if (target[d] < 0) {
      scope.mistake(fmt::format("{} cannot become {}", to_text(in), to_text(target)));
    }
    known = checked_mul(known, target[d]);
  }
  if (open) {
    if (known == 0 || elements(in) % known != 0) {
      scope.mistake(fmt::format("{} cannot become {}", to_text(in), to_text(target)));
    }
    target[*open] = elements(in) / known;
  }
  scope.view(0, 0, target, "view");
}

void flatten(NodeScope& scope) {
  const Shape& in = scope.shape(0);
  const auto rank = static_cast<std::int64_t>(in.size());
  std::int64_t at = scope.integer("axis", 1);
  if (at < -rank || at > rank) scope.mistake(fmt::format("axis {} of {}", at, to_text(in)));
  if (at < 0) at += rank;
  const Shape front(in.begin(), in.begin() + at);
  const Shape back(in.begin() + at, in.end());
  scope.view(0, 0, {elements(front), elements(back)}, "view");
}

/// Axes as an attribute (up to opset 12) or as the second input.
std::optional<std::vector<std::int64_t>> axes_of(const NodeScope& scope) {
  if (scope.has_input(1)) return scope.integers(1);
  if (scope.has_attribute("axes")) return scope.integer_list("axes", {});
  return std::nullopt;
}

void squeeze(NodeScope& scope) {
  const Shape& in = scope.shape(0);
  std::vector<bool> gone(in.size(), false);
  if (const auto axes = axes_of(scope)) {
    for (const std::int64_t a : *axes) {
      const std::size_t d = scope.normal_axis(a, in.size());
      if (in[d] != 1) {
        scope.mistake(
            fmt::format("axis {} of {} cannot be removed, its size is {}", a, to_text(in), in[d]));
      }
      gone[d] = true;
    }
  } else {
    for (std::size_t d = 0; d < in.size(); ++d) gone[d] = in[d] == 1;
  }
  Shape shape;
  for (std::size_t d = 0; d < in.size(); ++d) {
    if (!gone[d]) shape.push_back(in[d]);
  }
  scope.view(0, 0, shape, "view");
}

void unsqueeze(NodeScope& scope) {
  const Shape& in = scope.shape(0);
  const auto axes = axes_of(scope);
  if (!axes) scope.mistake("has no axes");
  if (axes->size() > kMostDimensions) scope.mistake("has too many axes");
  const std::size_t rank = in.size() + axes->size();
  std::vector<bool> added(rank, false);
  for (const std::int64_t a : *axes) {
    const std::size_t d = scope.normal_axis(a, rank);
    if (added[d]) scope.mistake(fmt::format("axis {} is given twice", a));
    added[d] = true;
  }
  Shape shape;
  auto next = in.begin();
  for (std::size_t d = 0; d < rank; ++d) shape.push_back(added[d] ? 1 : *next++);
  scope.view(0, 0, shape, "view");
}

void identity(NodeScope& scope) { scope.view(0, 0, scope.shape(0), "identity"); }

/// Dropout changes nothing at inference; its mask is true everywhere.
void dropout(NodeScope& scope) {
  const Shape shape = scope.shape(0);
  if (scope.has_output(1)) {
    scope.constant(1, shape, ElementType::boolean, std::nullopt, "identity");
  }
  scope.view(0, 0, shape, "identity");
}

}  // namespace

void add_view_rules(Registry& rules) {
  rules["Dropout"] = dropout;
  rules["Flatten"] = flatten;
  rules["Identity"] = identity;
  rules["Reshape"] = reshape;
  rules["Squeeze"] = squeeze;
  rules["Unsqueeze"] = unsqueeze;
}

}  // namespace tileloom::onnx_import
