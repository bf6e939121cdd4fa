#include "tileloom/target/vta/network/fewest_shifts.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tileloom/reference/run_integer_network.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/vta/codegen/layer_steps.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::int64_t kAnySum = std::int64_t{1} << 31;

TEST(VtaFewestShifts, EqualScalesNeedNoShiftAfterTheAddition) {
  // 2^4 · 64 = 2^10: the added tensor counts as the result does.
  EXPECT_EQ(with_fewest_shifts({.pre_shift = 4, .factor = 64, .shift = 6}, kAnySum),
            (Rescale{.pre_shift = 10, .factor = 1, .shift = 0}));
  // 2^2 · 8 = 32 fits a factor: no shift before, where no sum wraps.
  EXPECT_EQ(with_fewest_shifts({.pre_shift = 2, .factor = 8, .shift = 6}, 1 << 20),
            (Rescale{.pre_shift = 0, .factor = 32, .shift = 8}));
  EXPECT_EQ(with_fewest_shifts({.pre_shift = 2, .factor = 8, .shift = 6}, kAnySum),
            (Rescale{.pre_shift = 2, .factor = 8, .shift = 6}));
  // 2^9 is no factor, and the result counts four times the tensor: two shifts stay.
  const Rescale both{.pre_shift = 3, .factor = 64, .shift = 8};
  EXPECT_EQ(with_fewest_shifts(both, 1 << 20), both);
  // One shift by 16 and one by 4 take three instructions, two by 15 and 5 take two.
  EXPECT_EQ(with_fewest_shifts({.pre_shift = 16, .factor = -3, .shift = 4}, kAnySum),
            (Rescale{.pre_shift = 15, .factor = -6, .shift = 5}));
}

TEST(VtaFewestShifts, TheLargestSumCountsEveryWeightOfAChannel) {
  IntegerLayer layer;
  layer.weights = {1, -2, 3, -128};
  layer.bias = {-5, 7};
  EXPECT_EQ(largest_sum(layer), 128 * 131 + 7);
}

TEST(VtaFewestShifts, EveryValueIsTheSameAndNoneTakesMore) {
  Random random(3);
  const auto count = [](const Rescale& r) {
    return shift_instructions(r.pre_shift) + shift_instructions(r.shift);
  };
  int fewer = 0;
  for (int i = 0; i < 2000; ++i) {
    Rescale rescale{.pre_shift = random.between(-2, 18),
                    .factor = random.between(-128, 127),
                    .shift = random.between(-2, 18)};
    if (random.chance(60)) rescale.factor = std::int64_t{1} << random.between(0, 6);
    const bool any = random.chance(50);
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    const std::int64_t largest = any ? kAnySum : kMost - 128 * 128;
    const Rescale other = with_fewest_shifts(rescale, largest);
    ASSERT_LE(count(other), count(rescale));
    fewer += count(other) < count(rescale) ? 1 : 0;
    for (int k = 0; k < 40; ++k) {
      std::int64_t sum = random.between(-kMost - 1, kMost) >> (random.chance(50) ? 0 : 14);
      if (!any) sum = std::min(std::max(sum, -largest), largest);
      const auto added = static_cast<std::int8_t>(random.between(-128, 127));
      const auto a = static_cast<std::int32_t>(sum);
      ASSERT_EQ(reference::rescaled(rescale, a, 0, added), reference::rescaled(other, a, 0, added))
          << sum << " " << rescale.pre_shift << " " << rescale.factor << " " << rescale.shift;
    }
  }
  EXPECT_GT(fewer, 100);
}

}  // namespace
}  // namespace tileloom::target::vta
