#include "tileloom/mapper/exact/product/side_by_side.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/mapper/exact/product/brute_force_test.hpp"
#include "tileloom/mapper/exact/product/search.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::mapper::product {
namespace {

/// A random machine with two axes side by side, and maybe another in between; none if it has fewer
/// than two. Sometimes a memory, which mappings may leave out, is replicated along one of them only.
std::optional<Architecture> machine_with_two_alike(Random& random, bool third) {
  Architecture arch = random_machine(random);
  if (arch.axes.size() < 2) return std::nullopt;
  const SpatialAxis one = arch.axes[AxisId{0}];
  if (third) {
    arch.axes.push_back(one);
    arch.axes[AxisId{1}].below = one.below;
    for (SpatialAxis& axis : arch.axes) axis.size = 2;
  }
  const AxisId last{static_cast<std::uint16_t>(arch.axes.size() - 1)};
  arch.axes[last] = {.name = arch.axes[last].name,
                     .size = arch.axes[last].size,
                     .multicast = one.multicast,
                     .reduce = one.reduce,
                     .hop = one.hop,
                     .below = one.below};
  for (Memory& memory : arch.memories) {
    const auto m = static_cast<std::size_t>(&memory - &*arch.memories.begin());
    const bool both = !memory.shared_along.empty();
    memory.shared_along.clear();
    if (one.below > m) continue;
    if (both) memory.shared_along = {AxisId{0}, last};
    if (both && random.below(2) == 0) memory.shared_along.pop_back();
    if (third && random.below(2) == 0) memory.shared_along.push_back(AxisId{1});
  }
  return arch;
}

std::vector<std::uint64_t> sets_of(const Architecture& arch, const Workload& workload) {
  const Constraints none;
  const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
  const std::optional<Terrain> terrain = survey(space);
  return terrain ? side_by_side(*terrain, ~std::uint32_t{0}) : std::vector<std::uint64_t>{};
}

/// A path with what makes spatial loops alike in their place: the positions of every rank along every
/// set, or along every axis of it if others of the rank's stand between.
std::vector<std::int64_t> without_axes(const Terrain& terrain, std::span<const PathNode> path) {
  std::uint32_t memories = 0;
  for (const PathNode& node : path) {
    if (const auto* store = std::get_if<Store>(&node)) memories |= 1U << index(store->memory);
  }
  const std::vector<std::uint64_t> sets = side_by_side(terrain, memories);
  const auto axis_of = [&](AxisId id) {
    std::size_t axis = 0;
    while (terrain.open[axis].id != id) ++axis;
    return axis;
  };
  std::vector<std::int64_t> text;
  std::vector<std::int64_t> tiles(terrain.extents);
  using Positions = std::vector<std::int64_t>;
  std::map<std::size_t, Positions> positions;  // by rank: by axis
  const auto flush = [&] {
    for (const auto& [rank, along] : std::exchange(positions, {})) {
      for (const std::uint64_t set : sets) {
        std::int64_t product = 1;
        std::vector<std::int64_t> each;
        bool between = false;
        std::size_t members = 0;
        for (std::size_t a = 0; a < along.size(); ++a) {
          const bool member = (set >> a & 1) != 0;
          if (member) {
            product *= along[a];
            each.push_back(along[a]);
            ++members;
          }
          const bool inside = members > 0 && (set >> a) != 0;
          between = between || (!member && inside && along[a] > 1);
        }
        text.insert(text.end(), {-1, static_cast<std::int64_t>(rank)});
        if (between) {
          text.insert(text.end(), each.begin(), each.end());
        } else {
          text.push_back(product);
        }
      }
    }
  };
  for (const PathNode& node : path) {
    if (const auto* loop = std::get_if<Loop>(&node)) {
      std::int64_t& tile = tiles[index(loop->rank)];
      const std::int64_t trips = std::exchange(tile, loop->tile) / loop->tile;
      if (loop->axis) {
        const std::size_t axis = axis_of(*loop->axis);
        Positions& along = positions.try_emplace(index(loop->rank)).first->second;
        along.resize(terrain.open.size(), 1);
        along[axis] *= trips;
        continue;
      }
    }
    flush();
    if (const auto* store = std::get_if<Store>(&node)) {
      text.insert(text.end(), {-2, static_cast<std::int64_t>(index(store->tensor)),
                               static_cast<std::int64_t>(index(store->memory))});
    } else {
      const Loop& loop = std::get<Loop>(node);
      text.insert(text.end(), {-3, static_cast<std::int64_t>(index(loop.rank)), loop.tile});
    }
  }
  flush();
  return text;
}

struct Answer {
  bool legal = false;
  cost::QuickCost cost;
};

double best_found(const Terrain& terrain, const char* objective) {
  const Budget budget;
  const Improve improve = [](const Start& known) { return known; };
  const Found found = search(terrain, *cost::parse_objective(objective), budget, improve, nullptr);
  EXPECT_TRUE(found.proved);
  return found.score ? found.score->first : INFINITY;
}

// (R14), over whole spaces; and the search finds the best of these.
TEST(SideBySide, MappingsThatDifferOnlyAlongAxesSideBySideCostTheSame) {
  Random random(14);
  std::int64_t pairs = 0;
  for (int attempt = 0; attempt < effort(200); ++attempt) {
    const std::optional<Architecture> arch = machine_with_two_alike(random, attempt % 2 == 0);
    const Workload workload = random_work(random);
    if (!arch) continue;
    const Constraints none;
    const MapSpace space = make_map_space(workload, OperatorId{0}, *arch, none);
    const std::optional<Terrain> terrain = survey(space);
    if (!terrain) continue;
    cost::Evaluator evaluator(*space.op, *space.arch);
    std::map<std::vector<std::int64_t>, Answer> known;
    double picojoules = INFINITY;
    double product = INFINITY;
    const bool all = for_each_mapping(space, 20'000, [&](std::span<const PathNode> path) {
      const CheckedPath checked{workload, *space.arch, space.id, path};
      Answer answer{broken_rules(checked).empty(), {}};
      if (answer.legal) answer.cost = evaluator(path);
      if (answer.legal && answer.cost.fits) {
        const double energy = answer.cost.picojoules;
        picojoules = std::min(picojoules, energy);
        product = std::min(product, energy * static_cast<double>(answer.cost.cycles));
      }
      const auto [first, fresh] = known.try_emplace(without_axes(*terrain, path), answer);
      if (fresh) return;
      ++pairs;
      ASSERT_EQ(first->second.legal, answer.legal) << attempt;
      ASSERT_EQ(first->second.cost.fits, answer.cost.fits) << attempt;
      if (!answer.legal || !answer.cost.fits) return;
      ASSERT_EQ(first->second.cost.cycles, answer.cost.cycles) << attempt;
      ASSERT_NEAR(first->second.cost.picojoules, answer.cost.picojoules,
                  1e-9 * answer.cost.picojoules)
          << attempt;
    });
    if (!all || std::isinf(picojoules)) continue;
    EXPECT_NEAR(best_found(*terrain, "energy"), picojoules, 1e-9 * picojoules) << attempt;
    EXPECT_NEAR(best_found(*terrain, "edp"), product, 1e-9 * product) << attempt;
  }
  EXPECT_GT(pairs, 1000);
}

