#pragma once
#include <cstdint>
#include <vector>

#include "tileloom/cost/axis_sums.hpp"

namespace tileloom::cost {

/// Sums of one kind of move, state by state: exact for partial tiles and padding. States whose
/// chunks differ by a shift alone are looked at once, unless the edge of the tensor cuts one of
/// them.
MoveSums enumerate_moves(const AxisChains& axis, Keep keep, const std::vector<Move>& moves,
                         std::int64_t& largest);

}  // namespace tileloom::cost
