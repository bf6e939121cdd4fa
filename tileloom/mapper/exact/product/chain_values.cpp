#include "tileloom/mapper/exact/product/chain_values.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::product {
namespace {

using Within = std::span<const std::int64_t>;

/// Works out the numbers of one boundary.
class Values {
 public:
  Values(const ChainProblem& problem, const Shapes& shapes, Moving& moving)
      : problem_(problem),
        shapes_(shapes),
        moving_(moving),
        boundary_(problem.placement.boundaries[moving.boundary]),
        operand_(problem.terrain.operands[boundary_.operand]) {}

  void fill() {
    moving_.elements.assign(shapes_.size(), 1.0);
    multiply_all(moving_.elements, [&](std::size_t g, Within within) { return box(g, within); });
    visits_.assign(shapes_.size(), 1.0);
    multiply_all(visits_, [&](std::size_t g, Within within) { return visits(g, within); });
    for (const std::size_t q : moving_.quantities) moving_.values.push_back(values(q));
  }

 private:
  template <class Factor>
  void multiply_all(Grid& grid, const Factor& factor) const {
    for (std::size_t g = 0; g < problem_.choices.size(); ++g) {
      shapes_.multiply(grid, g, [&](Within within) { return factor(g, within); });
    }
  }

  const std::vector<std::size_t>& ranks_of(std::size_t g) const {
    return problem_.terrain.groups[g].ranks;
  }
  std::int64_t spread(std::size_t g, std::size_t r, std::size_t a) const {
    return problem_.choices[g]->positions(r, a);
  }

  /// Spatial trips inside the child.
  std::int64_t below(std::size_t g, std::size_t r) const {
    return problem_.choices[g]->positions_along(r, ~boundary_.own);
  }

  /// The operand's general axes over the group's ranks.
  template <class Visit>
  void for_each_axis(std::size_t g, const Visit& visit) const {
    for (const std::size_t a : operand_.axes) {
      if (problem_.terrain.group_of[problem_.terrain.axes[a].ranks[0]] == g) visit(a);
    }
  }
  std::size_t place(std::size_t g, std::size_t rank) const {
    return problem_.terrain.groups[g].place_of(rank);
  }
  std::vector<std::int64_t> tiles(std::size_t g, std::size_t a, Within within) const {
    std::vector<std::int64_t> tiles;
    for (const std::size_t rank : problem_.terrain.axes[a].ranks) {
      const std::size_t r = place(g, rank);
      tiles.push_back(within[r] * below(g, r));
    }
    return tiles;
  }

