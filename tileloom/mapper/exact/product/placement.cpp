#include "tileloom/mapper/exact/product/placement.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "tileloom/support/checked.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::product {
namespace {

std::uint64_t sharing_axes(const Terrain& terrain, Role role) {
  std::uint64_t sharing = 0;
  for (std::size_t a = 0; a < terrain.open.size(); ++a) {
    const bool shares = role == Role::output ? terrain.open[a].reduce : terrain.open[a].multicast;
    if (shares) sharing |= std::uint64_t{1} << a;
  }
  return sharing;
}

/// Enumerates the spatial factors of a group rank by rank, axis by axis.
class Spread {
 public:
  Spread(const Terrain& terrain, const Group& group, Factors factors)
      : terrain_(terrain), group_(group), factors_(factors) {
    choice_.factors.assign(group.ranks.size() * terrain.open.size(), 1);
    choice_.used.assign(terrain.open.size(), 1);
    choice_.rests.assign(group.ranks.size(), 1);
  }
  std::vector<SpatialChoice> run() {
    choose(0, 0, group_.ranks.empty() ? 1 : terrain_.extents[group_.ranks[0]]);
    return std::move(result_);
  }

 private:
  void choose(std::size_t rank, std::size_t axis, std::int64_t rest) {
    if (axis == terrain_.open.size()) {
      const double steps = choice_.steps;
      choice_.steps *= static_cast<double>(rest);
      choice_.rests[rank] = rest;
      if (rank + 1 == group_.ranks.size()) {
        choice_.lanes = 1;
        for (const std::int64_t used : choice_.used) choice_.lanes *= static_cast<double>(used);
        result_.push_back(choice_);
      } else {
        choose(rank + 1, 0, terrain_.extents[group_.ranks[rank + 1]]);
      }
      choice_.steps = steps;
      return;
    }
    std::int64_t& used = choice_.used[axis];
    const std::int64_t before = used;
    for (const std::int64_t factor : positions(rest, terrain_.open[axis].size / before)) {
      choice_.factors[rank * terrain_.open.size() + axis] = factor;
      used = before * factor;
      choose(rank, axis + 1, ceil_div(rest, factor));
    }
    choice_.factors[rank * terrain_.open.size() + axis] = 1;
    used = before;
  }

  /// Numbers of positions that a chunk may be spread over, at most `room`.
  std::vector<std::int64_t> positions(std::int64_t chunk, std::int64_t room) const {
    std::vector<std::int64_t> all;
    if (factors_ == Factors::perfect) {
      all = divisors(chunk);
      std::erase_if(all, [=](std::int64_t factor) { return factor > room; });
    } else {
      all.resize(static_cast<std::size_t>(std::min(chunk, room)));
      std::iota(all.begin(), all.end(), std::int64_t{1});
    }
    return all;
  }

  const Terrain& terrain_;
  const Group& group_;
  Factors factors_;
  SpatialChoice choice_;
  std::vector<SpatialChoice> result_;
};

/// (X3) applied to one general axis at the lanes: of the lanes that share, no more than
/// Π S / max S can use the same element.
double least_lane_accesses(const Group& group, const SpatialChoice& choice, const GeneralAxis& axis,
                           std::uint64_t shared) {
  double served = 1;
  double most = 1;
  for (const std::size_t rank : axis.ranks) {
    const auto grouped = static_cast<double>(choice.positions_along(group.place_of(rank), shared));
    served *= grouped;
    most = std::max(most, grouped);
  }
  return axis.uses * most / served;
}

}  // namespace

Placement make_placement(const Terrain& terrain, std::vector<std::uint32_t> keeps) {
  Placement placement;
  const std::uint64_t all = (std::uint64_t{1} << terrain.open.size()) - 1;
  for (std::size_t o = 0; o < keeps.size(); ++o) {
    placement.first.push_back(placement.boundaries.size());
    const Role role = terrain.operands[o].role;
    auto parent = static_cast<MemoryId>(std::countr_zero(keeps[o]));
    for (std::uint32_t rest = keeps[o] & (keeps[o] - 1);; rest &= rest - 1) {
      Boundary boundary;
      boundary.operand = o;
      boundary.parent = parent;
      boundary.parent_own = terrain.memories[index(parent)].own;
      boundary.own = all;
      std::size_t inner = terrain.memories.size();
      if (rest != 0) {
        boundary.child = static_cast<MemoryId>(std::countr_zero(rest));
        inner = index(*boundary.child);
        boundary.own = terrain.memories[inner].own;
      }
      boundary.shared = boundary.own & ~boundary.parent_own & sharing_axes(terrain, role);
      boundary.hop = terrain.memories[index(parent)].hop[inner];
      placement.boundaries.push_back(boundary);
      if (rest == 0) break;
      parent = *boundary.child;
    }
  }
  placement.first.push_back(placement.boundaries.size());
  placement.keeps = std::move(keeps);
  return placement;
}

std::vector<SpatialChoice> spatial_choices(const Terrain& terrain, const Group& group,
                                           Factors factors) {
  return Spread(terrain, group, factors).run();
}

Multipliers multipliers(const Terrain& terrain, const Group& group, const SpatialChoice& choice,
                        const Boundary& boundary, bool least) {
  Multipliers result;
  const OperandFacts& operand = terrain.operands[boundary.operand];
  for (std::size_t r = 0; r < group.ranks.size(); ++r) {
    const std::size_t rank = group.ranks[r];
    if (operand.relevance[rank] == Relevance::general) continue;
    if (operand.relevance[rank] == Relevance::simple) {
      const auto extent = static_cast<double>(terrain.extents[rank]);
      result.united *= extent;
      result.all *= extent;
      result.each *= extent;
      continue;
    }
    if (!boundary.child) {  // every step of every position, those that share counted once
      const auto extent = static_cast<double>(terrain.extents[rank]);
      const auto sharing = static_cast<double>(choice.positions_along(r, boundary.shared));
      result.united *= std::ceil(extent / sharing);
      result.each *= extent;
      continue;
    }
    const auto along = [&](std::uint64_t axes) {
      return static_cast<double>(choice.positions_along(r, axes));
    };
    result.each *= along(boundary.own);
    result.united *= along(boundary.own & ~boundary.shared);
    result.all *= along(boundary.own & boundary.parent_own);
  }
  if (!least) return result;
  for (const std::size_t a : operand.axes) {
    const GeneralAxis& axis = terrain.axes[a];
    if (std::ranges::find(group.ranks, axis.ranks[0]) == group.ranks.end()) continue;
    const double used =
        boundary.child ? axis.used
                       : std::max(axis.used, least_lane_accesses(group, choice, axis, boundary.shared));
    result.united *= used;
    result.all *= used;
    result.each *= boundary.child ? axis.used : axis.uses;
  }
  return result;
}

double instances(const Terrain& terrain, const SpatialChoice& choice, std::uint64_t own) {
  double result = 1;
  for (std::size_t a = 0; a < terrain.open.size(); ++a) {
    if ((own >> a & 1) != 0) result *= static_cast<double>(choice.used[a]);
  }
  return result;
}

}  // namespace tileloom::mapper::product
