#include "tileloom/mapper/genome.hpp"

#include <gtest/gtest.h>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/mapper/genome_draw.hpp"
#include "tileloom/mapper/genome_repair.hpp"
#include "tileloom/mapper/genome_scorer.hpp"
#include "tileloom/reference/random_operator.hpp"
#include "tileloom/reference/random_tree.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper {
namespace {

/// DRAM, an L2 of 1000 elements, 12 PEs with an L1 of 40 elements each.
Architecture machine() {
  Architecture arch;
  arch.name = "two_level";
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "L2", .capacity = Bits{8000}});
  arch.memories.push_back({.name = "L1", .capacity = Bits{320}});
  arch.axes.push_back({.name = "pe", .size = 12, .below = 2});
  return arch;
}

const Constraints kNone;

TEST(Genome, TwoPartsOfOneAxisDecodeToGammasTwoLevels) {
  // O[m, n] = Σ A[m, k] B[k, n], M 24, N 10, K 8. Three clusters of four PEs: tiles of 5 rows M per
  // cluster, so 15 rows at a time and 9 in the second turn; 2 of K per PE, all 8 at once.
  const Workload workload = one_matmul("mm", {.m = 24, .n = 10, .k = 8}, {8, 8, 8, 8});
  const Architecture arch = machine();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone);
  ASSERT_EQ(space.groups(), 2U);
  ASSERT_EQ(space.parts.size(), 2U);
  Genome genome = plain_genome(space);  // ranks M, N, K
  genome.rank = {0, 2};
  genome.positions = {3, 4};
  genome.order = {1, 0, 2, 0, 1, 2};
  genome.tile = {5, 10, 8, 5, 3, 2};
  EXPECT_EQ(print_tree(workload, arch, tree_of(space, genome)),
            "store A, B, O in DRAM\n"
            "for M in 15\n"
            "  store A, B, O in L2\n"
            "  spatial M in 5 on pe\n"
            "    for N in 3\n"
            "      spatial K in 2 on pe\n"
            "        store A, B, O in L1\n"
            "        for M in 1\n"
            "          for N in 1\n"
            "            for K in 1\n"
            "              compute mm\n");
}

TEST(Genome, InnerPartsOfAnAxisTakeTheirPositionsFirst) {
  const Workload workload = one_matmul("mm", {.m = 24, .n = 10, .k = 8}, {8, 8, 8, 8});
  const Architecture arch = machine();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone);
  Genome genome = plain_genome(space);
  genome.positions = {12, 5};  // two clusters of five: two PEs stay idle
  Chunks chunks;
  repair(space, genome, chunks);
  EXPECT_EQ(genome.positions, (std::vector<std::int64_t>{2, 5}));
}

TEST(Genome, ShrinkingFindsTheLargestTileThatFits) {
  // L1 holds 40 elements; M 6, N 2, K 2 need 6·2 + 2·2 + 6·2 = 28, M 24 needs 100: the longest
  // chunk shrinks to the largest M with 4 M + 4 ≤ 40, but not below half: 12 (52), then 9 (40).
  const Workload workload = one_matmul("mm", {.m = 24, .n = 10, .k = 8}, {8, 8, 8, 8});
  const Architecture arch = machine();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone);
  Genome genome = plain_genome(space);
  genome.tile = {24, 2, 2, 24, 2, 2};
  Chunks chunks;
  EXPECT_EQ(bits_needed(space, genome, MemoryId{2}, chunks), 8 * 100);
  EXPECT_TRUE(shrink_to_fit(space, genome, chunks));
  EXPECT_EQ(genome.tile, (std::vector<std::int64_t>{24, 2, 2, 9, 2, 2}));
}

/// What the checker says against a genome's tree, capacity aside.
std::string objections(const reference::RandomCase& c, const GenomeSpace& space,
                       const Genome& genome) {
  std::string text;
  const LoopTree tree = tree_of(space, genome);
  for (const Violation& violation : check(c.workload, c.arch, tree)) {
    if (violation.kind != Violation::Kind::capacity) text += violation.what + "\n";
  }
  return text.empty() ? text : text + print_tree(c.workload, c.arch, tree);
}

