#include "tileloom/mapper/exact/exact.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/mapper/exact/factors.hpp"
#include "tileloom/mapper/exact/level_search.hpp"
#include "tileloom/mapper/exact/level_brute_force_test.hpp"
#include "tileloom/mapper/exact/product/ragged_floor.hpp"
#include "tileloom/mapper/exact/random_machine_test.hpp"
#include "tileloom/mapper/incumbent.hpp"
#include "tileloom/mapper/random/sampler.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/effort_test.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::exact_test {
namespace {

/// A small matrix multiplication or one-dimensional convolution with stride, dilation and padding.
Workload random_work(Random& random) { return mapper::random_work(random, 2, 1); }

const std::vector<std::string> kObjectives{"latency", "energy", "edp", "latency,energy",
                                           "energy,latency"};

/// Least score of every objective by brute force; nothing if the space is too large.
std::optional<std::vector<std::optional<cost::Score>>> optima(const MapSpace& space,
                                                              Factors factors) {
  std::vector<std::optional<cost::Score>> best(kObjectives.size());
  std::vector<cost::Objective> objectives;
  for (const std::string& text : kObjectives) objectives.push_back(*cost::parse_objective(text));
  const bool all = LevelBruteForce(space, factors, 4000).run([&](const Point& point) {
    if (!legal(space, point)) return;
    const cost::Evaluation evaluation =
        cost::evaluate(*space.op, *space.arch, path_of(space, point));
    if (!std::ranges::all_of(evaluation.occupancy, &cost::Occupancy::fits)) return;
    for (std::size_t i = 0; i < kObjectives.size(); ++i) {
      const cost::Score score =
          cost::score(objectives[i], evaluation.latency.total, evaluation.energy);
      if (!best[i] || score < *best[i]) best[i] = score;
    }
  });
  if (!all) return std::nullopt;
  return best;
}

class LevelSearchTest : public testing::TestWithParam<Factors> {};

TEST_P(LevelSearchTest, EqualsBruteForceOn200TinyProblemsForEveryObjective) {
  Random random(20240601);
  const Constraints none;
  int problems = 0;
  for (int attempt = 0; attempt < 5000 && problems < effort(200); ++attempt) {
    const Architecture arch = random_machine(random, 1);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const auto best = optima(space, GetParam());
    if (!best) continue;
    ++problems;
    for (std::size_t i = 0; i < kObjectives.size(); ++i) {
      const cost::Objective objective = *cost::parse_objective(kObjectives[i]);
      const Problem problem{workload, OperatorId{0}, arch, objective, none};
      const Budget budget{.evaluations = 200'000};
      const MapResult result =
          GetParam() == Factors::perfect
              ? search_levels(problem, space, budget, nullptr)
              : search_imperfect_levels(problem, space, budget, nullptr, std::nullopt);
      ASSERT_EQ(result.proof, Proof::optimal) << "problem " << attempt << " " << kObjectives[i];
      const cost::Score found =
          cost::score(objective, result.evaluation->latency.total, result.evaluation->energy);
      EXPECT_NEAR(found.first, (*best)[i]->first, 1e-9 * found.first)
          << "problem " << attempt << " " << kObjectives[i];
      EXPECT_NEAR(found.second, (*best)[i]->second, 1e-9 * found.second + 1e-12)
          << "problem " << attempt << " " << kObjectives[i];
      EXPECT_LE(result.lower_bound.first, found.first * (1 + 1e-9));
    }
  }
  EXPECT_EQ(problems, effort(200));
}

INSTANTIATE_TEST_SUITE_P(Factors, LevelSearchTest,
                         testing::Values(Factors::perfect, Factors::imperfect),
                         [](const testing::TestParamInfo<Factors>& factors) {
                           return factors.param == Factors::perfect ? "perfect" : "imperfect";
                         });

TEST(ImperfectFactors, NoTilingIsBelowTheFloorForAnyObjective) {
  Random random(20261122);
  const Constraints none;
  int problems = 0;
  int met = 0;
  for (int attempt = 0; attempt < 5000 && problems < effort(100); ++attempt) {
    const Architecture arch = random_machine(random, 1);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const std::optional<product::Terrain> terrain = product::survey(space);
    const auto best = terrain ? optima(space, Factors::imperfect) : std::nullopt;
    if (!best) continue;
    ++problems;
    for (std::size_t i = 0; i < kObjectives.size(); ++i) {
      const cost::Score optimum = *(*best)[i];
      const cost::Objective objective = *cost::parse_objective(kObjectives[i]);
      // Worse answers are known: the floor is the least bound of all nodes.
      const cost::Score worse{2 * optimum.first, 2 * optimum.second};
      const product::RaggedFloor floor = product::ragged_floor(*terrain, objective, {}, worse);
      EXPECT_FALSE(floor.reached) << "problem " << attempt << " " << kObjectives[i];
      EXPECT_LE(floor.lower_bound.first, optimum.first * (1 + 1e-9))
          << "problem " << attempt << " " << kObjectives[i];
      if (floor.lower_bound.first == optimum.first) {
        EXPECT_LE(floor.lower_bound.second, optimum.second * (1 + 1e-9)) << "problem " << attempt;
      }
      if (floor.lower_bound.first > optimum.first * (1 - 1e-9)) ++met;
    }
  }
  EXPECT_EQ(problems, effort(100));
  EXPECT_GT(met, problems);
  RecordProperty("met", met);
}

TEST(ImperfectFactors, TheAnswerIsTheBestOfBothSpacesAndTheBoundHoldsForEveryBudget) {
  Random random(4242);
  const Constraints none;
  int problems = 0;
  int gains = 0;
  for (int attempt = 0; attempt < 5000 && problems < effort(60); ++attempt) {
    const Architecture arch = random_machine(random, 1);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const auto level = optima(space, Factors::imperfect);
    if (!level) continue;
    ++problems;
    const cost::Objective objective{.first = cost::Metric::edp};
    const Problem problem{workload, OperatorId{0}, arch, objective, none};
    const MapResult perfect = ExactMapper().map(problem, {}, nullptr);
    ASSERT_EQ(perfect.proof, Proof::optimal);
    const auto edp = [](const MapResult& result) {
      return result.evaluation->energy.value *
             static_cast<double>(result.evaluation->latency.total.value);
    };
    const double best = std::min(edp(perfect), (*level)[2]->first);
    const ExactMapper imperfect(ExactOptions{.imperfect = true});
    for (const std::int64_t evaluations : {4, 40, 400, 400'000}) {
      const MapResult result = imperfect.map(problem, {.evaluations = evaluations}, nullptr);
      EXPECT_LE(result.lower_bound.first, best * (1 + 1e-9)) << "problem " << attempt;
      if (evaluations < 400'000) continue;
      ASSERT_EQ(result.proof, Proof::optimal) << "problem " << attempt;
      EXPECT_LE(edp(result), best * (1 + 1e-9)) << "problem " << attempt;
      if (edp(result) < edp(perfect) * (1 - 1e-9)) ++gains;
    }
  }
  EXPECT_EQ(problems, effort(60));
  EXPECT_GT(gains, 0);
}

TEST(LevelSearch, TheBoundStaysBelowTheOptimumWhateverTheBudget) {
  Random random(77);
  const Constraints none;
  int problems = 0;
  for (int attempt = 0; attempt < 2000 && problems < effort(60); ++attempt) {
    const Architecture arch = random_machine(random, 1);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const auto best = optima(space, Factors::perfect);
    if (!best) continue;
    ++problems;
    const cost::Objective objective = *cost::parse_objective("edp");
    const Problem problem{workload, OperatorId{0}, arch, objective, none};
    for (const std::int64_t evaluations : {1, 10, 100, 1000}) {
      const MapResult result = search_levels(problem, space, {.evaluations = evaluations}, nullptr);
      EXPECT_LE(result.lower_bound.first, (*best)[2]->first * (1 + 1e-9))
          << "problem " << attempt << " with " << evaluations << " evaluations";
      ASSERT_TRUE(result.evaluation);
      EXPECT_GE(result.evaluation->energy.value *
                    static_cast<double>(result.evaluation->latency.total.value),
                (*best)[2]->first * (1 - 1e-9));
    }
  }
}

TEST(MapSpace, LegalAgreesWithTheCheckerOnRandomPoints) {
  Random random(5);
  const Constraints none;
  int illegal = 0;
  for (int problem = 0; problem < 100; ++problem) {
    Architecture arch = random_machine(random, 1);
    const std::size_t inner = arch.memories.size() - 1;
    for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
      if (arch.axes[axis].below <= inner && random.below(2) == 0) {
        arch.memories[static_cast<MemoryId>(inner)].shared_along.push_back(axis);
      }
    }
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    const PerfectSampler sampler(space);
    for (int draw = 0; draw < 20; ++draw) {
      const Point point = sampler.draw(random);
      const std::vector<Violation> violations = check(workload, arch, tree_of(space, point));
      const bool sound = std::ranges::none_of(violations, [](const Violation& violation) {
        return violation.kind != Violation::Kind::capacity;
      });
      EXPECT_EQ(legal(space, point), sound)
          << (violations.empty() ? std::string("no violation") : violations.front().what);
      if (!sound) ++illegal;
    }
  }
  EXPECT_GT(illegal, 0);
}

Architecture small_home(std::int64_t bits) {
  Architecture arch;
  arch.name = "small";
  Memory home;
  home.name = "Home";
  home.capacity = Bits{bits};
  arch.memories.push_back(home);
  return arch;
}

TEST(Exact, SaysWhichMemoryIsTooSmallWithItsNumbers) {
  // 2x3 by 3x2 in bytes: 6 + 6 + 4 elements, 128 bits.
  const Workload workload = one_matmul("mm", {.m = 2, .n = 2, .k = 3}, {8, 8, 8, 8});
  const Constraints none;
  const Architecture arch = small_home(100);
  const Problem problem{workload, OperatorId{0}, arch, {}, none};
  const MapResult result = ExactMapper().map(problem, {}, nullptr);
  EXPECT_EQ(result.proof, Proof::infeasible);
  EXPECT_EQ(result.reason, "Home needs 128 bits even with the smallest tiles, but holds 100");
  EXPECT_FALSE(result.tree);
}

// Results are 8 bits wide, partial sums 32. Six results fit at home in M1, six partial sums do not;
// a Store in M2 keeps the sums of one result until they are a result.
TEST(Exact, PartialSumsThatAnInnerStoreKeepsFromTheirHomeAreNoObstacle) {
  const Workload workload = one_matmul("mm", {.m = 3, .n = 2, .k = 3}, {8, 8, 8, 32});
  Architecture arch;
  arch.name = "sums";
  for (const std::int64_t bits : {0, 96, 64}) {
    Memory memory;
    memory.name = fmt::format("M{}", arch.memories.size());
    if (bits > 0) memory.capacity = Bits{bits};
    memory.holds = {bits == 0, bits == 0, bits > 0};
    arch.memories.push_back(memory);
  }
  const Constraints none;
  for (const char* objective : {"energy", "pareto"}) {
    const Problem problem{workload, OperatorId{0}, arch, *cost::parse_objective(objective), none};
    EXPECT_EQ(ExactMapper().map(problem, {}, nullptr).proof, Proof::optimal) << objective;
  }
  // A rule asks for the level-structured search.
  const Constraints rules{.loops = {{MemoryId{0}, "M", {1, 3}}}};
  const Problem ruled{workload, OperatorId{0}, arch, {}, rules};
  for (const bool imperfect : {false, true}) {
    const ExactMapper mapper(ExactOptions{.imperfect = imperfect});
    EXPECT_EQ(mapper.map(ruled, {}, nullptr).proof, Proof::optimal) << imperfect;
  }
  arch.memories[MemoryId{1}].capacity = Bits{47};
  const Problem small{workload, OperatorId{0}, arch, {}, none};
  const MapResult result = ExactMapper().map(small, {}, nullptr);
  EXPECT_EQ(result.proof, Proof::infeasible);
  EXPECT_EQ(result.reason, "M1 needs 48 bits even with the smallest tiles, but holds 47");
}

TEST(Exact, ObeysConstraintsAndSaysWhenNothingDoes) {
  const Workload workload = one_matmul("mm", {.m = 4, .n = 2, .k = 4}, {8, 8, 8, 8});
  Architecture arch = small_home(10'000);
  Memory buffer;
  buffer.name = "Buffer";
  buffer.capacity = Bits{8 * 64};
  arch.memories.push_back(buffer);
  Constraints constraints;
  constraints.loops.push_back({MemoryId{0}, "M", {2, 2}});
  constraints.stores.push_back({MemoryId{1}, Role::weight, true});
  constraints.tiles.push_back({MemoryId{1}, "K", {2, 2}});
  const Problem problem{workload, OperatorId{0}, arch, {}, constraints};
  const MapResult result = ExactMapper().map(problem, {}, nullptr);
  ASSERT_EQ(result.proof, Proof::optimal);
  EXPECT_TRUE(broken_rules(constraints, workload, arch, OperatorId{0}, result.tree->path).empty());

  constraints.loops.push_back({MemoryId{0}, "M", {3, 3}});
  const Problem impossible{workload, OperatorId{0}, arch, {}, constraints};
  const MapResult none = ExactMapper().map(impossible, {}, nullptr);
  EXPECT_EQ(none.proof, Proof::infeasible);
  EXPECT_NE(none.reason.find("no mapping obeys the constraints"), std::string::npos);
}

}  // namespace
}  // namespace tileloom::mapper::exact_test
