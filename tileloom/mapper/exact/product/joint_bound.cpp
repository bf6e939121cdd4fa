#include "tileloom/mapper/exact/product/joint_bound.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tileloom::mapper::product {
namespace {

/// Stores that take part: 2^n sets are visited.
constexpr std::size_t kMostStores = 10;

class JointBound {
 public:
  JointBound(const Terrain& terrain, const Placement& placement, const Layout& layout,
             const Ledger& ledger, std::span<const SpatialChoice* const> choices,
             std::span<const double> least, std::size_t unfinished)
      : terrain_(terrain),
        placement_(placement),
        layout_(layout),
        ledger_(ledger),
        choices_(choices),
        least_(least),
        unfinished_(unfinished) {
    for (std::size_t k = 0; k < placement.boundaries.size(); ++k) {
      if (placement.boundaries[k].child && stores_.size() < kMostStores) stores_.push_back(k);
    }
    rests_.assign(terrain.extents.size(), 1);
    for (std::size_t g = 0; g < choices.size(); ++g) {
      for (std::size_t r = 0; r < terrain.groups[g].ranks.size(); ++r) {
        rests_[terrain.groups[g].ranks[r]] = static_cast<double>(choices[g]->rests[r]);
      }
    }
    find_visits();
  }

  Bounds operator()() {
    const std::size_t unfinished = unfinished_;
    Bounds bounds = ledger_(least_, unfinished);
    bounds.picojoules += extra(ledger_.energy(unfinished));
    for (const Form& port : ledger_.ports(unfinished)) {
      bounds.cycles = std::max(bounds.cycles, port(least_) + extra(port));
    }
    return bounds;
  }

 private:
  const OperandFacts& operand(std::size_t k) const {
    return terrain_.operands[placement_.boundaries[k].operand];
  }
  double capacity(std::size_t k) const {  // elements
    const std::size_t first = placement_.first.rbegin()[1];
    const bool partial = operand(k).role == Role::output && k + 1 - first >= unfinished_;
    const MemoryFacts& memory = terrain_.memories[index(*placement_.boundaries[k].child)];
    return std::floor(memory.capacity / operand(k).least_width(partial));
  }

  /// Spatial trips of a rank inside the child of boundary k.
  double inside(std::size_t k, std::size_t rank) const {
    const std::size_t g = terrain_.group_of[rank];
    return static_cast<double>(choices_[g]->positions_along(terrain_.groups[g].place_of(rank),
                                                            ~placement_.boundaries[k].own));
  }

  /// The most temporal trips of ranks that y's tensor has and x's lacks below the child of y: its
  /// box must fit.
  double most_inside(std::size_t x, std::size_t y) const {
    double room = capacity(y);
    std::vector<bool> seen(terrain_.extents.size(), false);
    const auto lacks = [&](std::size_t rank) {
      return operand(x).relevance[rank] == Relevance::none;
    };
    for (const std::size_t a : operand(y).axes) {
      const GeneralAxis& axis = terrain_.axes[a];
      // A box is at least as long as the tile of each rank, unless padding cuts it.
      double longest = 1;
      double only = 1;
      int free = 0;
      for (std::size_t i = 0; i < axis.ranks.size(); ++i) {
        const std::size_t rank = axis.ranks[i];
        if (seen[rank]) continue;
        seen[rank] = true;
        const double tile = axis.clear[i] ? inside(y, rank) : 1 / rests_[rank];
        longest = std::max(longest, tile);
        if (!lacks(rank)) continue;
        ++free;
        only = tile;
      }
      if (free == 0) room /= longest;
      if (free == 1) room /= only;
      if (free > 1) return INFINITY;
    }
    for (std::size_t rank = 0; rank < terrain_.extents.size(); ++rank) {
      if (terrain_.extents[rank] > 1 && operand(y).relevance[rank] == Relevance::simple) {
        room /= inside(y, rank);
      }
    }
    return room;
  }

  /// Of x's child if y's box moves no further in than x's.
  double visits(std::size_t x, std::size_t y) const {
    double trips = 1;
    for (std::size_t rank = 0; rank < terrain_.extents.size(); ++rank) {
      const bool only_y = operand(x).relevance[rank] == Relevance::none &&
                          operand(y).relevance[rank] != Relevance::none;
      if (only_y) trips *= rests_[rank];
    }
    if (trips == 1) return 1;
    return std::max(1.0, std::ceil(trips / most_inside(x, y) * (1 - 1e-9)));
  }

  void find_visits() {
    const std::size_t n = stores_.size();
    most_visits_.assign(n, std::vector<double>(std::size_t{1} << n, 1.0));
    for (std::size_t x = 0; x < n; ++x) {
      std::vector<double> with(n, 1.0);
      for (std::size_t y = 0; y < n; ++y) {
        const bool other =
            placement_.boundaries[stores_[x]].operand != placement_.boundaries[stores_[y]].operand;
        if (other) with[y] = visits(stores_[x], stores_[y]);
      }
      for (std::size_t set = 1; set < most_visits_[x].size(); ++set) {
        const auto first = static_cast<std::size_t>(std::countr_zero(set));
        most_visits_[x][set] = std::max(most_visits_[x][set & (set - 1)], with[first]);
      }
    }
  }

  /// Boxes of different chunks have nothing in common. Else every loop that stands outside one that
  /// adds visits may leave a box to each of its trips, and together all that is used.
  bool disjoint(std::size_t x) const {
    return std::ranges::all_of(operand(stores_[x]).axes, [&](std::size_t a) {
      return terrain_.axes[a].ranks.size() == 1;
    });
  }

  /// The least over all orders in which boxes may move, outermost first.
  double extra(const Form& form) const {
    const std::size_t n = stores_.size();
    std::vector<double> each(n, 0.0);
    for (std::size_t x = 0; x < n; ++x) {
      for (std::size_t q = 0; q < layout_.quantities.size(); ++q) {
        if (layout_.quantities[q].boundary != stores_[x]) continue;
        if (disjoint(x)) each[x] += form.factors[q] * least_[q];
      }
    }
    std::vector<double> best(std::size_t{1} << n, INFINITY);
    best[0] = 0;
    for (std::size_t set = 0; set + 1 < best.size(); ++set) {
      for (std::size_t x = 0; x < n; ++x) {
        if ((set >> x & 1) != 0) continue;
        double& next = best[set | std::size_t{1} << x];
        next = std::min(next, best[set] + each[x] * (most_visits_[x][set] - 1));
      }
    }
    return best.back();
  }

  const Terrain& terrain_;
  const Placement& placement_;
  const Layout& layout_;
  const Ledger& ledger_;
  std::span<const SpatialChoice* const> choices_;
  std::span<const double> least_;
  std::size_t unfinished_ = 0;
  std::vector<std::size_t> stores_;  ///< boundaries with a child
  std::vector<double> rests_;        ///< by rank: temporal trips
  std::vector<std::vector<double>>
      most_visits_;  ///< by store and set of those that move further out
};

}  // namespace

Bounds joint_bound(const Terrain& terrain, const Placement& placement, const Layout& layout,
                   const Ledger& ledger, std::span<const SpatialChoice* const> choices,
                   std::span<const double> least, std::size_t unfinished) {
  return JointBound(terrain, placement, layout, ledger, choices, least, unfinished)();
}

}  // namespace tileloom::mapper::product
