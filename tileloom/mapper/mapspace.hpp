#pragma once
// The level-structured map space of one operator: which mappings the searches of this folder draw
// from. docs/mapping_search.md, section 1.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"
#include "tileloom/mapper/constraints.hpp"

namespace tileloom::mapper {

/// A place of the skeleton at which loops may stand, in path order.
struct Slot {
  std::optional<AxisId> axis;  ///< spatial along this axis; absent = temporal
  MemoryId memory{};           ///< temporal: the loops stand directly below this memory's Stores
  bool operator==(const Slot&) const = default;
};

/// A tensor of the operator and the memories that may keep it.
struct Resident {
  TensorId tensor{};
  Role role = Role::input;
  MemoryId home{};              ///< the outermost memory that holds the role
  std::uint32_t may_keep = 0;   ///< bit m: memory m may hold it (the home included)
  std::uint32_t must_keep = 0;  ///< bit m: memory m has to hold it (the home included)
};

/// The skeleton of one operator on one architecture: from the outermost memory in,
///     [Stores of the memory] [temporal loops] [spatial loops of the axes below it] …  compute
/// A point of the space chooses the Stores, the factors of every rank at every slot, and the order
/// of the temporal loops of every slot. Temporal loops stand only below memories that keep a
/// tensor (elsewhere they would merely repeat the slot above).
struct MapSpace {
  OperatorId id{};
  const Workload* workload = nullptr;
  const Operator* op = nullptr;
  const Architecture* arch = nullptr;
  const Constraints* constraints = nullptr;
  std::vector<Resident> residents;
  std::vector<Slot> slots;
  std::vector<Bound> trips;  ///< [slot · ranks + rank]: what constraints allow there
  /// [slot · ranks + rank], temporal slots: what constraints allow as tile of the rank at the
  /// Stores of the slot's memory.
  std::vector<Bound> tiles;

  std::size_t ranks() const { return op->ranks.size(); }
};

/// One mapping of the space.
struct Point {
  std::vector<std::uint32_t> keeps;   ///< per resident: bit m = a Store in memory m
  std::vector<std::int64_t> factors;  ///< [slot · ranks + rank], ≥ 1
  std::vector<std::uint16_t> order;   ///< [slot · ranks + position] → rank, outermost first
  bool operator==(const Point&) const = default;

  std::int64_t& factor(std::size_t slot, std::size_t rank, std::size_t ranks) {
    return factors[slot * ranks + rank];
  }
  std::int64_t factor(std::size_t slot, std::size_t rank, std::size_t ranks) const {
    return factors[slot * ranks + rank];
  }
};

MapSpace make_map_space(const Workload& workload, OperatorId id, const Architecture& arch,
                        const Constraints& constraints);

/// Every combination of memories each tensor may be kept in, its home always among them. The most
/// generous placement (everything kept) comes first.
std::vector<std::vector<std::uint32_t>> placements(const MapSpace& space);

/// Slots in which loops may stand under a placement: temporal slots below a memory that keeps
/// something, and every axis that lies inside all homes.
std::vector<std::size_t> open_slots(const MapSpace& space, std::span<const std::uint32_t> keeps);

/// Everything only at home, all factors 1, loop orders as the constraints want them.
Point blank_point(const MapSpace& space);

/// Everything only at home and one temporal loop per rank below it: the mapping with the smallest
/// demands on every memory, valid whenever any mapping is.
Point trivial_point(const MapSpace& space);

/// The path of Stores and loops that a point stands for. Loops of factor 1 are left out; a factor f
/// cuts a tile t to ⌈t / f⌉.
std::vector<PathNode> path_of(const MapSpace& space, const Point& point);
/// The same into a vector whose memory is used again.
void write_path(const MapSpace& space, const Point& point, std::vector<PathNode>& path);
LoopTree tree_of(const MapSpace& space, const Point& point);

/// Spreads what is left of every rank over the open temporal slots of the point (whose spatial
/// factors and placement are chosen), as far out as the constraints let it. False if they do not.
bool fill_temporal(const MapSpace& space, Point& point);

/// True if the point obeys rules 3 to 7 of docs/cost_model.md 1.6 (everything but occupancy):
/// shared memories, nested instances, fanouts, results without holes; and the constraints.
bool legal(const MapSpace& space, const Point& point);

}  // namespace tileloom::mapper
