#include "tileloom/reference/interpret_tree.hpp"

#include <gtest/gtest.h>

#include "tileloom/loop_tree/text.hpp"

namespace tileloom::reference::interpret_tree_test {
namespace {

constexpr TensorId kI{0}, kT{1}, kO{2};

Axis plain(std::uint16_t rank, std::int64_t extent) {
  return {{{static_cast<RankId>(rank), 1}}, 0, extent};
}

/// twice: to = 2·from + 1, over 6 elements.
Operator twice(const char* name, TensorId from, TensorId to) {
  Operator op;
  op.name = name;
  op.ranks = {{"A", 6}};
  op.inputs = {{from, Role::input, {plain(0, 6)}}};
  op.output = {to, Role::output, {plain(0, 6)}};
  op.function = PointFunction::activation;
  op.reduction = Reduction::none;
  return op;
}

/// rows: to[a] = Σ_b from[a, b], a matrix of 2 × 3.
Operator rows(const char* name, TensorId from, TensorId to) {
  Operator op;
  op.name = name;
  op.ranks = {{"A", 2}, {"B", 3}};
  op.inputs = {{from, Role::input, {plain(0, 2), plain(1, 3)}}};
  op.output = {to, Role::output, {plain(0, 2)}};
  op.function = PointFunction::copy;
  return op;
}

Architecture machine() {
  Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "Buffer"});
  return arch;
}

TEST(InterpretTree, ASequencePassesValuesOnThroughEachOnesView) {
  Workload workload;
  workload.tensors = {{"I", {6}}, {"T", {6}}, {"O", {2}}};
  workload.operators = {twice("twice", kI, kT), rows("rows", kT, kO)};
  const LoopTree tree = parse_tree(
                            "store I, T, O in DRAM\n"
                            "sequence\n"
                            "  then\n"
                            "    for twice.A in 1\n"
                            "      compute twice\n"
                            "  then\n"
                            "    for rows.A in 1\n"
                            "      store T in Buffer\n"
                            "      for rows.B in 1\n"
                            "        compute rows\n",
                            "t", workload, machine())
                            .value();
  const TreeInterpretation run =
      interpret_tree(workload, machine(), tree,
                     {{kI, {1, 2, 3, 4, 5, 6}}, {kT, {0, 0, 0, 0, 0, 0}}, {kO, {0, 0}}});
  // T = 3 5 7 | 9 11 13, O = 15, 33
  EXPECT_EQ(run.tensors.at(kT), (std::vector<double>{3, 5, 7, 9, 11, 13}));
  EXPECT_EQ(run.tensors.at(kO), (std::vector<double>{15, 33}));
  ASSERT_EQ(run.leaves.size(), 2U);
  // twice: T is written 6 times where it is at home, I read 6 times; O is none of its business.
  ASSERT_EQ(run.leaves[0].counts.stores.size(), 2U);
  EXPECT_EQ(run.leaves[0].counts.stores[0].reads, 6);
  EXPECT_EQ(run.leaves[0].counts.stores[1].updates, 6);
  // rows: T moves once into Buffer; O is updated 6 times, 4 of them find a sum.
  ASSERT_EQ(run.leaves[1].counts.stores.size(), 3U);
  EXPECT_EQ(run.leaves[1].counts.stores[0].reads, 6);
  EXPECT_EQ(run.leaves[1].counts.stores[1].updates, 6);
  EXPECT_EQ(run.leaves[1].counts.stores[1].update_reads, 4);
  EXPECT_EQ(run.leaves[1].counts.stores[2].fills, 6);
}

TEST(InterpretTree, ChildrenOfAParallelAllRun) {
  Workload workload;
  workload.tensors = {{"I", {6}}, {"T", {6}}, {"O", {2}}};
  workload.operators = {twice("twice", kI, kT), rows("rows", kI, kO)};
  const std::string children =
      "  then\n    for twice.A in 1\n      compute twice\n"
      "  then\n    for rows.A in 1\n      for rows.B in 1\n        compute rows\n";
  const LoopTree tree =
      parse_tree("store I, T, O in DRAM\nparallel\n" + children, "t", workload, machine()).value();
  const TreeInterpretation run =
      interpret_tree(workload, machine(), tree,
                     {{kI, {1, 2, 3, 4, 5, 6}}, {kT, {0, 0, 0, 0, 0, 0}}, {kO, {0, 0}}});
  EXPECT_EQ(run.tensors.at(kT), (std::vector<double>{3, 5, 7, 9, 11, 13}));
  EXPECT_EQ(run.tensors.at(kO), (std::vector<double>{6, 15}));
  EXPECT_EQ(run.leaves.size(), 2U);
}

TEST(InterpretTree, ALoopAboveASequenceTilesIt) {
  Workload workload;
  workload.tensors = {{"I", {6}}, {"T", {6}, 32, TensorKind::output}};
  workload.operators = {twice("twice", kI, kT)};
  const LoopTree tree = parse_tree(
                            "store I, T in DRAM\nfor A in 4\n  sequence\n    then\n"
                            "      for A in 1\n        compute twice\n",
                            "t", workload, machine())
                            .value();
  const TreeInterpretation run = interpret_tree(
      workload, machine(), tree, {{kI, {1, 2, 3, 4, 5, 6}}, {kT, {0, 0, 0, 0, 0, 0}}});
  EXPECT_EQ(run.tensors.at(kT), (std::vector<double>{3, 5, 7, 9, 11, 13}));
  ASSERT_EQ(run.stacks.size(), 1U);
  EXPECT_EQ(run.stacks[0].children[0].steps, 6);
}

TEST(InterpretTree, ALoopAboveAParallelIsReported) {
  Workload workload;
  workload.tensors = {{"I", {6}}, {"T", {6}}};
  workload.operators = {twice("twice", kI, kT)};
  const LoopTree tree = parse_tree(
                            "store I, T in DRAM\nfor A in 1\n  parallel\n    then\n"
                            "      compute twice\n",
                            "t", workload, machine())
                            .value();
  EXPECT_THROW(interpret_tree(workload, machine(), tree, sample_values(workload)),
               std::logic_error);
}

}  // namespace
}  // namespace tileloom::reference::interpret_tree_test
