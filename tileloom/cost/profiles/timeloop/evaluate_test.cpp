#include "tileloom/cost/profiles/timeloop/evaluate.hpp"

#include <gtest/gtest.h>

#include "tileloom/cost/profiles/timeloop/check.hpp"
#include "tileloom/cost/profiles/timeloop/energy.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

constexpr DimId kM{0};
constexpr DimId kK{1};

/// O[m] += W[m, k] · I[k] with M = 2, K = 4 on one MAC under a buffer under DRAM.
struct MatrixVector {
  Arch arch;
  Problem problem;
  Mapping mapping;

  MatrixVector() {
    Level buffer;
    buffer.name = "Buffer";
    buffer.size_words = 9;
    buffer.vector_access_pj = 1;
    Level dram;
    dram.name = "DRAM";
    dram.reduces = false;
    dram.vector_access_pj = 10;
    arch.arithmetic.mac_pj = 1;
    arch.levels = {buffer, dram};
    problem.dims = {{"M", 2}, {"K", 4}};
    problem.spaces = {
        {"W", false, {{{kM, 1}}, {{kK, 1}}}}, {"I", false, {{{kK, 1}}}}, {"O", true, {{{kM, 1}}}}};
    const std::vector<SpaceId> all{SpaceId{0}, SpaceId{1}, SpaceId{2}};
    mapping.levels = {{{{kK, 4}}, {}, {}, all}, {{{kM, 2}}, {}, {}, all}};
  }
};

TEST(TimeloopEvaluate, CountsOfAMatrixVectorProduct) {
  const MatrixVector x;
  ASSERT_TRUE(check(x.arch, x.problem, x.mapping).empty());
  const Stats stats = evaluate(x.arch, x.problem, x.mapping);
  const auto& buffer = stats.levels[0].spaces;
  EXPECT_EQ(buffer[SpaceId{0}].reads, 8);  // every step
  EXPECT_EQ(buffer[SpaceId{0}].fills, 8);  // a row of 4 per m
  EXPECT_EQ(buffer[SpaceId{1}].reads, 8);
  EXPECT_EQ(buffer[SpaceId{1}].fills, 4);    // the vector stays
  EXPECT_EQ(buffer[SpaceId{2}].updates, 8);  // every step
  EXPECT_EQ(buffer[SpaceId{2}].reads, 6);    // but for the first of each of 2 sums
  EXPECT_EQ(buffer[SpaceId{2}].fills, 0);
  const auto& dram = stats.levels[1].spaces;
  EXPECT_EQ(dram[SpaceId{0}].reads, 8);
  EXPECT_EQ(dram[SpaceId{1}].reads, 4);
  EXPECT_EQ(dram[SpaceId{2}].updates, 2);
  EXPECT_EQ(dram[SpaceId{2}].reads, 0);
}

TEST(TimeloopEvaluate, EnergyIsAccessesTimesTheirPrice) {
  // MACs 8; buffer 16 + 12 + 14 = 42 at 1 pJ; DRAM 8 + 4 + 2 = 14 at 10 pJ
  const MatrixVector x;
  EXPECT_EQ(evaluate(x.arch, x.problem, x.mapping).energy.value, 8 + 42 + 140);
}

TEST(TimeloopEvaluate, BlocksAreChargedWholeButBandwidthCountsWords) {
  MatrixVector x;
  x.arch.levels[1].block_size = 3;
  // DRAM: ⌈8/3⌉ + ⌈4/3⌉ + ⌈2/3⌉ = 3 + 2 + 1 = 6 blocks at 10 pJ
  EXPECT_EQ(evaluate(x.arch, x.problem, x.mapping).energy.value, 8 + 42 + 60);
}

TEST(TimeloopEvaluate, AReadPortHalfAsWideAsTheDemandDoublesTheCycles) {
  MatrixVector x;
  x.arch.levels[1].bandwidth.read = 0.75;  // 12 words in 8 steps: demand 1.5
  const Stats stats = evaluate(x.arch, x.problem, x.mapping);
  EXPECT_EQ(stats.levels[0].cycles.value, 8);
  EXPECT_EQ(stats.levels[1].slowdown, 0.5);
  EXPECT_EQ(stats.cycles.value, 16);
  EXPECT_EQ(stats.utilization, 0.5);
}

TEST(TimeloopEvaluate, WordsThatBypassTheBufferAreReadFromDramAtEveryStep) {
  MatrixVector x;
  x.mapping.levels[0].keep = {SpaceId{0}, SpaceId{2}};
  const Stats stats = evaluate(x.arch, x.problem, x.mapping);
  EXPECT_FALSE(stats.levels[0].spaces[SpaceId{1}].kept);
  EXPECT_EQ(stats.levels[0].spaces[SpaceId{1}].reads, 0);
  EXPECT_EQ(stats.levels[1].spaces[SpaceId{1}].reads, 8);
}

