#include "tileloom/mapper/random/random.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tileloom/mapper/random/sampler.hpp"
#include "tileloom/mapper/small_machine_test.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper {
namespace {

TEST(OrderedFactorisations, TwelveIntoThreeFactorsHasEighteenWays) {
  // 12 = 2² · 3: C(4, 2) · C(3, 2) = 6 · 3
  EXPECT_EQ(ordered_factorisations(12, 3), 18);
  EXPECT_EQ(ordered_factorisations(1, 5), 1);
}

TEST(PerfectSampler, DrawsEveryAllocationOfTwoRanksEquallyOften) {
  // M = 4, K = 2 over two temporal slots and one axis of 4. Per rank spreads along the axis:
  // M: 1 (4 over two slots: 3 ways), 2 (2 ways), 4 (1 way); K: 1 (2 ways), 2 (1 way). The axis has
  // four positions, so M 4 with K 2 is out: 6 · 3 − 1 = 17 allocations.
  const Workload workload = one_matmul("mm", {.m = 4, .n = 1, .k = 2}, {8, 8, 8, 8});
  Architecture arch = two_memories();
  const Constraints none;
  MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
  for (Resident& resident : space.residents) resident.must_keep = resident.may_keep;
  const PerfectSampler sampler(space);
  Random random(1);
  std::map<std::vector<std::int64_t>, int> seen;
  constexpr int kDraws = 17'000;
  for (int i = 0; i < kDraws; ++i) ++seen[sampler.draw(random).factors];
  EXPECT_EQ(seen.size(), 17U);
  // 1000 expected each, standard deviation 31: five of them either way.
  for (const auto& [factors, count] : seen) EXPECT_NEAR(count, 1000, 155);
}

TEST(RandomMapper, GivesTheSameAnswerOnOneAndOnSeveralThreads) {
  const Workload workload = one_matmul("mm", {.m = 12, .n = 6, .k = 8}, {8, 8, 8, 8});
  const Architecture arch = two_memories();
  const Constraints none;
  const Problem problem{workload, OperatorId{0}, arch, {}, none};
  for (const bool imperfect : {false, true}) {
    const RandomMapper mapper({.imperfect = imperfect});
    const MapResult one = mapper.map(problem, {.evaluations = 5000, .threads = 1}, nullptr);
    const MapResult four = mapper.map(problem, {.evaluations = 5000, .threads = 4}, nullptr);
    ASSERT_TRUE(one.tree);
    EXPECT_EQ(one.tree, four.tree);
    EXPECT_EQ(one.evaluations, 5000);
  }
}

TEST(RandomMapper, FindsTheOnlyKindOfMappingThatFitsInItsFirstDraw) {
  const Workload workload = one_matmul("mm", {.m = 512, .n = 512, .k = 512}, {8, 8, 8, 8});
  Architecture arch = two_memories();
  arch.memories[MemoryId{1}].capacity = Bits{8};
  const Constraints none;
  const Problem problem{workload, OperatorId{0}, arch, {}, none};
  const MapResult result = RandomMapper({}).map(problem, {.evaluations = 1}, nullptr);
  EXPECT_TRUE(result.tree);
}

}  // namespace
}  // namespace tileloom::mapper
