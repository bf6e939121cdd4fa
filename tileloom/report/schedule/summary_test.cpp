#include "tileloom/report/schedule/summary.hpp"

#include <gtest/gtest.h>

#include "tileloom/report/schedule/example_schedule_test.hpp"

namespace tileloom::report {
namespace {

TEST(Summary, EnergyIsSplitByMemoryAndRole) {
  const Example small = example();
  const EnergyBreakdown fc1 = energy_breakdown(*small.schedule.layers[0].result.evaluation);
  ASSERT_EQ(fc1.shares.size(), 6U);
  const std::vector<double> reads{800, 3200, 0, 8, 32, 88};
  const std::vector<double> writes{0, 0, 400, 8, 32, 96};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(index(fc1.shares[i].memory), i / 3);
    EXPECT_EQ(static_cast<std::size_t>(fc1.shares[i].role), i % 3);
    EXPECT_DOUBLE_EQ(fc1.shares[i].reads.value, reads[i]);
    EXPECT_DOUBLE_EQ(fc1.shares[i].writes.value, writes[i]);
  }
  EXPECT_DOUBLE_EQ(fc1.compute.value, 16);
  EXPECT_DOUBLE_EQ(fc1.total().value, 4680);
  EXPECT_DOUBLE_EQ(energy_breakdown(small.schedule).total().value, 2 * 4680 + 41424);
}

TEST(Summary, LayersSolvedOnceAreOneGroup) {
  EXPECT_EQ(identical_layers(example().schedule),
            (std::vector<std::vector<std::size_t>>{{0, 1}, {2}, {3}}));
}

// 32 + 32 + 768 + 2000 MACs, all mapped; bytes 44 + 44 + 352 + 4001 mapped and 238 not.
TEST(Summary, CoverageSharesAddUp) {
  const std::vector<CoverageShare> shares = coverage_shares(example().workload);
  ASSERT_EQ(shares.size(), 3U);
  EXPECT_EQ(shares[0].nodes, 4);
  EXPECT_EQ(shares[0].macs, 2832);
  EXPECT_EQ(shares[0].bits, 8 * 4441);
  EXPECT_DOUBLE_EQ(shares[0].macs_share, 1);
  EXPECT_EQ(shares[1].nodes, 1);
  EXPECT_EQ(shares[2].bits, 8 * 238);
  EXPECT_DOUBLE_EQ(shares[2].bits_share, 238.0 / 4679.0);
}

// (32 + 32 + 768) points on 4 lanes in 20 + 20 + 256 cycles
TEST(Summary, UtilisationOfTheWholeIsWorkOverLanesAndTime) {
  const Example small = example();
  EXPECT_DOUBLE_EQ(utilisation(small.workload, small.arch, small.schedule), 832.0 / (4.0 * 296.0));
  EXPECT_DOUBLE_EQ(edp(small.schedule), 296.0 * 50784.0);
}

}  // namespace
}  // namespace tileloom::report
