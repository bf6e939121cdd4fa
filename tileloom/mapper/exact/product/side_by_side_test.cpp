#include "tileloom/mapper/exact/product/side_by_side.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/mapper/exact/product/brute_force_test.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::mapper::product {
namespace {

/// A random machine whose first two axes, if it has two, stand side by side; none if it has fewer.
std::optional<Architecture> machine_with_two_alike(Random& random) {
  Architecture arch = random_machine(random);
  if (arch.axes.size() < 2) return std::nullopt;
  const SpatialAxis& one = arch.axes[AxisId{0}];
  SpatialAxis& other = arch.axes[AxisId{1}];
  other.below = one.below;
  other.multicast = one.multicast;
  other.reduce = one.reduce;
  other.hop = one.hop;
  for (Memory& memory : arch.memories) {
    if (memory.shared_along.empty()) continue;
    const auto m = static_cast<std::size_t>(&memory - &*arch.memories.begin());
    memory.shared_along.clear();
    if (one.below <= m) memory.shared_along = {AxisId{0}, AxisId{1}};
  }
  return arch;
}

std::vector<std::uint64_t> sets_of(const Architecture& arch, const Workload& workload) {
  const Constraints none;
  const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
  const std::optional<Terrain> terrain = survey(space);
  return terrain ? side_by_side(*terrain) : std::vector<std::uint64_t>{};
}

/// A path with the positions of every rank along every set in place of spatial loops.
std::vector<std::int64_t> without_axes(const Terrain& terrain, std::span<const PathNode> path) {
  const std::vector<std::uint64_t> sets = side_by_side(terrain);
  const auto set_of = [&](AxisId id) {
    std::size_t axis = 0;
    while (terrain.open[axis].id != id) ++axis;
    std::size_t set = 0;
    while ((sets[set] >> axis & 1) == 0) ++set;
    return set;
  };
  std::vector<std::int64_t> text;
  std::vector<std::int64_t> tiles(terrain.extents);
  std::map<std::pair<std::size_t, std::size_t>, std::int64_t> positions;  // by set and rank
  for (const PathNode& node : path) {
    if (const auto* loop = std::get_if<Loop>(&node)) {
      std::int64_t& tile = tiles[index(loop->rank)];
      const std::int64_t trips = tile / std::exchange(tile, loop->tile);
      if (loop->axis) {
        positions.try_emplace({set_of(*loop->axis), index(loop->rank)}, 1).first->second *= trips;
        continue;
      }
    }
    for (const auto& [where, count] : std::exchange(positions, {})) {
      text.insert(text.end(), {-1, static_cast<std::int64_t>(where.first),
                               static_cast<std::int64_t>(where.second), count});
    }
    if (const auto* store = std::get_if<Store>(&node)) {
      text.insert(text.end(), {-2, static_cast<std::int64_t>(index(store->tensor)),
                               static_cast<std::int64_t>(index(store->memory))});
    } else {
      const Loop& loop = std::get<Loop>(node);
      text.insert(text.end(), {-3, static_cast<std::int64_t>(index(loop.rank)), loop.tile});
    }
  }
  for (const auto& [where, count] : positions) {
    text.insert(text.end(), {-1, static_cast<std::int64_t>(where.first),
                             static_cast<std::int64_t>(where.second), count});
  }
  return text;
}

struct Answer {
  bool legal = false;
  cost::QuickCost cost;
};

// (R14), over whole spaces.
TEST(SideBySide, MappingsThatDifferOnlyAlongAxesSideBySideCostTheSame) {
  Random random(14);
  std::int64_t pairs = 0;
  for (int attempt = 0; attempt < effort(200); ++attempt) {
    const std::optional<Architecture> arch = machine_with_two_alike(random);
    const Workload workload = random_work(random);
    if (!arch) continue;
    const Constraints none;
    const MapSpace space = make_map_space(workload, OperatorId{0}, *arch, none);
    const std::optional<Terrain> terrain = survey(space);
    if (!terrain) continue;
    cost::Evaluator evaluator(*space.op, *space.arch);
    std::map<std::vector<std::int64_t>, Answer> known;
    for_each_mapping(space, 8000, [&](std::span<const PathNode> path) {
      const CheckedPath checked{workload, *space.arch, space.id, path};
      Answer answer{broken_rules(checked).empty(), {}};
      if (answer.legal) answer.cost = evaluator(path);
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
  }
  EXPECT_GT(pairs, 1000);
}

TEST(SideBySide, AxesThatDifferInAnythingStandAlone) {
  Random random(3);
  std::optional<Architecture> arch;
  std::vector<std::uint64_t> sets;
  const Workload workload = random_work(random);
  while (sets.size() != 1) {
    arch = machine_with_two_alike(random);
    if (arch && arch->axes.size() == 2) sets = sets_of(*arch, workload);
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
