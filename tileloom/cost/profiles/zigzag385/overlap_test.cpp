#include "tileloom/cost/profiles/zigzag385/overlap.hpp"

#include <gtest/gtest.h>

namespace {

using namespace tileloom::cost::zigzag385;

using Cycles = std::vector<double>;

TEST(Overlap, OneTransferHidesUpToItsLeast) {
  EXPECT_EQ(hide({{100, 10}}, 1000), Cycles{10});
  EXPECT_EQ(hide({{100, 10}}, 30), Cycles{70});
  EXPECT_EQ(hide({{100, 10}}, 0), Cycles{100});
}

TEST(Overlap, TheLongestGoesFirstAndTheRestIsShared) {
  // 6272 idle cycles: the output's 6272 shrink to 1 and use 6271; the weights' 4096 and the output
  // once more share the last cycle. ResNet-18's 128→256 1x1 layer on the TPU-like machine.
  EXPECT_EQ(hide({{4096, 4}, {6272, 1}, {3136, 3136}}, 6272), (Cycles{4095.5, 0.5, 3136}));
}

TEST(Overlap, ALongerTransferIsCutAgainWithEveryShorterOne) {
  // Nothing of the activations' 25992 may be hidden, yet they shrink by 12543 and by 9207.
  EXPECT_EQ(hide({{25992, 25992}, {9216, 9}, {12544, 1}}, 56448),
            (Cycles{25992 - 12543 - 9207, 9, 1 - 9207}));
  // The case that users of ZigZag reported as its issue 125.
  EXPECT_EQ(hide({{2209, 5}, {1, 1}, {982, 1}}, 13916), (Cycles{-976, 1, 1}));
}

}  // namespace
