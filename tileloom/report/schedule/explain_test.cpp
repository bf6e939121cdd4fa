#include "tileloom/report/schedule/explain.hpp"

#include <gtest/gtest.h>

#include "tileloom/report/schedule/access_factors.hpp"
#include "tileloom/report/schedule/example_schedule_test.hpp"

namespace tileloom::report {
namespace {

std::string of_layer(std::size_t layer, const ExplainOptions& options) {
  const Example small = example();
  const scheduler::Layer& one = small.schedule.layers[layer];
  return explain(small.workload, small.arch, one.op, one.result.tree->path, options);
}

// wide: K 3 over the lanes, M 16, C 16. I does not depend on K, the lanes share each read.
TEST(Explain, MulticastIsFreeAndEveryOtherLoopMultiplies) {
  EXPECT_EQ(of_layer(2, {.tensor = "I.wide", .memory = "Buffer"}),
            R"(wide (MatMul) on toy: 256 cycles, 41.42 nJ

I.wide in Buffer (input): tile of 256 elements, 1 instance
  256 fills
           x 256  elements of one tile
  256 reads
             x 1  spatial K in 1 on pe (3 trips): free: one access serves all 3 positions of pe
                  (multicast)
            x 16  for M in 1 (16 trips): each trip needs another part of I.wide
            x 16  for C in 1 (16 trips): each trip needs another part of I.wide
  512.0 pJ
        256.0 pJ  reads: 2048 bits / 8 per access x 1 pJ; source: given
        256.0 pJ  writes: 2048 bits / 8 per access x 1 pJ; source: given
)");
}

// 768 updates, of which the first of each of 48 elements reads nothing.
TEST(Explain, PartialSumsAreReadBackFromTheSecondTripOn) {
  EXPECT_EQ(of_layer(2, {.tensor = "O.wide", .memory = "Buffer"}),
            R"(wide (MatMul) on toy: 256 cycles, 41.42 nJ

O.wide in Buffer (output): tile of 48 elements, 1 instance
  768 updates
             x 3  spatial K in 1 on pe (3 trips): each position of pe has its own part of O.wide
            x 16  for M in 1 (16 trips): each trip needs another part of O.wide
            x 16  for C in 1 (16 trips): O.wide comes again in each trip
  720 update reads
             x 3  spatial K in 1 on pe (3 trips): each position of pe has its own part of O.wide
            x 16  for M in 1 (16 trips): each trip needs another part of O.wide
            = 15  for C in 1 (16 trips): the count starts here: the first trip alone has none
  48 drains
            x 48  elements of one tile
  4.512 nJ
        2.208 nJ  reads: 17.66 k bits / 8 per access x 1 pJ; source: given
        2.304 nJ  writes: 18.43 k bits / 8 per access x 1 pJ; source: given
)");
}

TEST(Explain, EveryPicojouleHasItsSource) {
  EXPECT_EQ(of_layer(0, {.memory = "mac"}),
            "fc1 (MatMul) on toy: 20 cycles, 4.680 nJ\n\n"
            "mac (MatMul): 32 points in 8 steps of 4 lanes\n"
            "  16.00 pJ  32 multiply-accumulates x 0.5 pJ; source: given\n");
}

TEST(Explain, NoNameMeansEveryStore) {
  const std::string text = of_layer(0, {});
  for (const char* store : {"I.fc1 in DRAM", "W.fc1 in DRAM", "O.fc1 in DRAM", "I.fc1 in Buffer",
                            "W.fc1 in Buffer", "O.fc1 in Buffer", "mac (MatMul)"}) {
    EXPECT_NE(text.find(store), std::string::npos) << store;
  }
}

/// A 1-D convolution of 8 outputs and 3 taps over 10 inputs, outputs in tiles of 4 that hold their
/// inputs in Buffer, weights looped outside: I moves with P, W with R.
struct Convolution {
  Example small = example();
  OperatorId id{};
  LoopTree tree;
  Convolution() {
    constexpr RankId kP{0};
    constexpr RankId kR{1};
    Operator conv = small.workload.operators[OperatorId{0}];
    conv.name = "conv";
    conv.ranks = {{"P", 8}, {"R", 3}};
    conv.inputs[0].axes = {{{{kP, 1}, {kR, 1}}, 0, 10}};
    conv.inputs[1].axes = {{{{kR, 1}}, 0, 3}};
    conv.output.axes = {{{{kP, 1}}, 0, 8}};
    id = small.workload.operators.push_back(conv);
    const TensorId in = conv.inputs[0].tensor;
    const TensorId weight = conv.inputs[1].tensor;
    const TensorId out = conv.output.tensor;
    const MemoryId dram{0};
    const MemoryId buffer{1};
    tree.path = {Store{in, dram},
                 Store{weight, dram},
                 Store{out, dram},
                 Loop{id, kP, 4, std::nullopt},
                 Store{in, buffer},
                 Loop{id, kR, 1, std::nullopt},
                 Store{weight, buffer},
                 Store{out, buffer},
                 Loop{id, kP, 1, std::nullopt}};
    tree.tail = ComputeLeaf{id};
  }
  std::vector<AccessFactors> of_store(std::size_t store) const {
    return access_factors(small.workload, id, small.arch, tree.path)[store];
  }
};

// Tiles of 4 outputs need 6 inputs; the second tile shares 2 with the first, so 10 are filled.
TEST(AccessFactors, AHaloThatStaysMakesAFactorBelowTheTrips) {
  const std::vector<AccessFactors> input = Convolution().of_store(3);
  EXPECT_EQ(input[0].count, "fills");
  EXPECT_EQ(input[0].total, 10);
  EXPECT_EQ(input[0].innermost, 6);
  ASSERT_EQ(input[0].loops.size(), 1U);
  EXPECT_EQ(input[0].loops[0].trips, 2);
  EXPECT_EQ(input[0].loops[0].outside, 10);
  EXPECT_EQ(input[0].loops[0].inside, 6);
  EXPECT_EQ(input[0].loops[0].reason,
            "elements that neighbouring trips share stay; the edges may be padding");
}

// W of one tap at a time: 3 fills per tile of P, fetched again for each of the 2 tiles.
TEST(AccessFactors, AnIrrelevantLoopOutsideAMovingOneRefetches) {
  const std::vector<AccessFactors> weight = Convolution().of_store(4);
  EXPECT_EQ(weight[0].count, "fills");
  EXPECT_EQ(weight[0].total, 6);
  ASSERT_EQ(weight[0].loops.size(), 2U);
  EXPECT_EQ(weight[0].loops[0].reason, "W.fc1 comes again in each trip");
  EXPECT_EQ(weight[0].loops[1].reason, "each trip needs another part of W.fc1");
}

// R stands above O's Buffer, but O does not move with it: 4 drains per tile of P.
TEST(AccessFactors, AStationaryTensorIsFree) {
  const std::vector<AccessFactors> output = Convolution().of_store(5);
  const AccessFactors& drains = output.back();
  EXPECT_EQ(drains.count, "drains");
  EXPECT_EQ(drains.total, 8);
  ASSERT_EQ(drains.loops.size(), 2U);
  EXPECT_EQ(drains.loops[1].outside, drains.loops[1].inside);
  EXPECT_EQ(drains.loops[1].reason, "free: O.fc1 does not move here and stays");
}

TEST(AccessFactors, TheFactorsMultiplyToTheCount) {
  const Convolution conv;
  for (std::size_t store = 0; store < 6; ++store) {
    for (const AccessFactors& factors : conv.of_store(store)) {
      std::int64_t outside = factors.total;
      for (const LoopFactor& loop : factors.loops) {
        EXPECT_EQ(loop.outside, outside);
        outside = loop.inside;
      }
      EXPECT_EQ(outside, factors.innermost);
    }
  }
}

}  // namespace
}  // namespace tileloom::report
