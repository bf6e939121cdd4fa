#include "tileloom/cost/core_types.hpp"

#include <gtest/gtest.h>

namespace tileloom::cost {
namespace {

TEST(CoreTypes, CoresWithTheSameTilesAreOneTypeUnlessTheyBeginOrEndWithAnother) {
  // Four cores of three tiles: 0 1 1, 1 1 1, 1 1 1, 1 0 1.
  const std::vector<CoreType> types = core_types({0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1}, 4, 3);
  ASSERT_EQ(types.size(), 3U);
  EXPECT_EQ(types[0], (CoreType{{{0, 1}, {1, 2}}, 0, 1, 1}));
  EXPECT_EQ(types[1], (CoreType{{{1, 3}}, 1, 1, 1}));
  EXPECT_EQ(types[2], (CoreType{{{1, 2}, {0, 1}}, 1, 1, 1}));
}

TEST(CoreTypes, EveryChoiceOfOneKindPerAxisIsVisitedWithTheProductOfItsCounts) {
  // 3 and 2 tiles of two kinds along the first axis, one kind along the others: 7 · 3 and 7 · 2.
  const PerSplit<std::vector<Tiles>> items{{{{0, 3}, {1, 2}}, {{0, 1}}, {{0, 7}}, {{0, 1}}}};
  std::vector<std::int64_t> counts;
  for_each_choice(items, [&](const PerSplit<std::size_t>& chosen, std::int64_t count) {
    EXPECT_EQ(chosen[0], counts.size());
    counts.push_back(count);
  });
  EXPECT_EQ(counts, (std::vector<std::int64_t>{21, 14}));
}

}  // namespace
}  // namespace tileloom::cost
