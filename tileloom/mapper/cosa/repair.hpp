#pragma once
// What is wrong with a solution that does not fit, and the rows that rule it out.

#include <cstddef>
#include <optional>
#include <string>

#include "tileloom/mapper/cosa/program.hpp"

namespace tileloom::mapper::cosa {

/// Tightens the rows of the memories that the mapping of `allocation` overflows, so that it is not
/// feasible any more:
///  - sums that are kept at partial width count with it ("partial_width");
///  - log2 M shrinks by what the proxy misses of the true tile (halo, stride, rounding up), or to
///    just below U.
/// Empty if every memory's contents fit; else the overflow in words.
std::string tighten(const MapSpace& space, const Shape& shape, const Allocation& allocation,
                    Terms& terms);

/// Of the memories that the mapping of `allocation` overflows, the largest buffer that constraints
/// do not demand (index into `Shape::buffers`): what to do without where nothing smaller is left.
std::optional<std::size_t> in_the_way(const MapSpace& space, const Shape& shape,
                                      const Allocation& allocation);

}  // namespace tileloom::mapper::cosa
