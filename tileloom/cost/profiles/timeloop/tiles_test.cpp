#include "tileloom/cost/profiles/timeloop/tiles.hpp"

#include <gtest/gtest.h>

namespace tileloom::cost::timeloop::tiles_test {
namespace {

constexpr DimId kP{0};
constexpr DimId kR{1};
constexpr DimId kK{2};
constexpr SpaceId kInput{1};
constexpr SpaceId kOutput{2};

/// O[k, p] += W[k, r] · I[2p + r] with P = 4, R = 3, K = 6.
Problem strided_row() {
  Problem problem;
  problem.dims = {{"P", 4}, {"R", 3}, {"K", 6}};
  problem.spaces = {{"W", false, {{{kK, 1}}, {{kR, 1}}}},
                    {"I", false, {{{kP, 2}, {kR, 1}}}},
                    {"O", true, {{{kK, 1}}, {{kP, 1}}}}};
  return problem;
}

TEST(TimeloopTiles, AStrideOfTwoOverFourOutputsWithThreeTapsSpansNineInputs) {
  // 1 + 2·(4 − 1) + 1·(3 − 1) = 9
  const Problem problem = strided_row();
  const Extents extents{4, 3, 6};
  EXPECT_EQ(box_lengths(problem.spaces[kInput], extents), Vector{9});
  EXPECT_EQ(volume(Vector{9}), 9);
}

TEST(TimeloopTiles, PointsSkippedByTheStrideAreStored) {
  // one tap, stride 2: outputs 0..3 read inputs 0, 2, 4, 6, but the interval 0..6 is held
  EXPECT_EQ(box_lengths(strided_row().spaces[kInput], Extents{4, 1, 1}), Vector{7});
}

TEST(TimeloopTiles, AnOutputIsPartitionedOverTheSpatialLoopsItDependsOn) {
  // inner level: R 3; outer level: P 4 in time, K 6 over X.
  Mapping mapping;
  mapping.levels.resize(2);
  mapping.levels[0].temporal = {{kR, 3}};
  mapping.levels[1].temporal = {{kP, 4}};
  mapping.levels[1].spatial_x = {{kK, 6}};
  const Problem problem = strided_row();
  EXPECT_EQ(tile_size(problem, mapping, kOutput, 0), 1);
  EXPECT_EQ(tile_size(problem, mapping, kOutput, 1), 24);
  // whole 24; T_0 = 1; U_1 = 6 children of one word each: ⌊24 · 1 / 6⌋ = 4 words per child
  EXPECT_EQ(partition_sizes(problem, mapping, kOutput), (std::vector<std::int64_t>{4, 24}));
  // inputs do not depend on K: U_1 = T_0, so every child is charged the whole row of 9
  EXPECT_EQ(partition_sizes(problem, mapping, kInput), (std::vector<std::int64_t>{9, 9}));
}

}  // namespace
}  // namespace tileloom::cost::timeloop::tiles_test