  double box(std::size_t g, Within within) const {
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

  /// Trips of ranks that the tensor lacks outside.
  double visits(std::size_t g, Within within) const {
    double product = 1;
    for (std::size_t r = 0; r < within.size(); ++r) {
      if (operand_.relevance[ranks_of(g)[r]] != Relevance::none) continue;
      product *= static_cast<double>(problem_.choices[g]->rests[r] / within[r]);
    }
    return product;
  }

  Grid values(std::size_t q) const {
    const double once = problem_.least[q];
    Grid values(shapes_.size());
    if (operand_.axes.empty()) {
      for (std::size_t s = 0; s < values.size(); ++s) values[s] = once * visits_[s];
      return values;
    }
    const Grid boxes = boxes_brought(problem_.layout.quantities[q].each);
    for (std::size_t s = 0; s < values.size(); ++s) {
      const double visit = boxes[s] / visits_[s];
      values[s] = std::max(once, visit) + (visits_[s] - 1) * visit;
    }
    return values;
  }

  /// (S1) to (S3): of one group the boxes may slide, those of others stand.
  Grid boxes_brought(bool each) const {
    Grid least(shapes_.size(), INFINITY);
    for (const std::size_t slider : problem_.layout.sliding[moving_.boundary]) {
      Grid grid = visits_;
      multiply_all(grid, [&](std::size_t g, Within within) {
        return g == slider ? slid(g, within, each) : standing(g, within, each);
      });
      for (std::size_t s = 0; s < grid.size(); ++s) least[s] = std::min(least[s], grid[s]);
    }
    return least;
  }

  bool grouped(std::size_t g, std::size_t a) const {
    return std::ranges::any_of(problem_.terrain.axes[a].ranks, [&](std::size_t rank) {
      return problem_.choices[g]->positions_along(place(g, rank), boundary_.shared) > 1;
    });
  }

  /// Where positions share.
  AxisTable::Arranged arranged(std::size_t g, std::size_t a, Within within) const {
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
  double total(std::size_t g, std::size_t a, Within within, bool each) const {
    if (!each && grouped(g, a)) return arranged(g, a, within).standing;
    return problem_.tables[a].boxes(tiles(g, a, within)).total;
  }
  double standing(std::size_t g, Within within, bool each) const {
    double product = 1;
    for_each_axis(g, [&](std::size_t a) { product *= total(g, a, within, each); });
    return product;
  }

  /// The least if one of the group's loops moves the box last.
  double slid(std::size_t g, Within within, bool each) const {
    const double all = standing(g, within, each);
    double least = all;
    for_each_axis(g, [&](std::size_t a) {
      const double still = total(g, a, within, each);
      if (still == 0) {
        least = 0;
      } else if (!each && grouped(g, a)) {
        least = std::min(least, all / still * arranged(g, a, within).sliding);
      } else {
        least = std::min(least, all / still * slid_axis(g, a, within, still));
      }
    });
    return least;
  }

  double slid_axis(std::size_t g, std::size_t a, Within within, double still) const {
    double least = still;
    const std::vector<std::size_t>& ranks = problem_.terrain.axes[a].ranks;
    const std::vector<std::int64_t> tiles = this->tiles(g, a, within);
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      const std::size_t r = place(g, ranks[i]);
      const std::int64_t outside = problem_.choices[g]->rests[r] / within[r];
      for (const std::int64_t trips : divisors(outside)) {
        if (trips == 1) continue;
        std::int64_t step = tiles[i];
        least = std::min(least, moved(g, a, tiles, i, step, trips, outside, still));
        for (std::size_t x = problem_.terrain.open.size(); x-- > 0;) {
          if ((boundary_.own >> x & 1) == 0 || spread(g, r, x) == 1) continue;
          step *= spread(g, r, x);
          least = std::min(least, moved(g, a, tiles, i, step, trips, outside, still));
        }
      }
    }
    return least;
  }

  /// What enters along the axis when a loop of `trips` over its i-th rank moves the box by `step`.
  double moved(std::size_t g, std::size_t a, const std::vector<std::int64_t>& tiles, std::size_t i,
               std::int64_t step, std::int64_t trips, std::int64_t outside, double still) const {
    const GeneralAxis& axis = problem_.terrain.axes[a];
    AxisTable& table = problem_.tables[a];
    const auto length = static_cast<double>(table.length(tiles));
    const double shift = static_cast<double>(axis.coefficients[i] * step);
    const double moved = still - table.kept(tiles, i, step, trips);
    double runs = 1 / static_cast<double>(trips);
    bool others = false;
    for (std::size_t k = 0; k < tiles.size(); ++k) {
      const std::int64_t chunks = problem_.terrain.extents[axis.ranks[k]] / tiles[k];
      runs *= static_cast<double>(chunks);
      const std::size_t r = place(g, axis.ranks[k]);
      others = others || (k != i && chunks > problem_.choices[g]->positions_along(r, boundary_.own));
    }
    const double back = others ? 0.0 : (outside > trips ? 1.0 : static_cast<double>(trips - 1));
    return std::max(0.0, moved - std::max(0.0, length - shift * back) * runs);
  }

  const ChainProblem& problem_;
  const Shapes& shapes_;
  Moving& moving_;
  const Boundary& boundary_;
  const OperandFacts& operand_;
  Grid visits_;
};

Moving describe(const ChainProblem& problem, std::size_t k) {
  const Boundary& boundary = problem.placement.boundaries[k];
  const OperandFacts& operand = problem.terrain.operands[boundary.operand];
  Moving moving;
  moving.boundary = k;
  for (std::size_t rank = 0; rank < operand.relevance.size(); ++rank) {
    if (operand.relevance[rank] != Relevance::none) moving.ranks |= std::uint64_t{1} << rank;
  }
  const std::size_t first = problem.placement.first.rbegin()[1];
  if (operand.role == Role::output) moving.nth = k - first;
  moving.narrow = operand.least_width(false);
  moving.wide = operand.least_width(true);
  moving.room = problem.terrain.memories[index(*boundary.child)].capacity;
  for (std::size_t q = 0; q < problem.layout.quantities.size(); ++q) {
    if (problem.layout.quantities[q].boundary == k) moving.quantities.push_back(q);
  }
  return moving;
}

/// Which Stores stand further out, and which share a memory.
void relate(const ChainProblem& problem, std::vector<Moving>& all) {
  const auto boundary = [&](std::size_t i) -> const Boundary& {
    return problem.placement.boundaries[all[i].boundary];
  };
  const auto segment = [&](std::size_t i) {
    return problem.terrain.memories[index(*boundary(i).child)].segment;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j) {
      if (i == j) continue;
      const bool chain = boundary(i).operand == boundary(j).operand && j < i;
      if (chain) all[i].outer |= std::uint32_t{1} << j;
      if (chain || segment(j) < segment(i)) all[i].before |= std::uint32_t{1} << j;
      if (*boundary(i).child == *boundary(j).child) all[i].mates.push_back(j);
    }
  }
}

}  // namespace

Grid whole_sums(const ChainProblem& problem, const Shapes& shapes) {
  const OperandFacts& output = problem.terrain.operands.back();
  Grid whole(shapes.size(), 1.0);
  for (std::size_t g = 0; g < problem.choices.size(); ++g) {
    const std::vector<std::size_t>& ranks = problem.terrain.groups[g].ranks;
    shapes.multiply(whole, g, [&](Within within) {
      for (std::size_t r = 0; r < within.size(); ++r) {
        const bool reduces = output.relevance[ranks[r]] == Relevance::none;
        if (reduces && within[r] < problem.choices[g]->rests[r]) return double{INFINITY};
      }
      return 1.0;
    });
  }
  return whole;
}

std::vector<Moving> moving_stores(const ChainProblem& problem, const Shapes& shapes) {
  std::vector<Moving> all;
  for (std::size_t k = 0; k < problem.placement.boundaries.size(); ++k) {
    if (!problem.placement.boundaries[k].child || all.size() == kMostMoving) continue;
    all.push_back(describe(problem, k));
    Values(problem, shapes, all.back()).fill();
  }
  relate(problem, all);
  return all;
}

}  // namespace tileloom::mapper::product
