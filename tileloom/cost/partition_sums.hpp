#pragma once
// Sums of an axis with one rank whose boxes padding does not cut, for any tiles, without visiting
// every state.

#include <optional>

#include "tileloom/cost/axis_sums.hpp"

namespace tileloom::cost {

/// Equal to visiting all states of the move. Loops over one rank cut it into chunks that are equal
/// or disjoint, so only the lengths of chunks matter, and whether a chunk is the one before the
/// move (so it is kept whole or not at all, whatever the Keep); trips of one loop with the same
/// lengths everywhere are taken together. Raises `largest` to the longest box of one position.
/// Absent if positions that share accesses and positions that do not stand along an axis that only
/// says where instances are idle.
std::optional<MoveSums> partition_sums(const AxisChains& axis, const Move& move,
                                       std::int64_t& largest);

}  // namespace tileloom::cost
