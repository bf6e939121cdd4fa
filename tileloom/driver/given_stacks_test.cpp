// A stack of two operators on eight elements, worked by hand, and what executing it shows.

#include "tileloom/driver/given_stacks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tileloom/driver/replay_given.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/stacks/fused_table.hpp"

namespace tileloom::driver::given_stacks_test {
namespace {

Operator relu(const std::string& name, std::uint32_t from, std::uint32_t to, std::int64_t n) {
  Operator op;
  op.name = name;
  op.function = PointFunction::activation;
  op.ranks = {{"i", n}};
  const Axis axis{{{RankId{0}, 1}}, 0, n};
  op.inputs = {{.tensor = TensorId{from}, .axes = {axis}}};
  op.output = {.tensor = TensorId{to}, .role = Role::output, .axes = {axis}};
  return op;
}

/// X -> a -> T -> b -> Y.
Workload two_relus(std::int64_t n) {
  Workload workload;
  workload.name = "two";
  workload.tensors.push_back({"X", {n}, 8, TensorKind::input});
  workload.tensors.push_back({"T", {n}, 8, TensorKind::intermediate});
  workload.tensors.push_back({"Y", {n}, 8, TensorKind::output});
  workload.operators.push_back(relu("a", 0, 1, n));
  workload.operators.push_back(relu("b", 1, 2, n));
  return workload;
}

/// Every access costs 1 pJ, every operation 1 pJ and a cycle.
Architecture machine() {
  Architecture arch;
  arch.name = "small";
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "L1", .capacity = Bits{64}});
  for (Memory& memory : arch.memories) {
    memory.read.value.value = memory.write.value.value = 1;
  }
  arch.compute.other.value.value = 1;
  return arch;
}

const std::string kStack =
    "store X, Y in DRAM\n"
    "sequence\n"
    "  then\n"
    "    for b.i in 2\n"
    "      store T in L1\n"
    "      sequence\n"
    "        then\n"
    "          for a.i in 1\n"
    "            compute a\n"
    "        then\n"
    "          for b.i in 1\n"
    "            compute b\n";

LoopTree tree_from(const std::string& text, const Workload& workload, const Architecture& arch) {
  Result<LoopTree> tree = parse_tree(text, "text", workload, arch);
  EXPECT_TRUE(tree) << (tree ? "" : to_string(tree.error()));
  for (const Violation& broken : check(workload, arch, *tree)) ADD_FAILURE() << broken.what;
  return *tree;
}

// Eight elements: a reads X and writes T, b reads T and writes Y, 8 accesses each, and 16
// operations: 48 pJ, 16 cycles. T lives two elements at a time: 16 bits.
TEST(GivenStacks, AStackCostsWhatItsAccessesCost) {
  const Workload workload = two_relus(8);
  const Architecture arch = machine();
  const LoopTree tree = tree_from(kStack, workload, arch);
  ASSERT_TRUE(runs_in_parts(workload, tree));
  const scheduler::FusedSchedule schedule = evaluate_stacks(workload, arch, tree);
  EXPECT_EQ(schedule.latency, Cycles{16});
  EXPECT_DOUBLE_EQ(schedule.energy.value, 48);
  ASSERT_EQ(schedule.parts.size(), 1U);
  EXPECT_EQ(schedule.parts[0].tiling, "i in 2");
  EXPECT_EQ(schedule.parts[0].fused->iterations, 4);
  EXPECT_EQ(*schedule.tree, tree);
  EXPECT_EQ(report::fused_table(workload, arch, schedule),
            "two on small, a given schedule\n"
            "\n"
            "operators  n  tiles   count  again  cycles    energy\n"
            "----------------------------------------------------\n"
            "a .. b     2  i in 2      4  0.0 %      16  48.00 pJ\n"
            "\n"
            "16 cycles\n"
            "48.00 pJ\n"
            "no schedule takes less than 16 cycles or 32.00 pJ\n");
}

