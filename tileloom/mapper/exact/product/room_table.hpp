#pragma once
// What the groups not chosen yet multiply every column of the table by at least, together, in the
// room that is left on the axes. docs/exact_mapper.md (R5)

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/boundary_table.hpp"

namespace tileloom::mapper::product {

/// Rooms are numbered as they are met. Not shared between threads.
class RoomTable {
 public:
  using Room = std::uint32_t;
  static constexpr Room kNoRoom = UINT32_MAX;

  /// `order`: the groups in the order in which they are chosen. The arguments outlive it.
  RoomTable(const Terrain& terrain, const Choices& choices, const BoundaryTable& table,
            std::span<const std::size_t> order);

  Room whole() const { return 0; }
  /// What a choice of the group at `depth` leaves of `room`; kNoRoom if it does not fit.
  Room after(Room room, std::size_t depth, std::size_t choice) {
    if (room >= depths_[depth].after.size() || depths_[depth].after[room].empty()) {
      find_after(room, depth);
    }
    return depths_[depth].after[room][depths_[depth].use_of[choice]];
  }
  /// By column: the least product over all choices of the groups from `depth` on that fit together.
  std::span<const double> least(std::size_t depth, Room room);

 private:
  /// Choices of one group that use the same positions of every axis are one here.
  struct Depth {
    std::vector<std::uint32_t> use_of;             ///< by choice
    std::vector<std::vector<std::int64_t>> uses;   ///< positions, by axis
    std::vector<std::vector<double>> least;        ///< by use: the least of its choices' rows
    std::vector<std::vector<Room>> after;          ///< by room and use; empty if not asked for yet
    std::vector<std::vector<double>> least_from;   ///< by room, likewise
  };

  Depth depth_of(const std::vector<SpatialChoice>& choices, std::size_t group) const;
  void find_after(Room room, std::size_t depth);
  Room number_of(const std::vector<std::int64_t>& left);

  const BoundaryTable& table_;
  std::vector<Depth> depths_;
  std::vector<std::vector<std::int64_t>> rooms_;  ///< positions left, by axis
  std::map<std::vector<std::int64_t>, Room> numbers_;
};

}  // namespace tileloom::mapper::product
