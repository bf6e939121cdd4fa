#include "tileloom/reference/run_integer_network.hpp"

#include <gtest/gtest.h>

namespace tileloom::reference {
namespace {

using Values = std::vector<std::int8_t>;

/// One layer over 1x1x1x3.
IntegerNetwork row_of_three(IntegerKind kind, Values weights) {
  IntegerLayer layer;
  layer.name = "l";
  layer.kind = kind;
  layer.columns = {.size = 3, .before = 1, .after = 1};
  layer.weights = std::move(weights);
  if (kind != IntegerKind::max_pool) layer.bias = {0};
  return {"n", {{"x", {1, 1, 1, 3}}, {"y", {1, 1, 1, 3}}}, {layer}};
}

TEST(IntegerReference, SumsSeeZerosOutsideAndMaximaNothing) {
  const Values x{-5, -7, -9};
  // 1·before + 2·here + 3·after: -10-21, -5-14-27, -7-18.
  EXPECT_EQ(run_integer_network(row_of_three(IntegerKind::convolution, {1, 2, 3}), x).back(),
            (Values{-31, -46, -25}));
  EXPECT_EQ(run_integer_network(row_of_three(IntegerKind::max_pool, {}), x).back(),
            (Values{-5, -5, -7}));
}

TEST(IntegerReference, RescalingShiftsDownAddsShiftsAgainAndLimits) {
  const Rescale rescale{.pre_shift = 1, .factor = 4, .shift = 2, .low = -3, .high = 100};
  EXPECT_EQ(rescaled(rescale, 10, 3, 5), 6);      // (13 >> 1) + 20 = 26, >> 2
  EXPECT_EQ(rescaled(rescale, -10, 3, 0), -1);    // -7 >> 1 = -4, >> 2
  EXPECT_EQ(rescaled(rescale, -100, 0, 0), -3);   // -50 >> 2 = -13
  EXPECT_EQ(rescaled(rescale, 1000, 0, 0), 100);  // 500 >> 2 = 125
  EXPECT_EQ(rescaled({.pre_shift = -2}, 5, 0, 0), 20);
}

TEST(IntegerReference, ContradictionsAreSaidWithTheirLayer) {
  IntegerNetwork network = row_of_three(IntegerKind::convolution, {1, 2});
  network.layers[0].other = 1;
  EXPECT_EQ(violations(network),
            std::vector<std::string>{"l: reads a tensor that no earlier layer computes"});
  network.layers[0].other = 0;
  network.layers[0].rescale.low = 1;
  EXPECT_EQ(violations(network),
            (std::vector<std::string>{"l: 2 weights, needs 3",
                                      "l: limits of 1 and 127 are not int8 around 0"}));
}

}  // namespace
}  // namespace tileloom::reference
