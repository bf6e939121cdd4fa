#include "tileloom/mapper/exact/product/phase_bound.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tileloom/mapper/exact/product/boundary_table.hpp"

namespace tileloom::mapper::product {
namespace {

/// Stores that take part: 2^n sets are visited.
constexpr std::size_t kMostPhaseStores = 10;

class PhaseBound {
 public:
  PhaseBound(const Terrain& terrain, const Placement& placement,
             std::span<const SpatialChoice* const> choices, double reductions)
      : terrain_(terrain), placement_(placement), choices_(choices), reductions_(reductions) {
    for (std::size_t k = 0; k < placement.boundaries.size(); ++k) {
      const Boundary& boundary = placement.boundaries[k];
      const double constant = terrain.operands[boundary.operand].constant;
      Multipliers& product = accesses_.emplace_back(Multipliers{constant, constant, constant});
      for (std::size_t g = 0; g < choices.size(); ++g) {
        const Multipliers m =
            multipliers(terrain, terrain.groups[g], *choices[g], boundary, /*least=*/true);
        product.united *= m.united;
        product.each *= m.each;
      }
      if (boundary.child && constant > 0 && stores_.size() < kMostPhaseStores) stores_.push_back(k);
    }
    find_pairs();
  }

  Bounds operator()() const {
    Bounds bounds{terrain_.cycles_per_operation, 0};
    for (const SpatialChoice* choice : choices_) bounds.cycles *= choice->steps;
    const std::size_t memories = terrain_.memories.size();
    bounds.picojoules = terrain_.compute_energy + cost([&](MemoryId memory, double read, double written) {
      const MemoryFacts& facts = terrain_.memories[index(memory)];
      return read * facts.read_per_bit + written * facts.write_per_bit;
    }, 1);
    for (std::size_t m = 0; m < memories; ++m) {
      const MemoryFacts& facts = terrain_.memories[m];
      double used = 1;
      for (const SpatialChoice* choice : choices_) used *= instances(terrain_, *choice, facts.own);
      const auto port = [&](std::optional<double> bandwidth, double reads, double writes) {
        if (!bandwidth) return;
        const double bits = cost([&](MemoryId memory, double read, double written) {
          return index(memory) == m ? reads * read + writes * written : 0;
        }, 0);
        bounds.cycles = std::max(bounds.cycles, bits / used / *bandwidth);
      };
      port(facts.read, 1, 0);
      port(facts.write, 0, 1);
      port(facts.shared, 1, 1);
    }
    return bounds;
  }

 private:
  /// One Store of the pair is the child of boundary x, the other of y.
  struct Pair {
    std::size_t x = 0;  ///< places in stores_
    std::size_t y = 0;
    double per_x = 0;  ///< points that one entry of an element of x is charged with at most
    double per_y = 0;
    double left = 0;  ///< points beyond those charged to the first entries
  };

  const OperandFacts& operand(std::size_t k) const {
    return terrain_.operands[placement_.boundaries[k].operand];
  }
  bool has(std::size_t k, std::size_t rank) const {
    return operand(k).relevance[rank] != Relevance::none;
  }
  /// Positions of a rank along the axes of a mask.
  double spread_along(std::size_t rank, std::uint64_t axes) const {
    const std::size_t g = terrain_.group_of[rank];
    return static_cast<double>(
        choices_[g]->positions_along(terrain_.groups[g].place_of(rank), axes));
  }

  /// The shortest tile of a rank in the child of boundary k that the positions inside can cut.
  double least_tile(std::size_t k, std::size_t rank) const {
    double tile = 1;
    for (std::size_t a = terrain_.open.size(); a-- > 0;) {
      if ((placement_.boundaries[k].own >> a & 1) != 0) continue;
      tile = (spread_along(rank, std::uint64_t{1} << a) - 1) * tile + 1;
    }
    return tile;
  }

  /// Combinations of an axis's ranks with one index, at most.
  double on_one_index(const GeneralAxis& axis) const {
    double all = 1;
    double most = 1;
    for (const std::size_t rank : axis.ranks) {
      all *= static_cast<double>(terrain_.extents[rank]);
      most = std::max(most, static_cast<double>(terrain_.extents[rank]));
    }
    return all / most;
  }

  /// The most points that one element of x meets while the boxes of y inside or around its buffer
  /// stand still.
  double meets(std::size_t x, std::size_t y) const {
    // With reductions over time the innermost Store holds partial sums.
    const bool partial = operand(y).role == Role::output && reductions_ > 1 &&
                         !placement_.boundaries[y + 1].child;
    const MemoryFacts& memory = terrain_.memories[index(*placement_.boundaries[y].child)];
    double most = std::floor(memory.capacity / operand(y).least_width(partial));
    double extents = 1;  // the points are no more than these
    const auto only_y = [&](std::size_t rank) { return has(y, rank) && !has(x, rank); };
    for (const std::size_t a : operand(y).axes) {
      const GeneralAxis& axis = terrain_.axes[a];
      double longest = 1;
      for (std::size_t i = 0; i < axis.ranks.size(); ++i) {
        if (axis.clear[i]) longest = std::max(longest, least_tile(y, axis.ranks[i]));
      }
      const auto free = std::ranges::count_if(axis.ranks, only_y);
      if (free == 0) most /= longest;
      if (free > 1) most *= on_one_index(axis);
    }
    const std::uint64_t inside = placement_.boundaries[y].own & ~placement_.boundaries[x].own;
    for (std::size_t rank = 0; rank < terrain_.extents.size(); ++rank) {
      if (terrain_.extents[rank] == 1) continue;
      if (operand(y).relevance[rank] == Relevance::simple && !only_y(rank)) most /= least_tile(y, rank);
      if (!only_y(rank)) continue;
      extents *= static_cast<double>(terrain_.extents[rank]);
      most *= spread_along(rank, inside);
    }
    most = std::min(most, extents);
    for (const std::size_t a : operand(x).axes) most *= on_one_index(terrain_.axes[a]);
    return most;
  }

