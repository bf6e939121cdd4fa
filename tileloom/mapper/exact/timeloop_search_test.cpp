#include "tileloom/mapper/exact/timeloop_search.hpp"

#include <gtest/gtest.h>

#include "tileloom/mapper/exact/level_brute_force_test.hpp"
#include "tileloom/mapper/exact/random_machine_test.hpp"
#include "tileloom/mapper/exact/timeloop_floor.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::mapper {
namespace {

namespace model = cost::timeloop;

/// A machine that Timeloop can express.
Architecture expressible_machine(Random& random) {
  Architecture arch = random_machine(random, 1);
  for (Memory& memory : arch.memories) memory.write = memory.read;
  for (SpatialAxis& axis : arch.axes) {
    axis.multicast = axis.reduce = true;
    axis.hop = {};
  }
  return arch;
}

/// What only Timeloop's machines have: shared arrays, blocks, networks that cost.
void decorate(model::Arch& arch, Random& random) {
  for (model::Level& level : arch.levels) {
    level.cluster_size = random.between(1, 2);
    level.block_size = random.between(1, 2);
    if (random.below(3) == 0) level.network_to_child = {0.5, 0.25};
  }
}

TEST(TimeloopSearch, EqualsBruteForceOnTinyProblemsAndTheFloorIsNeverAboveIt) {
  Random random(41);
  const Constraints none;
  int problems = 0;
  int found_best = 0;
  int met = 0;
  for (int attempt = 0; attempt < 5000 && problems < effort(60); ++attempt) {
    const Architecture arch = expressible_machine(random);
    const Workload workload = random_work(random, 2, 2);
    const OperatorId op{0};
    auto machine = model::arch_from(arch);
    ASSERT_TRUE(machine);
    decorate(*machine, random);
    const TimeloopNouns nouns{*machine, *model::problem_from(workload, workload.operators[op])};
    const MapSpace space = make_map_space(workload, op, arch, none);
    const cost::Objective objective = *cost::parse_objective(
        std::vector{"edp", "energy", "latency"}[static_cast<std::size_t>(attempt % 3)]);
    const TimeloopScorer scorer(space, nouns, objective);
    std::optional<cost::Score> least;
    const bool all = LevelBruteForce(space, Factors::perfect, 1500).run([&](const Point& point) {
      if (!legal(space, point)) return;
      const auto mapping = model::mapping_from(workload, workload.operators[op], arch,
                                               path_of(space, point));
      ASSERT_TRUE(mapping);
      ASSERT_EQ(*mapping, timeloop_mapping(space, point));
      const std::optional<cost::Score> score = scorer(point);
      if (score && (!least || *score < *least)) least = score;
    });
    if (!all) continue;
    ++problems;
    const Problem problem{workload, op, arch, objective, none};
    const TimeloopAnswer answer = map_under_timeloop(problem, nouns, {.evaluations = 600});
    EXPECT_EQ(answer.tree.has_value(), least.has_value()) << attempt;
    EXPECT_EQ(answer.proof == Proof::infeasible, !least.has_value()) << attempt;
    if (!least || !answer.tree) continue;
    EXPECT_LE(timeloop_floor(space, nouns, objective), *least) << attempt;
    EXPECT_LE(*least, answer.score) << attempt;
    if (answer.score == *least) ++found_best;
    if (answer.proof == Proof::optimal) {
      ++met;
      EXPECT_EQ(answer.score, *least) << attempt;
    }
  }
  // Of 60 problems; sanitized builds try fewer.
  EXPECT_GE(found_best * 10, problems * 8);
  EXPECT_GE(met, problems / 10);
  EXPECT_GT(problems, 0);
}

}  // namespace
}  // namespace tileloom::mapper