TEST(TimeloopEvaluate, InstancesShareAnArrayOnlyWhenMoreAreUsedThanArraysExist) {
  MatrixVector x;
  x.arch.arithmetic.mesh = {4, 1};
  x.arch.levels[0].mesh = {4, 1};
  x.arch.levels[0].cluster_size = 2;  // two arrays
  x.mapping.levels[0].temporal = {{kK, 2}};
  x.mapping.levels[1].spatial_x = {{kK, 2}};
  // two instances in use on two arrays: nothing is shared; each reads and fills as below.
  // W: 4 reads + 4 fills, I: 4 + 2, O: 4 updates + 2 reads; 20 accesses on 2 instances
  const Stats stats = evaluate(x.arch, x.problem, x.mapping);
  double buffer_pj = 0;
  for (const StorageStats& space : stats.levels[0].spaces) {
    EXPECT_EQ(space.clusters, 2);
    buffer_pj += space.energy.value;
  }
  EXPECT_EQ(buffer_pj, 2 * 20);
}

TEST(TimeloopEvaluate, PartialSumsMakeARoundTripOnTheWiresToDram) {
  MatrixVector x;
  x.arch.arithmetic.mesh = {2, 1};
  x.arch.levels[0].mesh = {2, 1};
  x.arch.levels[1].network_to_child = {.hop_pj = 0.5, .router_pj = 0.25};
  x.mapping.levels[0].temporal = {};
  x.mapping.levels[1].temporal = {{kK, 2}, {kM, 2}};
  x.mapping.levels[1].spatial_x = {{kK, 2}};
  // Both children hold a sum of the same element: one group, one hop. 2 sums are updated twice, 4 words;
  // each but the first of 2 elements is sent back first: 2 · 4 - 2 = 6 words go 1 hop through 2 routers.
  const Stats stats = evaluate(x.arch, x.problem, x.mapping);
  const NetworkStats& sums = stats.levels[1].spaces[SpaceId{2}].network;
  EXPECT_EQ(sums.ingresses, 6);
  EXPECT_EQ(sums.spatial_reductions, 4);
  EXPECT_EQ(sums.energy.value, 6 * 0.5 + 12 * 0.25);
}

TEST(TimeloopEvaluate, ARecordOfFewWordsCostsNothingRatherThanLess) {
  MatrixVector x;
  x.arch.levels[1].network_to_child = {.hop_pj = 0.5, .router_pj = 0.25};
  const Traffic traffic{.records = {{.multicast = 1, .scatter = 1, .words = 1, .word_hops = 1}}};
  // 2 · 1 - 4: Timeloop charges no negative number of words.
  const NetworkStats sums =
      network_stats(x.arch, x.problem, x.mapping, traffic, 4, SpaceId{2}, 1);
  EXPECT_EQ(sums.ingresses, -2);
  EXPECT_EQ(sums.energy.value, 0);
}

TEST(TimeloopEvaluate, ACountBeyond64BitsIsAnErrorNotANumber) {
  MatrixVector x;
  x.problem.dims[kM].bound = INT64_C(1) << 40;
  x.problem.dims[kK].bound = INT64_C(1) << 40;
  x.mapping.levels[0].temporal = {{kK, INT64_C(1) << 40}};
  x.mapping.levels[1].temporal = {{kM, INT64_C(1) << 40}};
  EXPECT_THROW(evaluate(x.arch, x.problem, x.mapping), OverflowError);
}

TEST(TimeloopCheck, ATileThatDoesNotFitIsBrokenDownByTensor) {
  MatrixVector x;
  x.arch.levels[0].size_words = 8;
  const auto found = check(x.arch, x.problem, x.mapping);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, Violation::Kind::capacity);
  EXPECT_EQ(found[0].what, "Buffer holds 8 words, the tiles need 9 (W 4 + I 4 + O 1)");
}

TEST(TimeloopCheck, DoubleBufferingHalvesWhatATileMayUse) {
  MatrixVector x;
  x.arch.levels[0].size_words = 19;
  x.arch.levels[0].multiple_buffering = 2;  // ⌊19 / 2⌋ = 9
  EXPECT_TRUE(check(x.arch, x.problem, x.mapping).empty());
}

TEST(TimeloopCheck, EveryMistakeOfAMappingIsNamed) {
  MatrixVector x;
  x.mapping.levels[0].temporal = {{kK, 3}};
  x.mapping.levels[1].spatial_x = {{kM, 2}};
  x.mapping.levels[1].keep = x.mapping.levels[0].keep = {SpaceId{0}, SpaceId{1}};
  std::vector<std::string> said;
  for (const Violation& violation : check(x.arch, x.problem, x.mapping))
    said.push_back(violation.what);
  EXPECT_EQ(said, (std::vector<std::string>{"the factors of M multiply to 4, its bound is 2",
                                            "the factors of K multiply to 3, its bound is 4",
                                            "O is stored in no level",
                                            "DRAM uses 2 children along X, it has 1"}));
}

}  // namespace
}  // namespace tileloom::cost::timeloop
