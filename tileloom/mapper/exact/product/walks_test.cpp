#include "tileloom/mapper/exact/product/walks.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tileloom/mapper/exact/product/choices_test.hpp"
#include "tileloom/mapper/exact/product/walk_leaves.hpp"
#include "tileloom/support/effort_test.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::product {
namespace {

/// The best score that walks find under a choice; infinite if none fits.
double found_by_walks(const Terrain& terrain, const Choice& choice, const char* objective) {
  ChoiceAtHand at_hand(terrain, choice);
  const ChainProblem problem = at_hand.problem();
  ChainMemo memo;
  ChainBound chains(problem, Detail::fine, memo);
  const Budget budget;
  Record record;
  record.objective = *cost::parse_objective(objective);
  record.budget = &budget;
  record.work_limit = INT64_MAX / 2;
  Evaluators evaluators([&terrain] {
    return cost::Evaluator(*terrain.space->op, *terrain.space->arch);
  });
  LeafWalks walks(chains, at_hand.skeletons(), at_hand.layouts(), evaluators, record);
  std::vector<bool> done(at_hand.skeletons().size());
  EXPECT_TRUE(walks.run(done));
  return record.score ? record.score->first : INFINITY;
}

/// The best of every choice; how many there were.
int expect_best(const Workload& workload, const Architecture& arch, std::int64_t most_mappings,
                const std::string& which) {
  const Constraints none;
  const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
  const std::optional<Terrain> terrain = survey(space);
  if (!terrain) return 0;
  int choices = 0;
  for (const auto& item : best_of_choices(workload, *terrain, most_mappings)) {
    const Choice& choice = item.first;
    const Least& best = item.second;
    const auto expect = [&](const char* objective, double least) {
      const double found = found_by_walks(*terrain, choice, objective);
      EXPECT_NEAR(found, least, 1e-9 * least) << which << ", " << objective;
    };
    expect("energy", best.picojoules);
    expect("latency", best.cycles);
    expect("edp", best.product);
    ++choices;
  }
  return choices;
}

TEST(Walks, FindTheBestMappingOfEveryChoice) {
  Random random(77);
  int choices = 0;
  for (int attempt = 0; attempt < effort(240); ++attempt) {
    const Architecture arch = random_machine(random);
    const Workload workload = random_work(random);
    choices += expect_best(workload, arch, 8000, "attempt " + std::to_string(attempt));
  }
  EXPECT_GT(choices, 25);
}

// Windows that return to where they were, in every order with loops over filters and channels.
TEST(Walks, FindTheBestMappingWhereWindowsReturn) {
  Random random(5);
  int choices = 0;
  for (int attempt = 0; attempt < effort(24); ++attempt) {
    const Architecture arch = random_machine(random);
    const ConvAxis axis{.output = attempt % 2 == 0 ? 2 : 4,
                        .filter = 3,
                        .stride = 1 + attempt % 3 / 2};
    const Workload workload =
        one_conv("conv", {.in_channels = 2, .out_channels = 2, .axes = {axis}}, {8, 8, 8, 8});
    choices += expect_best(workload, arch, 20'000, "attempt " + std::to_string(attempt));
  }
  EXPECT_GT(choices, 5);
}

}  // namespace
}  // namespace tileloom::mapper::product
