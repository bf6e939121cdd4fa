// Cast and Range.

#include <fmt/format.h>

#include <cmath>

#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// The value is computed in the new type at once, if its producer can; else it stays stored as it
/// is and is converted by whoever reads it.
void convert(NodeScope& scope, ElementType type) {
  if (type != scope.input(0).type && scope.fold_into_producer(0, 0, type)) return;
  scope.view(0, 0, scope.shape(0), "converted by its readers", type);
}

void cast(NodeScope& scope) { convert(scope, static_cast<ElementType>(scope.integer("to", 1))); }

void cast_like(NodeScope& scope) { convert(scope, scope.input(1).type); }

/// Range: start, start + delta, … below limit.
void range(NodeScope& scope) {
  const auto number = [&](std::size_t i) {
    const std::vector<double> list = scope.floats(i);
    if (list.size() != 1) scope.mistake(fmt::format("input {} must be one number", i));
    return list[0];
  };
  const double start = number(0);
  const double limit = number(1);
  const double delta = number(2);
  const double count = std::ceil((limit - start) / delta);
  if (!(count <= static_cast<double>(kLargestExtent))) {
    scope.mistake(fmt::format("from {} to {} in steps of {} has no size", start, limit, delta));
  }
  const auto size = static_cast<std::int64_t>(std::max(count, 0.0));
  scope.constant(0, {size}, scope.input(0).type, std::nullopt, "constant");
}

}  // namespace

void add_cast_rules(Registry& rules) {
  rules["Cast"] = cast;
  rules["CastLike"] = cast_like;
  rules["Range"] = range;
}

}  // namespace tileloom::onnx_import