TEST(Genome, WhateverIsRepairedAndCalledLegalIsLegalOnAnyMachine) {
  Random random(5);
  int legal_ones = 0;
  int all = 0;
  for (int i = 0; i < 400; ++i) {
    reference::RandomCase c;
    c.workload = reference::random_workload(random, 400);
    c.arch = reference::random_architecture(random);
    const GenomeSpace space =
        make_genome_space(c.workload, OperatorId{0}, c.arch, kNone, 1 + random.below(3));
    std::vector<double> keys(dimension(space));
    for (int draw = 0; draw < 10; ++draw) {
      for (double& key : keys) key = random.unit();
      const Genome genome = draw % 2 == 0 ? random_genome(space, random) : genome_of(space, keys);
      const LoopTree tree = tree_of(space, genome);
      ++all;
      if (!legal(space, tree.path)) continue;
      ++legal_ones;
      ASSERT_EQ(objections(c, space, genome), "");
    }
  }
  EXPECT_EQ(all, 4000);
  EXPECT_GT(legal_ones, 2800);  // the rest breaks rules 4, 5 or 7
}

TEST(Genome, RoomNeededIsTheOccupancyUnlessThereIsPadding) {
  Random random(6);
  const Workload workload =
      one_conv("conv",
               {.in_channels = 6,
                .out_channels = 10,
                .axes = {{.output = 9, .filter = 3}, {.output = 7, .filter = 2}}},
               {8, 8, 8, 8});
  const Architecture arch = machine();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone);
  Chunks chunks;
  for (int i = 0; i < 300; ++i) {
    Genome genome = random_genome(space, random);
    const LoopTree tree = tree_of(space, genome);
    const cost::Evaluation evaluation =
        cost::evaluate(workload.operators[OperatorId{0}], arch, tree.path);
    for (const cost::Occupancy& memory : evaluation.occupancy) {
      if (memory.memory == MemoryId{0}) continue;
      ASSERT_EQ(bits_needed(space, genome, memory.memory, chunks), memory.used.value)
          << print_tree(workload, arch, tree);
    }
    ASSERT_TRUE(shrink_to_fit(space, genome, chunks));
    EXPECT_TRUE(GenomeScorer(space)(genome));
  }
}

TEST(Genome, ConstraintsAreObeyedByConstruction) {
  // x is fixed to K with 4 positions, y to C; the L2 tile of P is 3; Q stays out of DRAM's loops;
  // in L2 the innermost loops are P, then K.
  Workload workload = one_conv("conv",
                               {.in_channels = 8,
                                .out_channels = 16,
                                .axes = {{.output = 9, .filter = 3}, {.output = 7, .filter = 3}}},
                               {8, 8, 8, 8});
  Architecture arch = machine();
  arch.memories[MemoryId{1}].capacity = arch.memories[MemoryId{2}].capacity = std::nullopt;
  arch.axes = {{.name = "x", .size = 4, .below = 2}, {.name = "y", .size = 4, .below = 2}};
  Constraints rules;
  rules.only = {{AxisId{0}, {"K"}}, {AxisId{1}, {"C"}}};
  rules.loops = {{AxisId{0}, "K", {4, 4}}, {MemoryId{0}, "Q", {1, 1}}};
  rules.tiles = {{MemoryId{1}, "P", {3, 3}}};
  rules.orders = {{MemoryId{1}, {"P", "K"}}};
  rules.stores = {{MemoryId{1}, Role::weight, false}};
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, rules, 1);
  Random random(8);
  int obeyed = 0;
  for (int i = 0; i < 200; ++i) {
    const Genome genome = random_genome(space, random);
    obeyed += legal(space, tree_of(space, genome).path) ? 1 : 0;
  }
  EXPECT_GT(obeyed, 180);
}

}  // namespace
}  // namespace tileloom::mapper
