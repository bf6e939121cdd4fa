#include "tileloom/mapper/exact/product/chain_bound.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tileloom/mapper/exact/product/choices_test.hpp"
#include "tileloom/support/effort_test.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::product {
namespace {

Least bounds_of(const Terrain& terrain, const Choice& choice, Detail detail) {
  ChoiceAtHand at_hand(terrain, choice);
  const ChainProblem problem = at_hand.problem();
  ChainMemo memo;
  const Bounds bounds = ChainBound(problem, detail, memo).bounds(true, true);
  return {bounds.picojoules, bounds.cycles, ChainBound(problem, detail, memo).product(INFINITY)};
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
      expect_at_most(bounds_of(*terrain, choice, Detail::coarse), best, attempt);
      const Least bound = bounds_of(*terrain, choice, Detail::fine);
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
      expect_at_most(bounds_of(*terrain, choice, Detail::coarse), best, attempt);
      expect_at_most(bounds_of(*terrain, choice, Detail::fine), best, attempt);
      ++choices;
    }
  }
  EXPECT_GT(choices, 5);
}

/// Five or six memories, some with limits, the inner ones with little room.
Architecture deep_machine(Random& random) {
  Architecture arch;
  const std::int64_t memories = random.between(5, 6);
  for (std::int64_t m = 0; m < memories; ++m) {
    Memory memory;
    memory.name = "M" + std::to_string(m);
    memory.read.value.value = memory.write.value.value = 1;
    if (random.below(2) == 1) memory.ports.write = static_cast<double>(random.between(1, 4));
    if (random.below(2) == 1) memory.ports.read = static_cast<double>(random.between(1, 4));
    if (m > 0) {
      memory.capacity = Bits{8 * random.between(2, 24)};
      memory.holds = {random.below(3) == 0, random.below(3) == 0, true};
    }
    arch.memories.push_back(memory);
  }
  arch.compute.mac.value.value = 1;
  return arch;
}

// Widths of results and partial sums depend on how many Stores of the output stand further out.
TEST(ChainBound, WhatOneChoiceLeavesToRememberIsTrueOfTheOthers) {
  Random random(1);
  const Constraints none;
  int compared = 0;
  for (int attempt = 0; attempt < effort(16); ++attempt) {
    const Architecture arch = deep_machine(random);
    const int sum = random.below(2) == 1 ? 16 : 32;
    const Workload workload = one_matmul("product",
                                         {.batch = 1,
                                          .m = random.between(2, 8),
                                          .n = random.between(1, 4),
                                          .k = random.between(2, 8)},
                                         {8, 8, 8, sum});
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const std::optional<Terrain> terrain = survey(space);
    ASSERT_TRUE(terrain);
    ChainMemo shared;
    std::vector<std::vector<std::uint32_t>> all = placements(space);
    std::ranges::reverse(all);
    for (const std::vector<std::uint32_t>& keeps : all) {
      ChoiceAtHand at_hand(*terrain, {keeps, std::vector<std::int64_t>(terrain->extents.size(), 1)});
      const ChainProblem problem = at_hand.problem();
      if (!chains_fit(problem)) continue;
      ChainMemo own;
      const double with = ChainBound(problem, Detail::coarse, shared).bounds(false, true).cycles;
      const double alone = ChainBound(problem, Detail::coarse, own).bounds(false, true).cycles;
      ++compared;
      if (std::isinf(alone)) {
        EXPECT_TRUE(std::isinf(with)) << "attempt " << attempt;
      } else {
        EXPECT_NEAR(with, alone, 1e-9 * alone) << "attempt " << attempt;
      }
    }
  }
  EXPECT_GT(compared, 100);
}

// Windows slide over other positions in every spatial choice.
TEST(ChainBound, WhatSlidesIsRememberedOfOneChoiceForTheOthers) {
  Random random(21);
  int compared = 0;
  for (int attempt = 0; attempt < effort(80); ++attempt) {
    const Architecture arch = random_machine(random);
    const Workload workload = random_work(random);
    const Constraints none;
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const std::optional<Terrain> terrain = survey(space);
    if (!terrain || terrain->axes.empty()) continue;
    ChainMemo shared;
    for (const auto& item : best_of_choices(workload, *terrain)) {
      ChoiceAtHand at_hand(*terrain, item.first);
      const ChainProblem problem = at_hand.problem();
      for (const Detail detail : {Detail::coarse, Detail::fine}) {
        ChainMemo own;
        const Bounds with = ChainBound(problem, detail, shared).bounds(true, true);
        const Bounds alone = ChainBound(problem, detail, own).bounds(true, true);
        EXPECT_NEAR(with.picojoules, alone.picojoules, 1e-9 * alone.picojoules) << attempt;
        EXPECT_NEAR(with.cycles, alone.cycles, 1e-9 * alone.cycles) << attempt;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, effort(100));
}

}  // namespace
}  // namespace tileloom::mapper::product
