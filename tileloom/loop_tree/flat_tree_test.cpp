#include "tileloom/loop_tree/flat_tree.hpp"

#include <gtest/gtest.h>

namespace tileloom::flat_tree_test {
namespace {

constexpr TensorId kI{0}, kT{1}, kO{2};
constexpr MemoryId kDram{0};
constexpr OperatorId kFirst{0}, kSecond{1};

/// T[m] = I[m], then O[m] = T[m].
Workload two_copies() {
  Workload workload;
  const auto copy = [](TensorId from, TensorId to) {
    const Axis axis{{{RankId{0}, 1}}, 0, 8};
    Operator op;
    op.ranks = {{"M", 8}};
    op.inputs = {{from, Role::input, {axis}}};
    op.output = {to, Role::output, {axis}};
    return op;
  };
  workload.tensors = {{"I", {8}, 8, TensorKind::input},
                      {"T", {8}, 8, TensorKind::intermediate},
                      {"O", {8}, 8, TensorKind::output}};
  workload.operators = {copy(kI, kT), copy(kT, kO)};
  return workload;
}

TEST(FlatTree, AHomeLivesFromTheFirstLeafThatUsesItToTheLast) {
  const PathNode own = Loop{kFirst, RankId{0}, 1, std::nullopt};
  const LoopTree tree{{Store{kI, kDram}, Store{kT, kDram}, Store{kO, kDram}},
                      Sequence{{{{own}, ComputeLeaf{kFirst}}, {{}, ComputeLeaf{kSecond}}}}};
  const FlatTree flat = flat_tree(two_copies(), {}, tree);
  EXPECT_TRUE(flat.violations.empty());
  ASSERT_EQ(flat.leaves.size(), 2U);
  EXPECT_EQ(flat.leaves[0].path,
            (std::vector<PathNode>{Store{kI, kDram}, Store{kT, kDram}, own}));
  EXPECT_EQ(flat.leaves[1].path, (std::vector<PathNode>{Store{kT, kDram}, Store{kO, kDram}}));
  EXPECT_EQ(flat.leaves[1].turn, 1U);
  ASSERT_EQ(flat.homes.size(), 3U);
  EXPECT_EQ(flat.homes[0].last, 0U);   // I is read by the first only
  EXPECT_EQ(flat.homes[1].first, 0U);  // T by both
  EXPECT_EQ(flat.homes[1].last, 1U);
  EXPECT_EQ(flat.homes[2].first, 1U);  // O by the second
}

TEST(FlatTree, ChildrenOfAParallelTakeTheSameTurnInBranchesOfTheirOwn) {
  const LoopTree tree{{Store{kT, kDram}},
                      Parallel{{{{}, ComputeLeaf{kFirst}}, {{}, ComputeLeaf{kSecond}}}}};
  const FlatTree flat = flat_tree(two_copies(), {}, tree);
  ASSERT_EQ(flat.leaves.size(), 2U);
  EXPECT_EQ(flat.leaves[0].turn, flat.leaves[1].turn);
  EXPECT_EQ(flat.leaves[0].branch, 0U);
  EXPECT_EQ(flat.leaves[1].branch, 1U);
  EXPECT_EQ(flat.branches[1].homes, (std::vector<PathNode>{Store{kT, kDram}}));
}

}  // namespace
}  // namespace tileloom::flat_tree_test
