#pragma once
// The first and the last step of a program in pieces, so that computing begins, and storing ends,
// sooner.

#include <cstdint>
#include <vector>

#include "tileloom/target/vta/codegen/schedule_tiles.hpp"

namespace tileloom::target::vta {

/// Cuts the first and the last of `steps` into `tiling.pieces` along a parallel loop, where that
/// leaves every piece of an operand in one run of its slot's entries: the first so that it loads
/// in pieces, the last so that it is finished and stored in pieces.
void split_ends(const Nest& nest, const Tiling& tiling, std::vector<TileStep>& steps);

}  // namespace tileloom::target::vta
