#pragma once
#include <cstdint>
#include <span>

#include "tileloom/io/onnx/integer/real_network.hpp"

namespace tileloom::onnx_import {

/// Rounds a network layer by layer.
///     weights: w ≈ q · 2^e, e the smallest with |q| ≤ 127; sums then count 2^(e_in + e)
///     result:  the exponent stated by the model, else the smallest that keeps every value that the
///              image leads to within int8
/// @param image  integers of the input; the exponent of an input without one is −7
IntegerNetwork rounded(const RealNetwork& real, std::span<const std::int8_t> image);

}  // namespace tileloom::onnx_import
