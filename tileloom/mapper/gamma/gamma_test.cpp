#include "tileloom/mapper/gamma/gamma.hpp"

#include <gtest/gtest.h>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/mapper/gamma/operators.hpp"
#include "tileloom/mapper/gamma/seeds.hpp"
#include "tileloom/mapper/genome_draw.hpp"
#include "tileloom/mapper/genome_repair.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper {
namespace {

const Constraints kNone;

/// 168 PEs as the edge platform, without limits of room.
Architecture edge() {
  Architecture arch;
  arch.name = "edge";
  arch.memories.push_back({.name = "DRAM", .read = {{200}, ""}, .write = {{200}, ""}});
  arch.memories.push_back({.name = "L2", .read = {{18.61}, ""}, .write = {{18.61}, ""}});
  arch.memories.push_back({.name = "L1", .read = {{1.68}, ""}, .write = {{1.68}, ""}});
  arch.axes.push_back({.name = "pe", .size = 168, .below = 2});
  arch.compute.mac.value.value = 1;
  return arch;
}

/// ResNet-18, layer 2, as GAMMA reads it: 64 to 64 channels, 56 x 56, no padding.
Workload layer_2() {
  const ConvAxis axis{.output = 54, .filter = 3};
  return one_conv("2", {.in_channels = 64, .out_channels = 64, .axes = {axis, axis}}, {8, 8, 8, 8});
}

std::int64_t cycles(const Workload& workload, const Architecture& arch, const LoopTree& tree) {
  EXPECT_TRUE(check(workload, arch, tree).empty());
  return cost::evaluate(workload.operators[OperatorId{0}], arch, tree.path).latency.total.value;
}

TEST(GammaIllegal, AnEdgeOfOneWholeAndOnePartialClusterLosesNoWork) {
  // K = 16 in tiles of 5 over two clusters: MAESTRO counts 11 of 16 (69 % of the work). Here the
  // first turn does 5 + 5, the second 5 + 1: 10 steps, all 16 points.
  const Workload workload = one_matmul("mm", {.m = 1, .n = 1, .k = 16}, {8, 8, 8, 8});
  const Architecture arch = edge();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone);
  Genome genome = plain_genome(space);  // ranks M, N, K
  genome.rank = {2, 2};
  genome.positions = {2, 1};
  genome.tile = {1, 1, 5, 1, 1, 5};
  Chunks chunks;
  repair(space, genome, chunks);
  EXPECT_EQ(genome.tile, (std::vector<std::int64_t>{1, 1, 5, 1, 1, 5}));
  const LoopTree tree = tree_of(space, genome);
  EXPECT_EQ(cycles(workload, arch, tree), 10);
  const cost::Evaluation evaluation =
      cost::evaluate(workload.operators[OperatorId{0}], arch, tree.path);
  EXPECT_EQ(evaluation.compute_energy.value, 16);
}

TEST(GammaIllegal, TilesBeyondTheirParentAreRepaired) {
  // A Y' tile of 56 on 54 outputs, an inner tile of 20 in an outer one of 8, no tile at all.
  const Workload workload = layer_2();
  const Architecture arch = edge();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone);
  Genome genome = plain_genome(space);  // ranks N, K, C, P, Q, R, S
  genome.positions = {168, 500};
  genome.tile = {1, 8, 64, 56, 54, 3, 3, 1, 20, 0, 60, -7, 3, 3};
  Chunks chunks;
  repair(space, genome, chunks);
  EXPECT_EQ(genome.positions, (std::vector<std::int64_t>{1, 168}));
  EXPECT_EQ(genome.tile, (std::vector<std::int64_t>{1, 8, 64, 54, 54, 3, 3, 1, 8, 1, 54, 1, 3, 3}));
}

/// Exact compute cycles of a two-level mapping, in closed form (counted by brute force in the
/// reference data): per rank D, outer tile a over n1 clusters, inner tile t over n2 PEs.
std::int64_t inner_cycles(std::int64_t e, std::int64_t t, std::int64_t n2) {
  if (n2 == 1) return e;
  const std::int64_t g = e / t;
  const std::int64_t r = e % t;
  if (g == 0) return r;
  if (r > 0 && g % n2 == 0) return g / n2 * t + r;
  return ceil_div(g, n2) * t;
}
std::int64_t outer_cycles(std::int64_t d, std::int64_t a, std::int64_t n1, std::int64_t t,
                          std::int64_t n2) {
  const std::int64_t g = d / a;
  const std::int64_t r = d % a;
  const std::int64_t whole = inner_cycles(a, t, n2);
  if (n1 == 1) return g * whole + (r > 0 ? inner_cycles(r, t, n2) : 0);
  if (g == 0) return inner_cycles(r, t, n2);
  if (r > 0 && g % n1 == 0) return g / n1 * whole + inner_cycles(r, t, n2);
  return ceil_div(g, n1) * whole;
}

