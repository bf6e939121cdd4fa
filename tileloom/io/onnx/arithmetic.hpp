#pragma once
// Arithmetic on the small constants that shapes are computed with.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/io/onnx/graph.hpp"

namespace tileloom::onnx_import {

enum class Arithmetic : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,  ///< of integers: truncated
  modulo,  ///< has the sign of the divisor, as Mod with fmod = 0
  power,
  maximum,
  minimum,
  equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  logical_and,
  logical_or
};

/// The elements of `numbers` at `positions`; nothing if one is outside.
std::optional<Numbers> pick(const Numbers& numbers, const std::vector<std::int64_t>& positions);

/// For each element of `shape`, row-major, the position of its source in a tensor of shape `own`
/// that is stretched to it.
std::vector<std::int64_t> stretch(const Shape& own, const Shape& shape);

/// a ∘ b with both stretched to `shape`. Nothing for a division by zero or an overflow.
std::optional<Numbers> combine(Arithmetic operation, const Numbers& a, const Shape& shape_a,
                               const Numbers& b, const Shape& shape_b, const Shape& shape);

}  // namespace tileloom::onnx_import
