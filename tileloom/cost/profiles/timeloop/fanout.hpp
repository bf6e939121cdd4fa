#pragma once
// The children of one instance of a level: where their tiles lie and where they sit on the chip.

#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/tiles.hpp"

namespace tileloom::cost::timeloop {

/// Children in use, numbered y · ∏ spatial_x + x. Quirk: positions are read off that number with
/// the row pitch of the hardware, so they are wrong where X is not filled (reference text 2.5).
struct Fanout {
  std::vector<Vector> offsets;  ///< per child: displacement of its tile from child 0's
  std::int64_t width = 1;       ///< row pitch: the larger of physical and mapped X
  std::int64_t height = 1;      ///< the larger of physical and mapped Y
};

/// The children of level `s` as `space` sees them.
Fanout fanout_for(const Arch& arch, const Problem& problem, const Mapping& mapping, SpaceId space,
                  std::size_t s);

/// Position of child number `child` on the mesh.
Mesh position(const Fanout& fanout, std::size_t child);

/// Numbers of the children one step away in X or Y; the mesh does not wrap around.
std::vector<std::size_t> neighbours(const Fanout& fanout, std::size_t child);

/// Displacement of a tile of `space` when `dim` advances by `stride` iterations.
Vector displacement(const Dataspace& space, DimId dim, std::int64_t stride);

}  // namespace tileloom::cost::timeloop
