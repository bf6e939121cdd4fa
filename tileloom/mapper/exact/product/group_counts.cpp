#include "tileloom/mapper/exact/product/group_counts.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::product {

GroupCounts::GroupCounts(const ChainProblem& problem, const Boundary& boundary)
    : problem_(problem), boundary_(boundary), operand_(problem.terrain.operands[boundary.operand]) {
  for (const std::size_t a : operand_.axes) {
    const std::size_t g = problem.terrain.group_of[problem.terrain.axes[a].ranks[0]];
    shares_ = shares_ || grouped(g, a);
  }
}

/// The operand's general axes over the group's ranks.
template <class Visit>
void GroupCounts::for_each_axis(std::size_t g, const Visit& visit) const {
  for (const std::size_t a : operand_.axes) {
    if (problem_.terrain.group_of[problem_.terrain.axes[a].ranks[0]] == g) visit(a);
  }
}

std::vector<std::int64_t> GroupCounts::tiles(std::size_t g, std::size_t a, Within within) const {
  std::vector<std::int64_t> tiles;
  for (const std::size_t rank : problem_.terrain.axes[a].ranks) {
    const std::size_t r = place(g, rank);
    tiles.push_back(within[r] * below(g, r));
  }
  return tiles;
}

double GroupCounts::box(std::size_t g, Within within) const {
  double elements = 1;
  for (std::size_t r = 0; r < within.size(); ++r) {
    if (operand_.relevance[ranks_of(g)[r]] != Relevance::simple) continue;
    elements *= static_cast<double>(within[r] * below(g, r));
  }
  for_each_axis(g, [&](std::size_t a) {
    elements *= problem_.tables[a].boxes(tiles(g, a, within)).largest;
  });
  return elements;
}

double GroupCounts::outside(std::size_t g, Within within, Relevance relevance) const {
  double product = 1;
  for (std::size_t r = 0; r < within.size(); ++r) {
    if (operand_.relevance[ranks_of(g)[r]] != relevance) continue;
    product *= static_cast<double>(problem_.choices[g]->rests[r] / within[r]);
  }
  return product;
}

bool GroupCounts::grouped(std::size_t g, std::size_t a) const {
  return std::ranges::any_of(problem_.terrain.axes[a].ranks, [&](std::size_t rank) {
    return problem_.choices[g]->positions_along(place(g, rank), boundary_.shared) > 1;
  });
}

/// Where positions share.
AxisTable::Arranged GroupCounts::arranged(std::size_t g, std::size_t a, Within within) const {
  std::vector<AxisLoop> spatial;
  std::vector<std::int64_t> outside;
  for (const std::size_t rank : problem_.terrain.axes[a].ranks) {
    const std::size_t r = place(g, rank);
    for (std::size_t x = 0; x < problem_.terrain.open.size(); ++x) {
      if ((boundary_.own >> x & 1) == 0 || spread(g, r, x) == 1) continue;
      const bool shared = (boundary_.shared >> x & 1) != 0;
      spatial.push_back({outside.size(), spread(g, r, x),
                         shared ? cost::LinkKind::grouped : cost::LinkKind::separate});
    }
    outside.push_back(problem_.choices[g]->rests[r] / within[r]);
  }
  return problem_.tables[a].arranged(spatial, outside);
}

/// Elements along one axis over all chunks.
double GroupCounts::total(std::size_t g, std::size_t a, Within within, bool each) const {
  if (!each && grouped(g, a)) return arranged(g, a, within).standing;
  return problem_.tables[a].boxes(tiles(g, a, within)).total;
}

double GroupCounts::standing(std::size_t g, Within within, bool each) const {
  double product = 1;
  for_each_axis(g, [&](std::size_t a) { product *= total(g, a, within, each); });
  return product;
}

namespace {

/// One more way in which a loop may move a box last.
void add(GroupCounts::Slid& to, const GroupCounts::Slid& way, double factor) {
  to.moved = std::min(to.moved, factor * way.moved);
  to.returned = std::min(to.returned, factor * way.returned);
  to.kept = std::max(to.kept, factor * way.kept);
}

}  // namespace

GroupCounts::Slid GroupCounts::slid(std::size_t g, Within within, bool each, std::size_t rank,
                                    std::int64_t trips) const {
  const double all = standing(g, within, each);
  Slid slid{all, all, 0};
  for_each_axis(g, [&](std::size_t a) {
    if (std::ranges::count(problem_.terrain.axes[a].ranks, rank) == 0) return;
    const double still = total(g, a, within, each);
    if (still == 0) {
      slid = {0, 0, 0};
    } else if (!each && grouped(g, a)) {
      const AxisTable::Arranged ways = arranged(g, a, within);
      add(slid, {ways.moving, ways.returning, ways.kept}, all / still);
    } else {
      add(slid, slid_axis(g, a, within, still, rank, trips), all / still);
    }
  });
  return slid;
}

GroupCounts::Slid GroupCounts::slid_axis(std::size_t g, std::size_t a, Within within, double still,
                                         std::size_t rank, std::int64_t trips_of_last) const {
  Slid slid{still, still, 0};
  const std::vector<std::size_t>& ranks = problem_.terrain.axes[a].ranks;
  const std::vector<std::int64_t> tiles = this->tiles(g, a, within);
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (ranks[i] != rank) continue;
    const std::size_t r = place(g, rank);
    const std::int64_t outside = problem_.choices[g]->rests[r] / within[r];
    for (const std::int64_t trips : divisors(outside)) {
      if (trips == 1 || (trips_of_last != kAnyTrips && trips != trips_of_last)) continue;
      std::int64_t step = tiles[i];
      add(slid, moved(g, a, tiles, i, step, trips, outside, still), 1);
      for (std::size_t x = problem_.terrain.open.size(); x-- > 0;) {
        if ((boundary_.own >> x & 1) == 0 || spread(g, r, x) == 1) continue;
        step *= spread(g, r, x);
        add(slid, moved(g, a, tiles, i, step, trips, outside, still), 1);
      }
    }
  }
  return slid;
}

/// What enters along the axis when a loop of `trips` over its i-th rank moves the box by `step`.
GroupCounts::Slid GroupCounts::moved(std::size_t g, std::size_t a,
                                     const std::vector<std::int64_t>& tiles, std::size_t i,
                                     std::int64_t step, std::int64_t trips, std::int64_t outside,
                                     double still) const {
  const GeneralAxis& axis = problem_.terrain.axes[a];
  AxisTable& table = problem_.tables[a];
  const auto length = static_cast<double>(table.length(tiles));
  const double shift = static_cast<double>(axis.coefficients[i] * step);
  const double moved = still - table.kept(tiles, i, step, trips);
  double runs = 1 / static_cast<double>(trips);
  double range = 0;  // of what other loops move
  for (std::size_t k = 0; k < tiles.size(); ++k) {
    const std::int64_t extent = problem_.terrain.extents[axis.ranks[k]];
    runs *= static_cast<double>(extent / tiles[k]);
    const std::size_t r = place(g, axis.ranks[k]);
    const bool moves = extent / tiles[k] > problem_.choices[g]->positions_along(r, boundary_.own);
    if (k != i && moves) range += static_cast<double>(axis.coefficients[k] * (extent - tiles[k]));
  }
  const double back = shift * (outside > trips ? 1.0 : static_cast<double>(trips - 1));
  const double kept = std::max(0.0, length - std::max(0.0, back - range)) * runs;
  return {moved, moved - kept, kept};
}

}  // namespace tileloom::mapper::product
