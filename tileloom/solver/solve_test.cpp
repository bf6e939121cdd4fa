#include "tileloom/solver/solve.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tileloom/support/random.hpp"

namespace tileloom::solver {
namespace {

/// max 5a + 4b + 3c, weights 2 3 1 ≤ 5 and 4 1 2 ≤ 11 and 3 4 2 ≤ 8 (as minimisation).
Mip textbook(bool integer) {
  Mip mip;
  const VariableId a = mip.variables.push_back({"a", 0, kUnbounded, integer, -5});
  const VariableId b = mip.variables.push_back({"b", 0, kUnbounded, integer, -4});
  const VariableId c = mip.variables.push_back({"c", 0, kUnbounded, integer, -3});
  mip.rows.push_back({"first", {{a, 2}, {b, 3}, {c, 1}}, -kUnbounded, 5});
  mip.rows.push_back({"second", {{a, 4}, {b, 1}, {c, 2}}, -kUnbounded, 11});
  mip.rows.push_back({"third", {{a, 3}, {b, 4}, {c, 2}}, -kUnbounded, 8});
  return mip;
}

/// A random program small enough to enumerate: 4 variables of 0 … 3, 3 rows.
Mip random_mip(Random& random) {
  Mip mip;
  for (int i = 0; i < 4; ++i) {
    mip.variables.push_back({"x", 0, 3, true, static_cast<double>(random.between(-5, 5))});
  }
  for (int r = 0; r < 3; ++r) {
    Row row{"r", {}, -kUnbounded, static_cast<double>(random.between(1, 12))};
    for (const VariableId v : ids<VariableId>(4)) {
      row.sum.push_back({v, static_cast<double>(random.between(-2, 5))});
    }
    if (random.below(2) == 0) row.least = static_cast<double>(random.between(-6, 1));
    mip.rows.push_back(row);
  }
  return mip;
}

std::optional<double> brute_force(const Mip& mip) {
  std::optional<double> best;
  for (int code = 0; code < 256; ++code) {
    Values values(4);
    for (int i = 0; i < 4; ++i) values[VariableId(i)] = (code >> (2 * i)) & 3;
    if (!broken(mip, values).empty()) continue;
    if (!best || objective(mip, values) < *best) best = objective(mip, values);
  }
  return best;
}

TEST(Solve, TheTextbookProgramHasThirteenAtTwoZeroOne) {
  for (const Backend backend : backends()) {
    const Solution solution = solve(textbook(true), {.backend = backend});
    EXPECT_EQ(solution.proof, Proof::optimal);
    ASSERT_TRUE(solution.values);
    EXPECT_NEAR(solution.value, -13, 1e-9);
    EXPECT_EQ(*solution.values, (Values{2, 0, 1}));
  }
}

TEST(Solve, AgreesWithEnumerationOnRandomPrograms) {
  Random random(3);
  for (int i = 0; i < 150; ++i) {
    const Mip mip = random_mip(random);
    const std::optional<double> truth = brute_force(mip);
    for (const Backend backend : backends()) {
      const Solution solution = solve(mip, {.backend = backend});
      ASSERT_EQ(solution.proof, truth ? Proof::optimal : Proof::infeasible) << i;
      if (!truth) continue;
      EXPECT_NEAR(solution.value, *truth, 1e-6) << i;
      EXPECT_TRUE(broken(mip, *solution.values).empty());
      EXPECT_LE(solution.bound, *truth + 1e-6);
    }
  }
}

TEST(Solve, GivesTheSameAnswersFromSeveralThreads) {
  const auto answers = [](std::vector<double>& values) {
    Random random(5);
    for (int i = 0; i < 60; ++i) values.push_back(solve(random_mip(random), {}).value);
  };
  std::vector<double> alone;
  answers(alone);
  std::vector<std::vector<double>> together(3);
  std::vector<std::thread> threads;
  for (std::vector<double>& values : together) threads.emplace_back(answers, std::ref(values));
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<double>& values : together) EXPECT_EQ(values, alone);
}

TEST(Solve, ACutoffBelowTheOptimumLeavesNothing) {
  for (const Backend backend : backends()) {
    const Effort effort{.backend = backend, .cutoff = -13.5};
    EXPECT_EQ(solve(textbook(true), effort).proof, Proof::infeasible) << to_string(backend);
  }
}

// Without integers the same values are best, for the rows' prices 1, 0, 1 say 5 + 8 = 13.
TEST(Solve, AProgramWithoutIntegersIsItsOwnBound) {
  for (const Backend backend : backends()) {
    const Solution solution = solve(textbook(false), {.backend = backend});
    EXPECT_EQ(solution.proof, Proof::optimal) << to_string(backend);
    EXPECT_NEAR(solution.value, -13, 1e-9) << to_string(backend);
    EXPECT_NEAR(solution.bound, -13, 1e-9) << to_string(backend);
  }
}

TEST(Solve, AnObjectiveWithoutAnEndHasNoBound) {
  Mip mip;
  const VariableId a = mip.variables.push_back({"a", 0, kUnbounded, true, -1});
  mip.variables.push_back({"b", 0, 3, true, 1});
  mip.rows.push_back({"least", {{a, 1}}, 2, kUnbounded});
  EXPECT_FALSE(bounded_below(mip));
  for (const Backend backend : backends()) {
    const Solution solution = solve(mip, {.backend = backend});
    EXPECT_EQ(solution.proof, Proof::budget_spent) << to_string(backend);
    EXPECT_EQ(solution.bound, -kUnbounded) << to_string(backend);
  }
  mip.variables[a].most = 9;
  EXPECT_TRUE(bounded_below(mip));
}

TEST(Mip, BrokenRowsAreNamedWithTheirNumbers) {
  const Mip mip = textbook(true);
  EXPECT_EQ(broken(mip, Values{3, 0, 0.5}),
            (std::vector<std::string>{"c is 0.5, not a whole number",
                                      "first is 6.5, must be at most 5",
                                      "second is 13, must be at most 11",
                                      "third is 10, must be at most 8"}));
}

TEST(Mip, IsReadable) {
  EXPECT_EQ(to_text(textbook(true)),
            "minimise: -5 a - 4 b - 3 c\n"
            "first: 2 a + 3 b + c ≤ 5\n"
            "second: 4 a + b + 2 c ≤ 11\n"
            "third: 3 a + 4 b + 2 c ≤ 8\n");
}

TEST(Solve, AnUnknownSolverIsAMistake) {
  EXPECT_EQ(to_string(parse_backend("cbx").error()), "unknown solver 'cbx': did you mean 'cbc'?\n");
}

/// n objects of weights and values that differ little: hard to prove best.
Mip knapsack(int n) {
  Random random(5);
  Mip mip;
  Row row{"weight", {}, -kUnbounded, 0};
  for (int i = 0; i < n; ++i) {
    const double weight = static_cast<double>(random.between(1000, 1100));
    const VariableId x = mip.variables.push_back(
        {"x", 0, 1, true, -weight - static_cast<double>(random.below(5))});
    row.sum.push_back({x, weight});
    row.most += weight / 2;
  }
  mip.rows.push_back(row);
  return mip;
}

TEST(Solve, StopsWhenTold) {
  const std::atomic<bool> stop{true};
  const Solution solution = solve(knapsack(60), {.stop = &stop});
  EXPECT_EQ(solution.proof, Proof::budget_spent);
}

TEST(Solve, ABudgetOfNodesIsKept) {
  for (const std::int64_t nodes : {1, 100, 150, 400}) {
    const Solution solution = solve(knapsack(60), {.nodes = nodes});
    EXPECT_LE(solution.nodes, nodes + 2);
    ASSERT_TRUE(solution.values);
    EXPECT_LE(solution.bound, solution.value + 1e-9);
    EXPECT_TRUE(broken(knapsack(60), *solution.values).empty());
  }
}

}  // namespace
}  // namespace tileloom::solver