TEST(GammaIllegal, ReportedCyclesAreTheExactComputeCyclesOfAnyGenome) {
  // GAMMA's program reported 382 cycles for this layer, where 168 PEs need 639 855. Genes are drawn
  // from far outside what is legal.
  const Workload workload = layer_2();
  const Operator& op = workload.operators[OperatorId{0}];
  const Architecture arch = edge();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone);
  Random random(11);
  Chunks chunks;
  for (int i = 0; i < 500; ++i) {
    Genome genome = random_genome(space, random);
    for (std::int64_t& tile : genome.tile) tile = random.between(-3, 200);
    for (std::int64_t& positions : genome.positions) positions = random.between(0, 400);
    repair(space, genome, chunks);
    std::int64_t exact = 1;
    for (std::size_t r = 0; r < space.ranks(); ++r) {
      const auto positions = [&](std::size_t p) {
        return genome.rank[p] == r ? genome.positions[p] : 1;
      };
      exact *= outer_cycles(op.ranks[r].extent, genome.tile[r], positions(0),
                            genome.tile[space.ranks() + r], positions(1));
    }
    const std::int64_t reported = cycles(workload, arch, tree_of(space, genome));
    ASSERT_EQ(reported, exact);
    ASSERT_GE(reported, 639'855);
  }
}

TEST(GammaOperators, CrossoverSwapsTheTilesOfOneRankInAllGroups) {
  const Workload workload = layer_2();
  const Architecture arch = edge();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone);
  Random random(2);
  Genome a = random_genome(space, random);
  Genome b = random_genome(space, random);
  const Genome before_a = a;
  const Genome before_b = b;
  gamma::crossover(space, a, b, random);
  int swapped = 0;
  for (std::size_t r = 0; r < space.ranks(); ++r) {
    const auto equal = [&](const Genome& x, const Genome& y) {
      return x.tile[r] == y.tile[r] && x.tile[space.ranks() + r] == y.tile[space.ranks() + r];
    };
    if (equal(a, before_a) && equal(b, before_b)) continue;
    EXPECT_TRUE(equal(a, before_b) && equal(b, before_a));
    ++swapped;
  }
  EXPECT_LE(swapped, 1);
  EXPECT_EQ(a.order, before_a.order);
  EXPECT_EQ(a.rank, before_a.rank);
}

TEST(GammaOperators, AgingAndGrowthTakeALevelOfParallelismAwayAndBringOneBack) {
  const Workload workload = layer_2();
  const Architecture arch = edge();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone, 3);
  ASSERT_EQ(space.parts.size(), 3U);
  Genome genome = plain_genome(space);
  genome.positions = {14, 4, 3};
  Random random(4);
  Chunks chunks;
  gamma::age(space, genome);
  repair(space, genome, chunks);
  EXPECT_EQ(genome.positions, (std::vector<std::int64_t>{42, 4, 1}));
  gamma::age(space, genome);
  repair(space, genome, chunks);
  EXPECT_EQ(genome.positions, (std::vector<std::int64_t>{168, 1, 1}));
  gamma::age(space, genome);  // one level always stays
  EXPECT_EQ(genome.positions, (std::vector<std::int64_t>{168, 1, 1}));
  std::fill(genome.tile.begin(), genome.tile.end(), 3);
  while (genome.positions[1] == 1) {
    gamma::grow(space, genome, random);
    repair(space, genome, chunks);
  }
  EXPECT_EQ(genome.positions[0], 168 / genome.positions[1]);
}

TEST(GammaSeeds, TheSpreadsWithTheFewestStepsAreFound) {
  // min over (P1, P2, n2), n1 = ⌊168 / n2⌋, of the steps of layer 2: 663 552 (P over 54, 3 x K).
  const Workload workload = layer_2();
  const Architecture arch = edge();
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, kNone);
  Random random(1);
  const std::vector<Genome> spreads = gamma::good_spreads(space, 48, random);
  EXPECT_EQ(gamma::least_steps(space, spreads.front()), 663'552);
}

TEST(GammaMapper, GivesTheSameAnswerTwiceAndAnotherWithAnotherSeed) {
  const Workload workload = layer_2();
  Architecture arch = edge();
  arch.memories[MemoryId{2}].capacity = Bits{8 * 256};
  arch.memories[MemoryId{1}].capacity = Bits{8 * 54'000};
  const Problem problem{workload, OperatorId{0}, arch, {cost::Metric::energy, {}}, kNone};
  const GammaMapper mapper({});
  const MapResult one = mapper.map(problem, {.evaluations = 1000, .seed = 3}, nullptr);
  const MapResult two =
      mapper.map(problem, {.evaluations = 1000, .seed = 3, .threads = 2}, nullptr);
  const MapResult other = mapper.map(problem, {.evaluations = 1000, .seed = 4}, nullptr);
  ASSERT_TRUE(one.tree);
  EXPECT_EQ(one.tree, two.tree);
  EXPECT_NE(one.tree, other.tree);
  EXPECT_EQ(one.evaluations, 1000);
}

TEST(GammaMapper, SaysWhyNothingFits) {
  const Workload workload = layer_2();
  Architecture arch = edge();
  arch.memories[MemoryId{0}].capacity = Bits{800};
  const Problem problem{workload, OperatorId{0}, arch, {}, kNone};
  const MapResult result = GammaMapper({}).map(problem, {.evaluations = 10}, nullptr);
  EXPECT_EQ(result.proof, Proof::infeasible);
  EXPECT_EQ(result.reason, "DRAM needs 3393536 bits even with the smallest tiles, but holds 800");
}

}  // namespace
}  // namespace tileloom::mapper
