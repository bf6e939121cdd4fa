#include "tileloom/mapper/timeloop_like/timeloop_like.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tileloom/mapper/exact/exact.hpp"
#include "tileloom/mapper/small_machine_test.hpp"
#include "tileloom/mapper/timeloop_like/walker.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper {
namespace {

/// With a second axis of two positions.
Architecture machine() {
  Architecture arch = two_memories();
  SpatialAxis axis = arch.axes[AxisId{0}];
  axis.name = "y";
  axis.size = 2;
  arch.axes.push_back(axis);
  return arch;
}

TEST(FactorisationSampler, DrawsEveryFactorisationEquallyOftenAndRejectsThoseThatDoNotFit) {
  // M = 16 over [Outer, spatial, Inner]: 2^4 over three levels, C(6, 2) = 15 ways. The spatial
  // level has 4 · 2 = 8 positions, so the one way with 16 there is rejected.
  const Workload workload = one_matmul("mm", {.m = 16, .n = 1, .k = 1}, {8, 8, 8, 8});
  const Architecture arch = machine();
  const Constraints none;
  const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
  const std::vector<TilingLevel> levels = tiling_levels(space);
  ASSERT_EQ(levels.size(), 3U);
  EXPECT_TRUE(levels[1].spatial);
  EXPECT_EQ(levels[1].room, 8);
  const FactorisationSampler sampler(space, levels);
  Random random(7);
  std::map<Factorisation, int> seen;
  int rejected = 0;
  for (int i = 0; i < 15'000; ++i) {
    const std::optional<Factorisation> factors = sampler.draw(random);
    factors ? ++seen[*factors] : ++rejected;
  }
  EXPECT_EQ(seen.size(), 14U);
  // 1000 expected each, standard deviation 31: five of them either way.
  EXPECT_NEAR(rejected, 1000, 155);
  for (const auto& [factors, count] : seen) EXPECT_NEAR(count, 1000, 155);
}

TEST(Subspace, WalksThroughAllOrdersAndAllSplits) {
  // M = 4, K = 6 with factors Outer (2, 3), spatial (2, 2), Inner (1, 1): the two loops of Outer
  // have 2 orders, Inner has none; the two spatial factors have 2 · 2 assignments to x and y.
  const Workload workload = one_matmul("mm", {.m = 4, .n = 1, .k = 6}, {8, 8, 8, 8});
  const Architecture arch = machine();
  const Constraints none;
  const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
  const std::vector<TilingLevel> levels = tiling_levels(space);
  const std::size_t ranks = space.ranks();
  std::size_t m = ranks;
  std::size_t k = ranks;
  for (std::size_t r = 0; r < ranks; ++r) {
    if (space.op->ranks[r].extent == 4) m = r;
    if (space.op->ranks[r].extent == 6) k = r;
  }
  Factorisation factors(3 * ranks, 1);
  factors[m] = 2;
  factors[k] = 3;
  factors[ranks + m] = factors[ranks + k] = 2;
  Subspace subspace(space, levels);
  subspace.enter(factors);
  EXPECT_EQ(subspace.orders(100), 2);
  std::set<std::vector<std::int64_t>> splits;
  std::set<std::vector<std::uint16_t>> orders;
  int fitting = 0;
  do {
    subspace.first_split();
    do {
      const Point& point = subspace.point(0);
      splits.insert(point.factors);
      orders.insert(point.order);
      // Both on x: 4 of 4; both on y: 4 of 2; one on each: 2 of 4 and 2 of 2.
      if (subspace.split_fits()) ++fitting;
      EXPECT_EQ(subspace.split_fits(), legal(space, point));
    } while (subspace.next_split());
  } while (subspace.next_order());
  EXPECT_EQ(splits.size(), 4U);
  EXPECT_EQ(orders.size(), 2U);
  EXPECT_EQ(fitting, 2 * 3);
}

TEST(Subspace, LoopsAtAMemoryThatKeepsNothingStandAtTheOneOutside) {
  const Workload workload = one_matmul("mm", {.m = 4, .n = 1, .k = 6}, {8, 8, 8, 8});
  const Architecture arch = machine();
  const Constraints none;
  const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
  const std::vector<TilingLevel> levels = tiling_levels(space);
  const std::size_t ranks = space.ranks();
  Factorisation factors(3 * ranks, 1);
  for (std::size_t r = 0; r < ranks; ++r) {
    factors[2 * ranks + r] = space.op->ranks[r].extent;  // all at Inner
  }
  Subspace subspace(space, levels);
  subspace.enter(factors);
  const std::size_t nothing_inside = subspace.placements() - 1;  // the smallest subset comes last
  const Point& point = subspace.point(nothing_inside);
  EXPECT_EQ(point.keeps, blank_point(space).keeps);
  for (std::size_t r = 0; r < ranks; ++r) {
    EXPECT_EQ(point.factor(levels[0].slots.front(), r, ranks), space.op->ranks[r].extent);
  }
}

/// A problem small enough to be searched completely.
class TimeloopLike : public ::testing::TestWithParam<TimeloopWalk> {
 protected:
  MapResult map(const TimeloopOptions& options, const Budget& budget,
                const OnProgress& on_progress = nullptr) const {
    const Problem problem{workload_, OperatorId{0}, arch_, {}, none_};
    return TimeloopLikeMapper(options).map(problem, budget, on_progress);
  }
  Workload workload_ = one_matmul("mm", {.m = 4, .n = 3, .k = 4}, {8, 8, 8, 8});
  Architecture arch_ = machine();
  Constraints none_;
};

TEST_P(TimeloopLike, FindsTheProvedOptimumOfATinySpace) {
  const Problem problem{workload_, OperatorId{0}, arch_, {}, none_};
  const MapResult best = ExactMapper().map(problem, {.evaluations = 1'000'000}, nullptr);
  ASSERT_EQ(best.proof, Proof::optimal);
  const MapResult found = map({.walk = GetParam()}, {.evaluations = 60'000});
  ASSERT_TRUE(found.evaluation);
  EXPECT_EQ(found.evaluation->latency.total, best.evaluation->latency.total);
  EXPECT_DOUBLE_EQ(found.evaluation->energy.value, best.evaluation->energy.value);
}

TEST_P(TimeloopLike, UsesExactlyItsBudgetOfEvaluations) {
  for (const std::int64_t budget : {1, 17, 1000}) {
    const MapResult result = map({.walk = GetParam()}, {.evaluations = budget});
    EXPECT_EQ(result.evaluations, budget);
    EXPECT_GE(result.draws, budget);
  }
}

TEST_P(TimeloopLike, StopsAfterSoManyValidMappings) {
  std::int64_t last = 0;
  const MapResult result = map({.walk = GetParam(), .valid_samples = 5}, {.evaluations = 100'000},
                               [&](const Progress& progress) { last = progress.evaluations; });
  EXPECT_TRUE(result.tree);
  EXPECT_LT(result.evaluations, 1000);
  EXPECT_LE(last, result.evaluations);
  EXPECT_GT(last, 0);
}

TEST_P(TimeloopLike, StopsAfterManyInvalidMappingsInARow) {
  // Three positions of x for a rank of four: no perfect factor.
  const std::string& rank = workload_.operators[OperatorId{0}].ranks[0].name;
  none_.loops.push_back({Site{AxisId{0}}, rank, {.least = 3, .most = 3}});
  const MapResult result =
      map({.walk = GetParam(), .timeout = 50, .walkers = 2}, {.evaluations = 1000});
  EXPECT_FALSE(result.tree);
  EXPECT_EQ(result.proof, Proof::budget_spent);
  EXPECT_EQ(result.evaluations, 0);
  EXPECT_GE(result.draws, 100);
  EXPECT_LE(result.draws, 300);
}

TEST_P(TimeloopLike, EveryImprovementIsReportedWithItsNumberOfEvaluations) {
  std::vector<Progress> news;
  const MapResult result = map({.walk = GetParam()}, {.evaluations = 5000},
                               [&](const Progress& progress) { news.push_back(progress); });
  ASSERT_FALSE(news.empty());
  for (std::size_t i = 1; i < news.size(); ++i) {
    EXPECT_LT(*news[i].incumbent, *news[i - 1].incumbent);
    EXPECT_GT(news[i].evaluations, news[i - 1].evaluations);
  }
  EXPECT_NEAR(news.back().incumbent->first,
              cost::score({}, result.evaluation->latency.total, result.evaluation->energy).first,
              1e-6);
}

INSTANTIATE_TEST_SUITE_P(Walks, TimeloopLike,
                         ::testing::Values(TimeloopWalk::random_pruned, TimeloopWalk::hybrid),
                         [](const auto& walk) {
                           return walk.param == TimeloopWalk::hybrid ? "hybrid" : "random_pruned";
                         });

}  // namespace
}  // namespace tileloom::mapper
