#pragma once
// From an allocation of prime factors to a point of the map space, and back to what is wrong with
// it.

#include <cstdint>
#include <vector>

#include "tileloom/mapper/cosa/proxy.hpp"
#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper::cosa {

/// The mapping an allocation stands for: everything kept where it may be, loops of the permuted
/// level in the order of the class, all others as the operator lists its ranks.
Point decode(const MapSpace& space, const Shape& shape, const Allocation& allocation);

/// Σ log2 p saved at the permuted level when its loops stand in `order` (ranks, outermost first):
/// for every operand the innermost run of loops over ranks that it does not have.
double saved_log(const Shape& shape, const Allocation& allocation,
                 const std::vector<std::uint16_t>& order);

}  // namespace tileloom::mapper::cosa
