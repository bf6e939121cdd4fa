#include "tileloom/mapper/exact/product/chain_bound.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/mapper/exact/product/boundary_table.hpp"
#include "tileloom/mapper/exact/product/brute_force_test.hpp"
#include "tileloom/support/effort_test.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::product {
namespace {

/// Placement by operand, then spatial trips [rank · axes + axis].
using Choice = std::pair<std::vector<std::uint32_t>, std::vector<std::int64_t>>;

/// What the mappings of a choice cost at least, each by itself.
struct Least {
  double picojoules = INFINITY;
  double cycles = INFINITY;
  double product = INFINITY;
};

Choice choice_of(const Terrain& terrain, std::span<const PathNode> path) {
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

/// The bounds of a choice; of what no Store changes nothing is known.
Least bounds_of(const Terrain& terrain, const Choice& choice) {
  const Placement placement = make_placement(terrain, choice.first);
  std::vector<SpatialChoice> spread;
  for (const Group& group : terrain.groups) {
    std::vector<std::int64_t> factors;
    for (const std::size_t rank : group.ranks) {
      const auto of_rank =
          std::span(choice.second).subspan(rank * terrain.open.size(), terrain.open.size());
      factors.insert(factors.end(), of_rank.begin(), of_rank.end());
    }
    const std::vector<SpatialChoice> all = spatial_choices(terrain, group);
    spread.push_back(*std::ranges::find(all, factors, &SpatialChoice::factors));
  }
  std::vector<const SpatialChoice*> choices;
  for (const SpatialChoice& one : spread) choices.push_back(&one);
  const Skeleton skeleton = skeletons(terrain, placement.keeps).front();
  const Layout layout = make_layout(terrain, placement, skeleton, /*energy=*/true);
  const Ledger ledger(terrain, placement, layout, choices);
  std::vector<double> least;
  Choices all;
  for (const SpatialChoice& one : spread) all.push_back({one});
  const std::vector<Placement> placements{placement};
  const BoundaryTable table = make_boundary_table(terrain, all, placements);
  const PlacementBound known(terrain, table, placement);
  for (const Quantity& quantity : layout.quantities) {
    double product = 1;
    for (std::size_t g = 0; g < spread.size(); ++g) {
      const Boundary& boundary = placement.boundaries[quantity.boundary];
      const std::size_t column = 2 * known.ids()[quantity.boundary];
      const std::span<const double> with = table.row(g, 0);
      const Multipliers without =
          multipliers(terrain, terrain.groups[g], spread[g], boundary, /*least=*/false);
      product *= quantity.each ? with[column + 1] / without.each : with[column] / without.united;
    }
    least.push_back(product);
  }
  std::vector<AxisTable> tables;
  for (const GeneralAxis& axis : terrain.axes) tables.emplace_back(terrain, axis);
  // Of narrow sums nothing is known: all have the width that costs less.
  const OperandFacts& output = terrain.operands.back();
  std::size_t unfinished = placement.boundaries.size() - placement.first.rbegin()[1];
  double reductions = 1;
  for (std::size_t g = 0; g < choices.size(); ++g) {
    reductions *= reduction_trips(terrain, terrain.groups[g], *choices[g]);
  }
  if (reductions > 1) --unfinished;
  if (output.partial_bits < output.bits) unfinished = 0;
  const ChainProblem problem{terrain, placement, layout, ledger, choices, least, unfinished, tables};
  ChainMemo memo;
  const Bounds bounds = ChainBound(problem, Detail::fine, memo).bounds(true, true);
  return {bounds.picojoules, bounds.cycles, ChainBound(problem, Detail::fine, memo).product(INFINITY)};
}

/// Every choice of a small problem that has a legal mapping, with what the best of these cost.
std::map<Choice, Least> best_of_choices(const Workload& workload, const Terrain& terrain,
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

void expect_at_most(const Least& bound, const Least& best, int attempt) {
  constexpr double kAlmost = 1 - 1e-9;
  EXPECT_LE(bound.picojoules * kAlmost, best.picojoules) << "attempt " << attempt;
  EXPECT_LE(bound.cycles * kAlmost, best.cycles) << "attempt " << attempt;
  EXPECT_LE(bound.product * kAlmost, best.product) << "attempt " << attempt;
}

TEST(ChainBound, NoMappingOfAChoiceCostsLessAndOftenOneCostsThatMuch) {
  constexpr double kAlmost = 1 - 1e-9;
  Random random(14);
  const Constraints none;
  int choices = 0;
  int met = 0;
  for (int attempt = 0; attempt < effort(160); ++attempt) {
    const Architecture arch = random_machine(random);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const std::optional<Terrain> terrain = survey(space);
    if (!terrain) continue;
    for (const auto& [choice, best] : best_of_choices(workload, *terrain)) {
      const Least bound = bounds_of(*terrain, choice);
      expect_at_most(bound, best, attempt);
      const OperandFacts& output = terrain->operands.back();
      if (output.partial_bits < output.bits) continue;  // whole results are taken for narrow, too
      ++choices;
      met += bound.picojoules >= kAlmost * best.picojoules ? 1 : 0;
    }
  }
  EXPECT_GT(choices, 25);
  EXPECT_GT(4 * met, choices) << met << " of " << choices;
}

// A loop over channels outside one over filters, windows inside both: every channel may find a box
// that the filter before has left.
TEST(ChainBound, EveryPieceOfAVisitMayFindABox) {
  Random random(4);
  const Constraints none;
  int choices = 0;
  for (int attempt = 0; attempt < 12; ++attempt) {
    const Architecture arch = random_machine(random);
    const ConvAxis axis{.output = 2, .filter = 3};
    const Workload workload =
        one_conv("conv", {.in_channels = 2, .out_channels = 2, .axes = {axis}}, {8, 8, 8, 8});
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const std::optional<Terrain> terrain = survey(space);
    ASSERT_TRUE(terrain);
    for (const auto& [choice, best] : best_of_choices(workload, *terrain, 20'000)) {
      expect_at_most(bounds_of(*terrain, choice), best, attempt);
      ++choices;
    }
  }
  EXPECT_GT(choices, 5);
}

}  // namespace
}  // namespace tileloom::mapper::product
