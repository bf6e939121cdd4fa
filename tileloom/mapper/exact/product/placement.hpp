#pragma once
// A placement (which memories keep which tensor) with every boundary between a Store and its child,
// and what a spatial choice makes of it. Independent of the order of the Stores.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/mapper/exact/factors.hpp"
#include "tileloom/mapper/exact/product/terrain.hpp"

namespace tileloom::mapper::product {

/// Between a Store and the next inner one of its tensor, or the lanes.
struct Boundary {
  std::size_t operand = 0;
  MemoryId parent{};
  std::optional<MemoryId> child;    ///< absent: the lanes
  std::uint64_t own = 0;            ///< open axes that multiply the child (lanes: all)
  std::uint64_t parent_own = 0;     ///< those that multiply the parent
  std::uint64_t shared = 0;         ///< inputs: between them and able to multicast; outputs: to reduce
  double hop = 0;                   ///< per bit
};

struct Placement {
  std::vector<std::uint32_t> keeps;
  std::vector<Boundary> boundaries;             ///< by operand, from the outside in
  std::vector<std::size_t> first;               ///< by operand: its first boundary
};

Placement make_placement(const Terrain& terrain, std::vector<std::uint32_t> keeps);

/// How one group of ranks is spread over the open axes.
struct SpatialChoice {
  std::vector<std::int64_t> factors;  ///< [rank of the group · axes + axis]
  std::vector<std::int64_t> used;     ///< by axis: product over the group's ranks
  std::vector<std::int64_t> rests;    ///< by rank of the group: temporal trips left
  double steps = 1;                   ///< Π rests
  double lanes = 1;                   ///< Π used

  /// Over how many positions of open axis `a` the group's rank `r` is spread.
  std::int64_t positions(std::size_t r, std::size_t a) const { return factors[r * used.size() + a]; }
  /// The same over all axes of a mask.
  std::int64_t positions_along(std::size_t r, std::uint64_t axes) const {
    std::int64_t product = 1;
    for (std::size_t a = 0; a < used.size(); ++a)
      if ((axes >> a & 1) != 0) product *= positions(r, a);
    return product;
  }
};

/// Every choice that fits the axes alone. Imperfect: a factor is the number of positions that the
/// largest chunk is cut into, the rests are ⌈extent / positions⌉.
std::vector<SpatialChoice> spatial_choices(const Terrain& terrain, const Group& group,
                                           Factors factors = Factors::perfect);

/// Multipliers of a group under a choice at a boundary: of accesses shared as the boundary shares
/// (united), with all positions between parent and child united (all), and with every position
/// counted (each). For ranks the operand has on general axes: the least any temporal loops leave.
struct Multipliers {
  double united = 1;
  double all = 1;
  double each = 1;
};
/// `least`: with the fewest accesses of general axes; else these are left out.
Multipliers multipliers(const Terrain& terrain, const Group& group, const SpatialChoice& choice,
                        const Boundary& boundary, bool least);

/// Instances of a memory that a group's choice uses.
double instances(const Terrain& terrain, const SpatialChoice& choice, std::uint64_t own);

}  // namespace tileloom::mapper::product
