#include "tileloom/mapper/exact/product/brute_force_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "tileloom/mapper/exact/random_machine_test.hpp"
#include "tileloom/support/factors.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::product {

Architecture random_machine(Random& random) {
  Architecture arch = mapper::random_machine(random, 0);
  for (Memory& memory : arch.memories) {
    for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
      const auto m = static_cast<std::size_t>(&memory - &*arch.memories.begin());
      if (arch.axes[axis].below <= m && random.below(5) == 0) memory.shared_along.push_back(axis);
    }
  }
  return arch;
}

Workload random_work(Random& random) { return mapper::random_work(random, 3, 2); }

namespace {

/// Plain recursion: homes, then Stores in every order, between them every set of temporal loops in
/// every order, spatial loops directly above the first Store inside their axis.
class BruteForce {
 public:
  BruteForce(const MapSpace& space, std::int64_t limit, const VisitPath& visit)
      : space_(space), limit_(limit), visit_(visit) {}

  bool run() {
    for (const std::vector<std::uint32_t>& keeps : placements(space_)) {
      path_.clear();
      left_ = keeps;
      std::size_t innermost_home = 0;
      for (std::size_t o = 0; o < keeps.size(); ++o) {
        const Resident& resident = space_.residents[o];
        path_.push_back(Store{resident.tensor, resident.home});
        left_[o] &= ~(std::uint32_t{1} << index(resident.home));
        innermost_home = std::max(innermost_home, index(resident.home));
      }
      next_axis_ = 0;
      while (next_axis_ < space_.arch->axes.size() &&
             space_.arch->axes[static_cast<AxisId>(next_axis_)].below <= innermost_home) {
        ++next_axis_;
      }
      tiles_.clear();
      for (const Rank& rank : space_.op->ranks) tiles_.push_back(rank.extent);
      temporal(0, false);
    }
    return seen_ <= limit_;
  }

 private:
  /// Adds temporal loops over ranks not in `used` in any order, then goes on.
  void temporal(std::uint32_t used, bool done) {
    if (seen_ > limit_) return;
    if (!done) temporal(used, true);
    if (done) {
      next_store();
      return;
    }
    for (std::size_t r = 0; r < tiles_.size(); ++r) {
      if ((used >> r & 1) != 0) continue;
      const std::int64_t tile = tiles_[r];
      for (const std::int64_t trips : divisors(tile)) {
        if (trips == 1) continue;
        tiles_[r] = tile / trips;
        path_.push_back(Loop{space_.id, static_cast<RankId>(r), tiles_[r], std::nullopt});
        temporal(used | std::uint32_t{1} << r, false);
        path_.pop_back();
      }
      tiles_[r] = tile;
    }
  }

  void next_store() {
    bool any = false;
    for (std::size_t o = 0; o < left_.size(); ++o) {
      if (left_[o] == 0) continue;
      any = true;
      const auto memory = static_cast<MemoryId>(std::countr_zero(left_[o]));
      // Stores outside an axis come before those inside.
      const bool early = std::ranges::any_of(left_, [&](std::uint32_t other) {
        if (other == 0) return false;
        const auto outer = static_cast<MemoryId>(std::countr_zero(other));
        return std::ranges::any_of(space_.arch->axes, [&](const SpatialAxis& axis) {
          return axis.below <= index(memory) && axis.below > index(outer);
        });
      });
      if (early) continue;
      spatial(memory, next_axis_, 0, space_.arch->axes.empty() ? 1 : room(next_axis_), o);
    }
    if (!any) spatial(std::nullopt, next_axis_, 0, room(next_axis_), 0);
  }

  std::int64_t room(std::size_t axis) const {
    return axis < space_.arch->axes.size() ? space_.arch->axes[static_cast<AxisId>(axis)].size : 1;
  }

  /// Spatial loops of the axes outside `memory` (or all), then the Store (or the lanes).
  void spatial(std::optional<MemoryId> memory, std::size_t axis, std::size_t rank,
               std::int64_t room_left, std::size_t operand) {
    if (seen_ > limit_) return;
    const bool due =
        axis < space_.arch->axes.size() &&
        (!memory || space_.arch->axes[static_cast<AxisId>(axis)].below <= index(*memory));
    if (!due) {
      const std::size_t before = next_axis_;
      next_axis_ = axis;
      place(memory, operand);
      next_axis_ = before;
      return;
    }
    if (rank == tiles_.size()) {
      spatial(memory, axis + 1, 0, room(axis + 1), operand);
      return;
    }
    const std::int64_t tile = tiles_[rank];
    for (const std::int64_t trips : divisors(tile)) {
      if (trips > room_left) break;
      tiles_[rank] = tile / trips;
      if (trips > 1) {
        path_.push_back(
            Loop{space_.id, static_cast<RankId>(rank), tiles_[rank], static_cast<AxisId>(axis)});
      }
      spatial(memory, axis, rank + 1, room_left / trips, operand);
      if (trips > 1) path_.pop_back();
    }
    tiles_[rank] = tile;
  }

  void place(std::optional<MemoryId> memory, std::size_t operand) {
    if (!memory) {
      if (std::ranges::all_of(tiles_, [](std::int64_t tile) { return tile == 1; })) {
        ++seen_;
        if (seen_ <= limit_) visit_(path_);
      }
      return;
    }
    left_[operand] &= ~(std::uint32_t{1} << index(*memory));
    path_.push_back(Store{space_.residents[operand].tensor, *memory});
    temporal(0, false);
    path_.pop_back();
    left_[operand] |= std::uint32_t{1} << index(*memory);
  }

  const MapSpace& space_;
  std::int64_t limit_;
  std::int64_t seen_ = 0;
  const VisitPath& visit_;
  std::vector<PathNode> path_;
  std::vector<std::uint32_t> left_;
  std::vector<std::int64_t> tiles_;
  std::size_t next_axis_ = 0;
};

}  // namespace

bool for_each_mapping(const MapSpace& space, std::int64_t limit, const VisitPath& visit) {
  return BruteForce(space, limit, visit).run();
}

}  // namespace tileloom::mapper::product
