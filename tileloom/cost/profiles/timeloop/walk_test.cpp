#include "tileloom/cost/profiles/timeloop/walk.hpp"

#include <gtest/gtest.h>

namespace tileloom::cost::timeloop {
namespace {

std::int64_t total_words(const StepCounts& steps, const Vector& lengths) {
  std::int64_t total = 0;
  for (const auto& [step, count] : steps) total += words(step.now, lengths) * count;
  return total;
}

std::int64_t walked(const std::vector<TileLoop>& loops, const Vector& lengths, bool extrapolate) {
  return total_words(walk(loops, lengths, {.extrapolate = extrapolate}), lengths);
}

TEST(TimeloopWalk, ATileThatNeverMovesIsFetchedOnce) {
  EXPECT_EQ(walked({{{0}, 100}, {{0}, 7}}, {5}, true), 5);
  EXPECT_EQ(walked({{{0}, 100}, {{0}, 7}}, {5}, false), 5);
}

TEST(TimeloopWalk, AWindowOfThreeSlidingOverFourPlacesFetchesThreePlusOnePerStep) {
  EXPECT_EQ(walked({{{1}, 4}}, {3}, true), 3 + 3 * 1);
  EXPECT_EQ(walked({{{1}, 4}}, {3}, false), 3 + 3 * 1);
}

TEST(TimeloopWalk, AMoveAsLongAsTheTileFetchesWholeTiles) {
  EXPECT_EQ(walked({{{3}, 4}}, {3}, false), 4 * 3);
}

TEST(TimeloopWalk, AMoveAlongOneOfTwoRanksFetchesASlab) {
  // 3 x 5 words moving by 1 along the second rank: 15, then 3 new words a step
  EXPECT_EQ(walked({{{0, 1}, 3}}, {3, 5}, true), 15 + 2 * 3);
}

TEST(TimeloopWalk, TheCarriageReturnRefetchesAWholeTileAndRearmsTheNextMove) {
  // two passes over places 0..3: each is one whole tile and three single words
  EXPECT_EQ(walked({{{0}, 2}, {{1}, 4}}, {3}, true), 2 * (3 + 3));
  EXPECT_EQ(walked({{{0}, 2}, {{1}, 4}}, {3}, false), 2 * (3 + 3));
}

TEST(TimeloopWalk, AStepAcrossASplitLoopIsContiguousOnlyInAnExactWalk) {
  // places 0..8 as 3 x 3. Exact: one whole tile and eight moves by 1.
  EXPECT_EQ(walked({{{3}, 3}, {{1}, 3}}, {3}, false), 3 + 8);
  // Extrapolated: places 0 and 1 stand for 0, 1, 2; so the next block is entered by a move of 2,
  // not 1: whole tiles with weight 1 + 2, halos with weight 2 + 2·2.
  EXPECT_EQ(walked({{{3}, 3}, {{1}, 3}}, {3}, true), 3 * 3 + 6);
}

TEST(TimeloopWalk, AStandstillBetweenTwoEqualMovesKeepsTheHalo) {
  // inner loop does not move the tile: whole, 0, halo, 0, halo, 0
  EXPECT_EQ(walked({{{1}, 3}, {{0}, 2}}, {4}, false), 4 + 1 + 1);
}

TEST(TimeloopWalk, OneExactLoopOfABillionStepsIsCountedNotWalked) {
  EXPECT_EQ(walked({{{1}, 1'000'000'000}}, {3}, false), 3 + 999'999'999);
}

TEST(TimeloopWalk, StatesThatAlternateAreCountedInWholePeriods) {
  // inner: 2 places one apart; outer moves by 2, so all moves are 1 and every step is a halo
  EXPECT_EQ(walked({{{2}, 1001}, {{1}, 2}}, {3}, false), 3 + 2001);
  // outer moves by 1: return is 0, so places are 0 1 1 2 2 3 ...: 1001 moves by 1 in all
  EXPECT_EQ(walked({{{1}, 1001}, {{1}, 2}}, {3}, false), 3 + 1001);
}

TEST(TimeloopWalk, AMacReadsItsOperandsAtEveryStep) {
  const StepCounts steps = walk({{{0}, 6}, {{1}, 7}}, {1}, {.every_step_whole = true});
  EXPECT_EQ(total_words(steps, {1}), 42);
}

}  // namespace
}  // namespace tileloom::cost::timeloop
