#pragma once
// The truth about 8-bit values: an operator's sums of products, point by point.

#include <cstdint>
#include <span>
#include <vector>

#include "tileloom/workload/workload.hpp"

namespace tileloom::reference {

/// Σ first · second over the points of each element of the result, row-major, wrapping at 32 bits;
/// padding reads 0. Requires two inputs, given row-major.
std::vector<std::int32_t> sum_products(const Operator& op, std::span<const std::int8_t> first,
                                       std::span<const std::int8_t> second);

}  // namespace tileloom::reference