  /// Combinations of the ranks of x and y whose elements both exist.
  double points(std::size_t x, std::size_t y) const {
    double all = 1;
    for (std::size_t rank = 0; rank < terrain_.extents.size(); ++rank) {
      if (has(x, rank) || has(y, rank)) all *= static_cast<double>(terrain_.extents[rank]);
    }
    for (const std::size_t k : {x, y}) {
      for (const std::size_t a : operand(k).axes) {
        const GeneralAxis& axis = terrain_.axes[a];
        if (!axis.cut) continue;
        all *= axis.uses;
        for (const std::size_t rank : axis.ranks) all /= static_cast<double>(terrain_.extents[rank]);
      }
    }
    return all;
  }

  void find_pairs() {
    for (std::size_t i = 0; i < stores_.size(); ++i) {
      for (std::size_t j = i + 1; j < stores_.size(); ++j) {
        const std::size_t x = stores_[i];
        const std::size_t y = stores_[j];
        if (placement_.boundaries[x].operand == placement_.boundaries[y].operand) continue;
        // Points outside both tensors would be taken off twice.
        if (cut(x) && cut(y)) continue;
        Pair pair{i, j, meets(x, y), meets(y, x), 0};
        pair.left = points(x, y) * (1 - 1e-9) - pair.per_x * accesses_[x].each -
                    pair.per_y * accesses_[y].each;
        if (pair.left > 0) pairs_.push_back(pair);
      }
    }
  }
  bool cut(std::size_t k) const {
    return std::ranges::any_of(operand(k).axes, [&](std::size_t a) { return terrain_.axes[a].cut; });
  }

  /// What all accesses cost at least; `price(memory, bits read, bits written)`, `hops` times what
  /// the network takes.
  template <class Price>
  double cost(const Price& price, double hops) const {
    double sum = 0;
    for (std::size_t k = 0; k < placement_.boundaries.size(); ++k) {
      sum += one(k, accesses_[k], price, hops, /*further=*/false);
    }
    std::vector<double> entry;
    for (const std::size_t k : stores_) {
      // Neighbours may share what their sliding boxes have in common.
      const double united = shares_window(k) ? 0 : accesses_[k].united / accesses_[k].each;
      const Multipliers per_each{united, united, 1};
      entry.push_back(one(k, per_each, price, hops, /*further=*/true));
    }
    // The pairs, of which each Store is in one at most, that cost most together.
    std::vector<double> best(std::size_t{1} << stores_.size(), 0.0);
    for (std::size_t set = 1; set < best.size(); ++set) {
      for (std::size_t i = 0; i < stores_.size(); ++i) {
        if ((set >> i & 1) != 0) best[set] = std::max(best[set], best[set & ~(std::size_t{1} << i)]);
      }
      for (const Pair& pair : pairs_) {
        const std::size_t both = std::size_t{1} << pair.x | std::size_t{1} << pair.y;
        if ((set & both) != both) continue;
        const double extra =
            pair.left * std::min(entry[pair.x] / pair.per_x, entry[pair.y] / pair.per_y);
        best[set] = std::max(best[set], best[set & ~both] + extra);
      }
    }
    return sum + best.back();
  }

  /// Positions along a sliding axis may take the same access of boundary k.
  bool shares_window(std::size_t k) const {
    const std::uint64_t shared = placement_.boundaries[k].shared;
    return std::ranges::any_of(operand(k).axes, [&](std::size_t axis) {
      return std::ranges::any_of(terrain_.axes[axis].ranks, [&](std::size_t rank) {
        return spread_along(rank, shared) > 1;
      });
    });
  }

  /// The accesses `m` of boundary k; `further`: those beyond the least, of which drains may count
  /// as reads of updates (R11).
  template <class Price>
  double one(std::size_t k, const Multipliers& m, const Price& price, double hops,
             bool further) const {
    double sum = 0;
    const bool output = operand(k).role == Role::output;
    const auto accesses = [&](MemoryId memory, double read, double written, bool each) {
      if (further && output && each) return;
      sum += price(memory, read, written);
    };
    least_accesses(terrain_, placement_, k, m, reductions_, accesses,
                   [&](double energy) { sum += hops * energy; });
    return sum;
  }

  const Terrain& terrain_;
  const Placement& placement_;
  std::span<const SpatialChoice* const> choices_;
  double reductions_ = 1;
  std::vector<Multipliers> accesses_;  ///< by boundary: the least
  std::vector<std::size_t> stores_;    ///< boundaries with a child
  std::vector<Pair> pairs_;
};

}  // namespace

Bounds phase_bound(const Terrain& terrain, const Placement& placement,
                   std::span<const SpatialChoice* const> choices, double reductions) {
  return PhaseBound(terrain, placement, choices, reductions)();
}

}  // namespace tileloom::mapper::product