TEST(GivenStacks, ExecutingAStackConfirmsWhatTheCostModelSays) {
  const Workload workload = two_relus(8);
  Architecture arch = machine();
  arch.memories[MemoryId{0}].ports.read = 4;  // two cycles an element: X takes 16 cycles
  const LoopTree tree = tree_from(kStack, workload, arch);
  const auto replay = replay_given(workload, arch, tree, cost::LatencyModel::overlapped);
  ASSERT_TRUE(replay);
  EXPECT_TRUE(replay->agrees());
  EXPECT_EQ(replay->elements, 8);  // of Y; T is no result
  ASSERT_EQ(replay->parts.size(), 1U);
  // a takes the 16 cycles of X, b its 8.
  EXPECT_EQ(replay->parts[0].model, Cycles{24});
  EXPECT_DOUBLE_EQ(replay->parts[0].executed, 24);
  const auto& figures = replay->parts[0].figures;
  const auto peak = std::ranges::find_if(figures, [](const report::ReplayedFigure& figure) {
    return figure.what == "peak" && figure.memory == MemoryId{1};
  });
  ASSERT_NE(peak, figures.end());
  EXPECT_EQ(peak->executed, 16);
  EXPECT_EQ(report::replay_table(workload, arch, *replay),
            "\nexecuted step by step:\n"
            "  a .. b: 24 cycles, 24 by the cost model; all bits and peaks as it says\n"
            "  8 elements of results, all as the network computes them\n");
}

TEST(GivenStacks, ATreeOfSomeOperatorsIsExecutedAsFarAsItGoes) {
  const Workload workload = two_relus(8);
  const Architecture arch = machine();
  const LoopTree tree = tree_from(
      "store X, T in DRAM\n"
      "for a.i in 1\n"
      "  compute a\n",
      workload, arch);
  const auto replay = replay_given(workload, arch, tree, cost::LatencyModel::overlapped);
  ASSERT_TRUE(replay);
  EXPECT_TRUE(replay->agrees());
  EXPECT_EQ(replay->elements, 8);  // of T
  // The bound is one of both operators.
  const scheduler::FusedSchedule schedule = evaluate_stacks(workload, arch, tree);
  EXPECT_EQ(schedule.latency, Cycles{8});
  EXPECT_EQ(schedule.bound.latency, Cycles{0});
  const std::string table = report::fused_table(workload, arch, schedule, {});
  EXPECT_EQ(table.find("no schedule takes less"), std::string::npos) << table;
}

// In softmax of sample values sums are zero now and then, and quotients are added tile by tile.
TEST(GivenStacks, ResultsAgreeThatAreNoNumbersOrRoundedOtherwise) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(same_result(nan, nan));
  EXPECT_TRUE(same_result(infinite, infinite));
  EXPECT_TRUE(same_result(0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1));
  EXPECT_FALSE(same_result(nan, 1));
  EXPECT_FALSE(same_result(1, nan));
  EXPECT_FALSE(same_result(infinite, -infinite));
  EXPECT_FALSE(same_result(infinite, 1));
  EXPECT_FALSE(same_result(3, 4));
}

TEST(GivenStacks, AnExecutionThatDisagreesSaysWhere) {
  const Workload workload = two_relus(8);
  const Architecture arch = machine();
  report::ReplayReport replay;
  replay.elements = 8;
  replay.wrong = 2;
  replay.parts.push_back({{OperatorId{0}}, Cycles{9}, 7, false, {{MemoryId{1}, "peak", 16, 24, false}}});
  EXPECT_FALSE(replay.agrees());
  EXPECT_EQ(report::replay_table(workload, arch, replay),
            "\nexecuted step by step:\n"
            "  a: 7 cycles, 9 by the cost model: faster than it says is possible\n"
            "    peak of L1: 24 bits, 16 by the cost model\n"
            "  2 of 8 elements of results are wrong\n");
}

TEST(GivenStacks, AMappingTooLargeToBeExecutedIsRefused) {
  const Workload workload = two_relus(30'000'000);
  const Architecture arch = machine();
  const LoopTree tree = tree_from(
      "store X, T, Y in DRAM\n"
      "sequence\n"
      "  then\n"
      "    for a.i in 1\n"
      "      compute a\n"
      "  then\n"
      "    for b.i in 1\n"
      "      compute b\n",
      workload, arch);
  const auto replay = replay_given(workload, arch, tree, cost::LatencyModel::overlapped);
  ASSERT_FALSE(replay);
  EXPECT_EQ(to_string(replay.error()),
            "the mapping is too large to be executed: 60000000 points (at most 20000000), 0 elements "
            "of stacks over all their tiles (at most 100000000), 90000000 elements of tensors (at most "
            "50000000): leave out --replay, or try the schedule on a smaller network of the same "
            "kind\n");
}

}  // namespace
}  // namespace tileloom::driver::given_stacks_test
