#pragma once
// Placements and complete spatial choices of small problems, with what the best of all their
// mappings cost: for tests of what looks at one choice.

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/mapper/exact/product/boundary_table.hpp"
#include "tileloom/mapper/exact/product/brute_force_test.hpp"
#include "tileloom/mapper/exact/product/chain_bound.hpp"

namespace tileloom::mapper::product {

/// Placement by operand, then spatial trips [rank · axes + axis].
using Choice = std::pair<std::vector<std::uint32_t>, std::vector<std::int64_t>>;

/// What the mappings of a choice cost at least, each by itself.
struct Least {
  double picojoules = INFINITY;
  double cycles = INFINITY;
  double product = INFINITY;
};

inline Choice choice_of(const Terrain& terrain, std::span<const PathNode> path) {
  const MapSpace& space = *terrain.space;
  Choice choice;
  choice.first.assign(space.residents.size(), 0);
  choice.second.assign(terrain.extents.size() * terrain.open.size(), 1);
  std::vector<std::int64_t> tiles(terrain.extents);
  for (const PathNode& node : path) {
    if (const auto* store = std::get_if<Store>(&node)) {
      const auto resident = std::ranges::find(space.residents, store->tensor, &Resident::tensor);
      choice.first[static_cast<std::size_t>(resident - space.residents.begin())] |=
          std::uint32_t{1} << index(store->memory);
      continue;
    }
    const Loop& loop = std::get<Loop>(node);
    std::int64_t& tile = tiles[index(loop.rank)];
    for (std::size_t a = 0; a < terrain.open.size() && loop.axis; ++a) {
      if (terrain.open[a].id != *loop.axis) continue;
      choice.second[index(loop.rank) * terrain.open.size() + a] = tile / loop.tile;
    }
    tile = loop.tile;
  }
  return choice;
}

/// Everything that searches and bounds of a choice ask for. Stays where it is.
class ChoiceAtHand {
 public:
  ChoiceAtHand(const Terrain& terrain, const Choice& choice)
      : terrain_(terrain),
        placement_(make_placement(terrain, choice.first)),
        skeletons_(product::skeletons(terrain, placement_.keeps)) {
    for (const Group& group : terrain.groups) {
      std::vector<std::int64_t> factors;
      for (const std::size_t rank : group.ranks) {
        const auto of_rank =
            std::span(choice.second).subspan(rank * terrain.open.size(), terrain.open.size());
        factors.insert(factors.end(), of_rank.begin(), of_rank.end());
      }
      const std::vector<SpatialChoice> all = spatial_choices(terrain, group);
      spread_.push_back(*std::ranges::find(all, factors, &SpatialChoice::factors));
    }
    for (const SpatialChoice& one : spread_) choices_.push_back(&one);
    for (const Skeleton& skeleton : skeletons_) {
      layouts_.push_back(make_layout(terrain, placement_, skeleton, /*energy=*/true));
    }
    ledger_ = std::make_unique<Ledger>(terrain, placement_, layouts_[0], choices_);
    find_least();
    for (const GeneralAxis& axis : terrain.axes) tables_.emplace_back(terrain, axis);
  }
  ChoiceAtHand(const ChoiceAtHand&) = delete;
  ChoiceAtHand& operator=(const ChoiceAtHand&) = delete;

  /// Of narrow sums nothing is known: all have the width that costs less.
  ChainProblem problem() {
    const OperandFacts& output = terrain_.operands.back();
    std::size_t unfinished = placement_.boundaries.size() - placement_.first.rbegin()[1];
    double reductions = 1;
    for (std::size_t g = 0; g < choices_.size(); ++g) {
      reductions *= reduction_trips(terrain_, terrain_.groups[g], *choices_[g]);
    }
    if (reductions > 1) --unfinished;
    if (output.partial_bits < output.bits) unfinished = 0;
    return {terrain_, placement_, layouts_[0], *ledger_, choices_, least_, unfinished, tables_};
  }
  const std::vector<Skeleton>& skeletons() const { return skeletons_; }
  const std::vector<Layout>& layouts() const { return layouts_; }

 private:
  /// By quantity; of what no Store changes nothing is known.
  void find_least() {
    Choices all;
    for (const SpatialChoice& one : spread_) all.push_back({one});
    const std::vector<Placement> placements{placement_};
    const BoundaryTable table = make_boundary_table(terrain_, all, placements);
    const PlacementBound known(terrain_, table, placement_);
    for (const Quantity& quantity : layouts_[0].quantities) {
      double product = 1;
      for (std::size_t g = 0; g < spread_.size(); ++g) {
        const Boundary& boundary = placement_.boundaries[quantity.boundary];
        const std::size_t column = 2 * known.ids()[quantity.boundary];
        const std::span<const double> with = table.row(g, 0);
        const Multipliers without =
            multipliers(terrain_, terrain_.groups[g], spread_[g], boundary, /*least=*/false);
        product *= quantity.each ? with[column + 1] / without.each : with[column] / without.united;
      }
      least_.push_back(product);
    }
  }

  const Terrain& terrain_;
  Placement placement_;
  std::vector<SpatialChoice> spread_;
  std::vector<const SpatialChoice*> choices_;
  std::vector<Skeleton> skeletons_;
  std::vector<Layout> layouts_;
  std::unique_ptr<Ledger> ledger_;
  std::vector<double> least_;
  std::vector<AxisTable> tables_;
};

/// Every choice of a small problem that has a legal mapping, with what the best of these cost.
inline std::map<Choice, Least> best_of_choices(const Workload& workload, const Terrain& terrain,
                                        std::int64_t most_mappings = 8000) {
  const MapSpace& space = *terrain.space;
  std::map<Choice, Least> best;
  cost::Evaluator evaluator(*space.op, *space.arch);
  const bool all = for_each_mapping(space, most_mappings, [&](std::span<const PathNode> path) {
    const cost::QuickCost cost = evaluator(path);
    const CheckedPath checked{workload, *space.arch, space.id, path};
    if (!cost.fits || !broken_rules(checked).empty()) return;
    Least& least = best[choice_of(terrain, path)];
    const auto cycles = static_cast<double>(cost.cycles);
    least.picojoules = std::min(least.picojoules, cost.picojoules);
    least.cycles = std::min(least.cycles, cycles);
    least.product = std::min(least.product, cycles * cost.picojoules);
  });
  if (!all) best.clear();
  return best;
}

}  // namespace tileloom::mapper::product
