#pragma once
// The same rescaling of sums with fewer instructions.

#include <cstddef>
#include <cstdint>

#include "tileloom/workload/integer_network.hpp"

namespace tileloom::target::vta {

/// The largest |a + bias| that any input can lead to. Sums over weights and bias per output channel.
std::int64_t largest_sum(const IntegerLayer& layer);

/// Rounding down twice is rounding down once, so for every t ≥ 0 for which 2^t divides the factor
///     ((A >> p) + f · other) >> s  =  ((A >> p+t) + f/2^t · other) >> s−t
/// where no sum wraps around. The t of either sign, with shifts of 0 to 31 and a factor of int8, that
/// takes the fewest instructions; the smallest |t| of several. Where a shift is negative, and where
/// sums that are not shifted first might wrap, the rescaling stays as it is.
/// @param largest  |A| at most
Rescale with_fewest_shifts(const Rescale& rescale, std::int64_t largest);

}  // namespace tileloom::target::vta
