#include "tileloom/target/vta/network/window_positions.hpp"

#include <gtest/gtest.h>

namespace tileloom::target::vta {
namespace {

/// Windows of 3 in steps of 2 with one element of padding before.
WindowAxis axis() {
  WindowAxis axis;
  axis.size = 3;
  axis.stride = 2;
  axis.before = 1;
  return axis;
}

TEST(WindowPositions, OutputsReadFromTheirFirstTapToTheirLast) {
  // Outputs 0 and 1 read -1 to 1 and 1 to 3; outputs 2 and 3 read 3 to 5 and 5 to 7.
  EXPECT_EQ(read_range(axis(), {0, 2}, 7, false), (Positions{-1, 5}));
  EXPECT_EQ(read_range(axis(), {0, 2}, 7, true), (Positions{0, 4}));
  EXPECT_EQ(read_range(axis(), {2, 2}, 7, true), (Positions{3, 4}));
}

TEST(WindowPositions, ATapInThePaddingReachesFewerOutputs) {
  // Of 4 outputs over 7 inputs tap 0 reads -1, 1, 3, 5 and tap 2 reads 1, 3, 5, 7.
  EXPECT_EQ(reached(axis(), 0, {0, 4}, 7), (Positions{1, 3}));
  EXPECT_EQ(reached(axis(), 1, {0, 4}, 7), (Positions{0, 4}));
  EXPECT_EQ(reached(axis(), 2, {0, 4}, 7), (Positions{0, 3}));
}

TEST(WindowPositions, TheLastTileMayBeSmaller) {
  EXPECT_EQ(cut(7, 3), (std::vector<Positions>{{0, 3}, {3, 3}, {6, 1}}));
}

}  // namespace
}  // namespace tileloom::target::vta