TEST(SideBySide, OthersMayStandBetween) {
  Random random(8);
  const Workload workload = random_work(random);
  int between = 0;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::optional<Architecture> arch = machine_with_two_alike(random, /*third=*/true);
    if (arch && sets_of(*arch, workload) == std::vector<std::uint64_t>{5, 2}) ++between;
  }
  EXPECT_GT(between, 3);
}

TEST(SideBySide, AxesThatDifferInAnythingStandAlone) {
  Random random(3);
  std::optional<Architecture> arch;
  std::vector<std::uint64_t> sets;
  const Workload workload = random_work(random);
  while (sets.size() != 1) {
    arch = machine_with_two_alike(random, /*third=*/false);
    if (arch) sets = sets_of(*arch, workload);
  }
  EXPECT_EQ(sets, std::vector<std::uint64_t>{3});
  const std::vector<std::uint64_t> alone{1, 2};
  const auto differs = [&](const auto& change) {
    Architecture changed = *arch;
    change(changed, changed.axes[AxisId{1}]);
    return sets_of(changed, workload) == alone;
  };
  EXPECT_TRUE(differs([](Architecture&, SpatialAxis& axis) { axis.multicast = !axis.multicast; }));
  EXPECT_TRUE(differs([](Architecture&, SpatialAxis& axis) { axis.reduce = !axis.reduce; }));
  EXPECT_TRUE(differs([](Architecture&, SpatialAxis& axis) { axis.hop.value.value += 1; }));
  EXPECT_TRUE(differs([](Architecture& machine, SpatialAxis& axis) {
    axis.below = machine.memories.size();
    machine.axes[AxisId{0}].below = machine.memories.size() - 1;
  }));
  EXPECT_TRUE(differs([](Architecture& machine, SpatialAxis& axis) {
    axis.below = machine.axes[AxisId{0}].below = machine.memories.size() - 1;
    (machine.memories.end() - 1)->shared_along = {AxisId{1}};
  }));
}

}  // namespace
}  // namespace tileloom::mapper::product
