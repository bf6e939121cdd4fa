#include "tileloom/mapper/exact/product/search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/mapper/exact/exact.hpp"
#include "tileloom/mapper/exact/level_search.hpp"
#include "tileloom/mapper/exact/product/brute_force_test.hpp"
#include "tileloom/support/effort_test.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::product {
namespace {

const std::vector<std::string> kObjectives{"latency", "energy", "edp", "latency,energy",
                                           "energy,latency"};

/// What the best mappings of a space cost.
struct Optima {
  std::vector<std::optional<cost::Score>> best{kObjectives.size()};  ///< by objective
  std::map<std::int64_t, double> energy;  ///< the least by number of cycles
};

Optima optima(const Workload& workload, const MapSpace& space, std::int64_t limit, bool& all) {
  Optima optima;
  cost::Evaluator evaluator(*space.op, *space.arch);
  std::vector<cost::Objective> objectives;
  for (const std::string& text : kObjectives) objectives.push_back(*cost::parse_objective(text));
  all = for_each_mapping(space, limit, [&](std::span<const PathNode> path) {
    const CheckedPath checked{workload, *space.arch, space.id, path};
    const cost::QuickCost cost = evaluator(path);
    if (!cost.fits || !broken_rules(checked).empty()) return;
    const Cycles cycles{static_cast<std::int64_t>(cost.cycles)};
    for (std::size_t i = 0; i < kObjectives.size(); ++i) {
      std::optional<cost::Score>& best = optima.best[i];
      const cost::Score score = cost::score(objectives[i], cycles, Picojoules{cost.picojoules});
      if (!best || score < *best) best = score;
    }
    const auto [entry, fresh] = optima.energy.try_emplace(cycles.value, cost.picojoules);
    if (!fresh) entry->second = std::min(entry->second, cost.picojoules);
  });
  return optima;
}

constexpr double kAlmost = 1 + 1e-9;

bool some_point_within(const ParetoFront& front, std::int64_t cycles, double picojoules) {
  return std::ranges::any_of(front.points, [&](const ParetoPoint& point) {
    return point.evaluation.latency.total.value <= cycles &&
           point.evaluation.energy.value <= picojoules * kAlmost;
  });
}

/// The points are the whole front: none of them can be beaten, and they leave nothing out.
void expect_whole(const ParetoFront& front, const Optima& optima) {
  EXPECT_TRUE(front.complete());
  EXPECT_EQ(gap(front), 0);
  for (const auto& [cycles, picojoules] : optima.energy) {
    EXPECT_TRUE(some_point_within(front, cycles, picojoules)) << cycles << " " << picojoules;
  }
  for (std::size_t i = 0; i < front.points.size(); ++i) {
    const cost::Evaluation& point = front.points[i].evaluation;
    const auto& [cycles, picojoules] =
        *std::prev(optima.energy.upper_bound(point.latency.total.value));
    EXPECT_EQ(cycles, point.latency.total.value);
    EXPECT_NEAR(picojoules, point.energy.value, 1e-9 * picojoules);
    if (i == 0) continue;
    EXPECT_GT(point.latency.total, front.points[i - 1].evaluation.latency.total);
    EXPECT_LT(point.energy, front.points[i - 1].evaluation.energy);
  }
}

/// What a search that was stopped says holds of every mapping.
void expect_bounded(const ParetoFront& front, const Optima& optima) {
  for (const auto& found : optima.energy) {
    if (some_point_within(front, found.first, found.second)) continue;
    const auto below = [&](const ParetoCorner& corner) {
      return corner.latency.value <= found.first && corner.energy.value <= found.second * kAlmost;
    };
    EXPECT_TRUE(std::ranges::any_of(front.corners, below)) << found.first << " " << found.second;
  }
}

constexpr int kProblems = effort(250);

/// Eight seeds, so that 2000 problems are spread over as many tests.
class ProductSearchTest : public testing::TestWithParam<int> {};

TEST_P(ProductSearchTest, EqualsBruteForceOnTinyProblemsForEveryObjective) {
  Random random(20261121 + static_cast<std::uint64_t>(GetParam()));
  const Constraints none;
  int problems = 0;
  for (int attempt = 0; attempt < 100 * kProblems && problems < kProblems; ++attempt) {
    const Architecture arch = random_machine(random);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    if (!survey(space)) continue;
    bool all = false;
    const Optima brute = optima(workload, space, 20000, all);
    const auto& best = brute.best;
    if (!all) continue;
    ++problems;
    if (best[0]) {
      const Problem problem{workload, OperatorId{0}, arch, *cost::parse_objective("pareto"), none};
      const MapResult whole = ExactMapper().map(problem, {.evaluations = 2'000'000}, nullptr);
      ASSERT_EQ(whole.proof, Proof::optimal) << "problem " << attempt;
      SCOPED_TRACE(testing::Message() << "front of problem " << attempt);
      expect_whole(*whole.front, brute);
      for (const std::int64_t evaluations : {4, 40}) {
        const MapResult stopped = ExactMapper().map(problem, {.evaluations = evaluations}, nullptr);
        expect_bounded(*stopped.front, brute);
      }
    }
    for (std::size_t i = 0; i < kObjectives.size(); ++i) {
      const cost::Objective objective = *cost::parse_objective(kObjectives[i]);
      const Problem problem{workload, OperatorId{0}, arch, objective, none};
      const MapResult result = ExactMapper().map(problem, {.evaluations = 1'000'000}, nullptr);
      if (!best[i]) {
        EXPECT_FALSE(result.tree) << "problem " << attempt;
        continue;
      }
      ASSERT_EQ(result.proof, Proof::optimal) << "problem " << attempt << " " << kObjectives[i];
      const cost::Score found =
          cost::score(objective, result.evaluation->latency.total, result.evaluation->energy);
      EXPECT_NEAR(found.first, best[i]->first, 1e-9 * found.first)
          << "problem " << attempt << " " << kObjectives[i];
      EXPECT_NEAR(found.second, best[i]->second, 1e-9 * found.second + 1e-12)
          << "problem " << attempt << " " << kObjectives[i];
      // Stopped early, the bound holds and the mapping is no better than the best.
      const MapResult stopped = ExactMapper().map(problem, {.evaluations = 5 << i}, nullptr);
      EXPECT_LE(stopped.lower_bound.first, best[i]->first * (1 + 1e-9)) << "problem " << attempt;
    }
  }
  EXPECT_EQ(problems, kProblems);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProductSearchTest, testing::Range(0, 8));

TEST(ProductSearch, ABoxThatFallsBackKeepsWhatItShares) {
  // K, store W, P, store I: when K moves, P falls back, and the input box keeps what its first and
  // last places share. Such visits cost less than a whole pass over the inputs.
  const Constraints none;
  int problems = 0;
  for (std::int64_t capacity = 3; capacity <= 12; ++capacity) {
    for (const std::int64_t output : {2, 3, 4}) {
      for (const std::int64_t channels : {2, 4}) {
        Architecture arch;
        for (const char* name : {"outer", "inner"}) {
          Memory memory;
          memory.name = name;
          memory.read.value.value = 1;
          memory.write.value.value = 1;
          memory.shared_along.clear();
          arch.memories.push_back(memory);
        }
        Memory& inner = arch.memories[MemoryId{1}];
        inner.capacity = Bits{8 * capacity};
        inner.read.value.value = inner.write.value.value = 0.01;
        const Workload workload = one_conv("conv",
                                           {.batch = 1,
                                            .in_channels = 1,
                                            .out_channels = channels,
                                            .groups = 1,
                                            .axes = {{.output = output, .filter = 3}}},
                                           {8, 8, 8, 8});
        const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
        ASSERT_TRUE(survey(space));
        bool all = false;
        const auto best = optima(workload, space, 200'000, all).best;
        if (!all) continue;
        ++problems;
        const cost::Objective energy{cost::Metric::energy, std::nullopt};
        const Problem problem{workload, OperatorId{0}, arch, energy, none};
        const MapResult result = ExactMapper().map(problem, {}, nullptr);
        ASSERT_EQ(result.proof, Proof::optimal);
        EXPECT_NEAR(result.evaluation->energy.value, best[1]->first, 1e-9 * best[1]->first)
            << capacity << " " << output << " " << channels;
      }
    }
  }
  EXPECT_EQ(problems, 60);
}

// Stride and dilation of 2: when the filter moves on and the output falls back, the window stands
// still. Best is P, Q, R | inputs | weights or the like: a loop over Q between the two Stores, or
// one that has to sink below the weights, would fall back with the window and fill it anew.
TEST(ProductSearch, ALoopThatAWindowWouldFallBackWithMayStandOutside) {
  Architecture arch;
  for (const char* name : {"outer", "inner"}) {
    Memory memory;
    memory.name = name;
    arch.memories.push_back(memory);
  }
  Memory& outer = arch.memories[MemoryId{0}];
  outer.read.value.value = 58;
  outer.write.value.value = 13;
  Memory& inner = arch.memories[MemoryId{1}];
  inner.read.value.value = inner.write.value.value = 1;
  inner.capacity = Bits{16};
  inner.holds = {true, true, false};
  arch.compute.mac.value.value = 1;
  const ConvAxis window{.output = 2, .filter = 3, .stride = 2, .dilation = 2};
  const Workload workload =
      one_conv("conv", {.out_channels = 2, .axes = {window, {.output = 2}}}, {8, 8, 8, 16});
  const Constraints none;
  const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
  bool all = false;
  const auto best = optima(workload, space, 3'000'000, all).best;
  ASSERT_TRUE(all);
  for (std::size_t i = 0; i < kObjectives.size(); ++i) {
    const Problem problem{workload, OperatorId{0}, arch, *cost::parse_objective(kObjectives[i]),
                          none};
    const MapResult result = ExactMapper().map(problem, {}, nullptr);
    ASSERT_EQ(result.proof, Proof::optimal);
    const cost::Score score =
        cost::score(problem.objective, result.evaluation->latency.total, result.evaluation->energy);
    EXPECT_NEAR(score.first, best[i]->first, 1e-9 * best[i]->first) << kObjectives[i];
    EXPECT_NEAR(score.second, best[i]->second, 1e-9 * best[i]->second) << kObjectives[i];
  }
}

TEST(ProductSearch, FindsWhatOnlyUnevenPlacementAllows) {
  // Energy of a random tiny machine where Stores of one memory with loops between them win: the
  // level-structured search cannot reach it.
  Random random(77);
  const Constraints none;
  int better = 0;
  for (int attempt = 0; attempt < 60; ++attempt) {
    const Architecture arch = random_machine(random);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    if (!survey(space)) continue;
    const Problem problem{
        workload, OperatorId{0}, arch, {cost::Metric::energy, std::nullopt}, none};
    const MapResult free = ExactMapper().map(problem, {}, nullptr);
    const MapResult level = search_levels(problem, space, {}, nullptr);
    if (free.proof != Proof::optimal || level.proof != Proof::optimal) continue;
    EXPECT_LE(free.evaluation->energy.value, level.evaluation->energy.value * (1 + 1e-9));
    if (free.evaluation->energy.value < level.evaluation->energy.value * (1 - 1e-9)) ++better;
  }
  EXPECT_GT(better, 0);
}

}  // namespace
}  // namespace tileloom::mapper::product
