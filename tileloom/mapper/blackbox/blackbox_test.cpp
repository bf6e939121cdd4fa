#include "tileloom/mapper/blackbox/blackbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "tileloom/mapper/registry.hpp"
#include "tileloom/mapper/small_machine_test.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper {
namespace {

double found(const MapResult& result) {
  return cost::score({}, result.evaluation->latency.total, result.evaluation->energy).first;
}

/// Every search over genomes, by its name.
class GenomeSearch : public ::testing::TestWithParam<const char*> {
 protected:
  MapResult map(const Budget& budget, const OnProgress& on_progress = nullptr) const {
    return map_on(arch_, budget, on_progress);
  }
  MapResult map_on(const Architecture& arch, const Budget& budget,
                   const OnProgress& on_progress = nullptr) const {
    const Problem problem{workload_, OperatorId{0}, arch, {}, none_};
    return (*make_mapper(GetParam(), {}))->map(problem, budget, on_progress);
  }
  Workload workload_ = one_matmul("mm", {.m = 4, .n = 2, .k = 4}, {8, 8, 8, 8});
  Architecture arch_ = two_memories();
  Constraints none_;
};

TEST_P(GenomeSearch, FindsTheProvedOptimumOfATinySpace) {
  const Problem problem{workload_, OperatorId{0}, arch_, {}, none_};
  const MapResult best = (*make_mapper("exact", {}))->map(problem, {}, nullptr);
  ASSERT_EQ(best.proof, Proof::optimal);
  double least = 1e300;  // of five seeds: a single walk may end in a local optimum
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const MapResult result = map({.evaluations = 4000, .seed = seed});
    ASSERT_TRUE(result.evaluation);
    least = std::min(least, found(result));
  }
  EXPECT_LE(least, found(best) * (1 + 1e-9));
}

TEST_P(GenomeSearch, UsesExactlyItsBudget) {
  for (const std::int64_t budget : {1, 13, 40, 41, 1000}) {
    const MapResult result = map({.evaluations = budget});
    EXPECT_EQ(result.evaluations, budget);
  }
}

TEST_P(GenomeSearch, TheSeedDecidesEverything) {
  const MapResult one = map({.evaluations = 500, .seed = 7, .threads = 1});
  const MapResult again = map({.evaluations = 500, .seed = 7, .threads = 4});
  EXPECT_EQ(one.tree, again.tree);
}

TEST_P(GenomeSearch, EveryImprovementIsReported) {
  std::vector<Progress> news;
  const MapResult result =
      map({.evaluations = 1000}, [&](const Progress& progress) { news.push_back(progress); });
  ASSERT_FALSE(news.empty());
  for (std::size_t i = 1; i < news.size(); ++i) {
    EXPECT_LT(*news[i].incumbent, *news[i - 1].incumbent);
    EXPECT_GT(news[i].evaluations, news[i - 1].evaluations);
  }
  EXPECT_NEAR(news.back().incumbent->first, found(result), 1e-6 * found(result));
}

TEST_P(GenomeSearch, WhatCannotFitIsInfeasible) {
  Architecture small = two_memories();
  small.memories[MemoryId{0}].capacity = Bits{8};
  const MapResult result = map_on(small, {.evaluations = 100});
  EXPECT_EQ(result.proof, Proof::infeasible);
  EXPECT_FALSE(result.tree);
  EXPECT_NE(result.reason, "");
}

TEST_P(GenomeSearch, AStoppedSearchGivesWhatItHas) {
  const std::atomic<bool> stop{true};
  const MapResult result = map({.evaluations = 1000, .stop = &stop});
  EXPECT_EQ(result.evaluations, 0);
  EXPECT_EQ(result.proof, Proof::budget_spent);
}

INSTANTIATE_TEST_SUITE_P(Mappers, GenomeSearch,
                         ::testing::Values("annealing", "pso", "de", "es", "cmaes", "ga", "nsga2"),
                         [](const auto& name) { return std::string(name.param); });

TEST(GenomeJudge, GradesWhatDoesNotFitByHowFarItOverflows) {
  // Inner holds 12 bytes. Register-sized tiles of one element need 3: nothing is invalid after
  // repair. With room for one byte only, three bytes are kept where one fits: log2(3).
  const Workload workload = one_matmul("mm", {.m = 4, .n = 2, .k = 4}, {8, 8, 8, 8});
  Architecture arch = two_memories();
  arch.memories[MemoryId{1}].capacity = Bits{8};
  const Constraints none;
  const GenomeSpace space = make_genome_space(workload, OperatorId{0}, arch, none);
  const Problem problem{workload, OperatorId{0}, arch, {}, none};
  const Budget budget{.evaluations = 10};
  const OnProgress quiet;
  GenomeJudge judge(space, problem, budget, quiet);
  Genome all = plain_genome(space);  // all three tensors in Inner
  const Fitness fitness = judge(all);
  EXPECT_FALSE(fitness.cost);
  EXPECT_NEAR(fitness.penalty, 1000 + std::log2(3.0), 1e-9);
  EXPECT_EQ(judge.evaluations(), 1);
  EXPECT_FALSE(judge.result().tree);
}

TEST(BlackboxFront, NoPointIsWorseThanAnotherInBoth) {
  const Workload workload = one_matmul("mm", {.m = 12, .n = 6, .k = 8}, {8, 8, 8, 8});
  const Architecture arch = two_memories();
  const Constraints none;
  const Problem problem{workload, OperatorId{0}, arch, {}, none};
  const std::vector<FrontPoint> front =
      blackbox_front({.optimiser = Optimiser::nsga2}, problem, {.evaluations = 2000});
  ASSERT_FALSE(front.empty());
  for (std::size_t i = 1; i < front.size(); ++i) {
    EXPECT_LT(front[i - 1].cycles, front[i].cycles);
    EXPECT_GT(front[i - 1].picojoules, front[i].picojoules);
  }
}

}  // namespace
}  // namespace tileloom::mapper
