#include "tileloom/cost/partition_sums.hpp"

#include <gtest/gtest.h>

#include "tileloom/support/random.hpp"

namespace tileloom::cost {
namespace {

/// Up to five random loops over a rank of up to 60, imperfect tiles more often than not.
AxisChains draw(Random& random) {
  AxisChains axis;
  Chain chain{random.between(1, 60), {}};
  const bool mixed = random.below(3) == 0;
  const LinkKind spatial = random.below(2) == 0 ? LinkKind::grouped : LinkKind::separate;
  for (std::uint64_t left = random.below(6); left > 0; --left) {
    LinkKind kind = random.below(2) == 0 ? LinkKind::temporal : spatial;
    if (mixed && random.below(3) == 0) kind = LinkKind::separate;
    chain.append(random.between(1, chain.innermost_tile()), kind);
    if (kind == LinkKind::temporal) axis.loops.push_back(0);
  }
  axis.idle_only = random.below(2) == 0;
  axis.coefficients = {random.between(1, 3)};
  axis.extent = axis.idle_only ? 1 : axis.coefficients[0] * (chain.extent - 1) + 1;
  axis.chains = {chain};
  return axis;
}

void expect_equal(const MoveSums& a, const MoveSums& b) {
  EXPECT_EQ(a.united_now, b.united_now);
  EXPECT_EQ(a.united_now_kept, b.united_now_kept);
  EXPECT_EQ(a.united_before, b.united_before);
  EXPECT_EQ(a.united_before_kept, b.united_before_kept);
  EXPECT_EQ(a.each_now, b.each_now);
  EXPECT_EQ(a.each_kept, b.each_kept);
}

TEST(PartitionSums, CountsPartialTilesByHand) {
  // 10 in tiles of 4 (4, 4, 2), each over two positions of 2: the last tile has one position only.
  AxisChains axis{.offset = 0,
                  .extent = 10,
                  .idle_only = false,
                  .coefficients = {1},
                  .chains = {{10, {}}},
                  .loops = {0}};
  axis.chains[0].append(4, LinkKind::temporal);
  axis.chains[0].append(2, LinkKind::grouped);
  std::int64_t largest = 0;
  const std::optional<MoveSums> own = partition_sums(axis, {0, true}, largest);
  ASSERT_TRUE(own);
  EXPECT_EQ(own->united_now, 4 + 2);     // after the moves to the second and the third tile
  EXPECT_EQ(own->united_before, 4 + 4);  // before them
  EXPECT_EQ(own->each_kept, 0);
  EXPECT_EQ(largest, 2);
  // Another axis moves inside the loop: everything stays, in all three states.
  const std::optional<MoveSums> still = partition_sums(axis, {1, false}, largest);
  ASSERT_TRUE(still);
  EXPECT_EQ(still->united_now, 10);
  EXPECT_EQ(still->each_kept, 10);
}

TEST(PartitionSums, EqualVisitingEveryStateOnRandomLoops) {
  Random random(3);
  int formulas = 0;
  for (int i = 0; i < 4000; ++i) {
    const AxisChains axis = draw(random);
    // With a second rank of extent 1 every state is visited.
    AxisChains visited = axis;
    visited.chains.push_back({1, {}});
    visited.coefficients.push_back(1);
    for (const Keep keep : {Keep::overlap, Keep::same}) {
      const AxisSums expected = axis_sums(visited, keep);
      Move move;
      for (std::size_t k = 0; k < expected.still.size(); ++k) {
        std::int64_t largest = 0;
        move.outer = k;
        const std::optional<MoveSums> still = partition_sums(axis, move, largest);
        if (!still) continue;
        ++formulas;
        expect_equal(*still, expected.still[k]);
        if (k == expected.own.size()) {
          EXPECT_EQ(largest, expected.largest);
          continue;
        }
        move.moves = true;
        const std::optional<MoveSums> own = partition_sums(axis, move, largest);
        ASSERT_TRUE(own);
        expect_equal(*own, expected.own[k]);
        move.moves = false;
      }
      ASSERT_FALSE(HasFailure()) << i;
    }
  }
  EXPECT_GT(formulas, 12'000);
}

}  // namespace
}  // namespace tileloom::cost
