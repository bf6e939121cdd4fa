// Operators that only move elements: copies with affine accesses on either side.

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/broadcast.hpp"
#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// Concat: one copy per input, each into its part of the output.
void concat(NodeScope& scope) {
  Shape whole = scope.shape(0, 1);
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
    if (part[along] == 0) continue;
    std::vector<Axis> target = element_axes(part, part);
    for (std::size_t d = 0; d < whole.size(); ++d) target[d].extent = whole[d];
    target[along].offset = offset;
    scope.emit(fmt::format("{}", i), element_ranks(part), {scope.read(i, element_axes(part, part))},
               scope.write(out, std::move(target)), PointFunction::copy, Reduction::none);
    offset += part[along];
  }
}

}  // namespace

void add_movement_rules(Registry& rules) { rules["Concat"] = concat; }

}  // namespace tileloom::onnx_import
