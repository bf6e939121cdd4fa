// Each rule of fused stacks with its exact message.

#include "tileloom/loop_tree/fused_rules.hpp"

#include <gtest/gtest.h>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/loop_tree/view.hpp"

namespace tileloom::fused_rules_test {
namespace {

Axis plain(std::int64_t rank, std::int64_t extent) {
  return {{{static_cast<RankId>(rank), 1}}, 0, extent};
}

/// T[p] = Σ I[p + r] · W[r], O[p] = Σ T[p + r] · V[r]: 12 → 10 → 8 by filters of 3.
Workload two_convs() {
  Workload workload;
  workload.tensors = {{"I", {12}, 8, TensorKind::input},
                      {"W", {3}, 8, TensorKind::constant},
                      {"T", {10}, 8, TensorKind::intermediate},
                      {"V", {3}, 8, TensorKind::constant},
                      {"O", {8}, 8, TensorKind::output}};
  const auto conv = [&](const char* name, std::uint32_t in, std::int64_t size) {
    Operator op;
    op.name = name;
    op.ranks = {{"P", size}, {"R", 3}};
    op.inputs = {{TensorId{in}, Role::input, {{{{RankId{0}, 1}, {RankId{1}, 1}}, 0, size + 2}}},
                 {TensorId{in + 1}, Role::weight, {plain(1, 3)}}};
    op.output = {TensorId{in + 2}, Role::output, {plain(0, size)}, 8, 32};
    workload.operators.push_back(op);
  };
  conv("a", 0, 10);
  conv("b", 2, 8);
  return workload;
}

Architecture machine() {
  Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "Buffer"});
  arch.memories.push_back({.name = "Reg"});
  arch.axes.push_back({.name = "x", .size = 4, .hop = {}, .below = 2});
  return arch;
}

std::string violations(const std::string& text, const Workload& workload = two_convs(),
                       const Architecture& arch = machine()) {
  const Result<LoopTree> tree = parse_tree(text, "t", workload, arch);
  if (!tree) return to_string(tree.error());
  std::string all;
  for (const Violation& v : check(workload, arch, *tree)) all += v.what + ": " + v.hint + "\n";
  return all;
}

const std::string kA = "    then\n      for a.P in 1\n        for a.R in 1\n          compute a\n";
const std::string kB = "    then\n      for b.P in 1\n        for b.R in 1\n          compute b\n";
const std::string kChildren = "  sequence\n" + kA + kB;
const std::string kHomes = "store I, W, V, O in DRAM\n";

TEST(FusedRules, AStackOfTwoConvolutionsIsLegal) {
  EXPECT_EQ(violations(kHomes + "for b.P in 2\n  store T in Buffer\n" + kChildren), "");
  EXPECT_EQ(violations(kHomes + "store T in Buffer\nfor b.P in 2\n" + kChildren), "");
}

TEST(FusedRules, LoopsAreOfTheLastOperatorAndRunInTime) {
  EXPECT_EQ(
      violations(kHomes + "for a.P in 2\n  store T in Buffer\n" + kChildren),
      "'for P in 2' is a loop of a, but the sequence below it ends with b: loop over ranks of "
      "the last operator: the tiles of the others follow from its tiles\n");
  EXPECT_EQ(violations(kHomes + "spatial b.P in 2 on x\n  store T in Reg\n" + kChildren),
            "'spatial P in 2 on x' stands above a sequence: loops above a sequence run in time: "
            "give the children loops in space\n");
}

TEST(FusedRules, ChildrenAreSinglePaths) {
  EXPECT_EQ(violations(kHomes + "for b.P in 2\n  store T in Buffer\n  sequence\n    then\n"
                                "      sequence\n        then\n          compute a\n    then\n"
                                "      for b.P in 1\n        for b.R in 1\n          compute b\n"),
            "a sequence or parallel stands inside a sequence below loops: let the children of a "
            "sequence below loops be single paths\n");
}

TEST(FusedRules, TensorsAreStoredWhereTheyAreShared) {
  EXPECT_EQ(violations(kHomes + "for b.P in 2\n" + kChildren),
            "T is not stored above the sequence whose operators write and read it: store it above "
            "the sequence\n");
  EXPECT_EQ(violations("store I, V, O in DRAM\nfor b.P in 2\n  store W in DRAM\n"
                       "  store T in Buffer\n" +
                       kChildren),
            "W comes from outside the stack or leaves it, but is not stored above its loops: store "
            "every tensor once above all loops\n");
  Workload workload = two_convs();
  workload.tensors[TensorId{2}].kind = TensorKind::output;
  EXPECT_EQ(violations(kHomes + "for b.P in 2\n  store T in Buffer\n" + kChildren, workload),
            "T is needed after the stack, but 'store T in Buffer' stands below its loops: store it "
            "once above all loops\n");
}

TEST(FusedRules, ResultsNeededElsewhereAreComputedWhole) {
  Workload workload = two_convs();
  workload.tensors[TensorId{2}].kind = TensorKind::output;
  EXPECT_EQ(violations(kHomes + "store T in DRAM\nfor b.P in 2\n" + kChildren, workload), "");
  workload.operators[OperatorId{1}].inputs[0].axes[0].terms[0].coefficient = 2;
  workload.operators[OperatorId{1}].ranks[0].extent = 4;
  workload.operators[OperatorId{1}].output.axes[0].extent = 4;
  EXPECT_EQ(violations(kHomes + "store T in DRAM\nfor b.P in 2\n" + kChildren, workload),
            "T is needed after the stack, but 1 of its 10 elements are not needed by its last "
            "operator: compute it outside the stack\n");
}

TEST(FusedRules, EveryResultButTheLastIsReadInside) {
  Workload workload = two_convs();
  workload.operators[OperatorId{1}].inputs[0].tensor = TensorId{0};
  workload.operators[OperatorId{1}].inputs[0].axes[0].extent = 12;
  EXPECT_EQ(violations("store T in DRAM\n" + kHomes + "for b.P in 2\n" + kChildren, workload),
            "a writes T, which no operator of its stack reads: compute it outside the stack: all "
            "tiles follow from those of the last operator\n");
}

TEST(FusedRules, OutputsOverSeveralRanksAreNoTiles) {
  Workload workload = two_convs();
  workload.operators[OperatorId{0}].output.axes = {{{{RankId{0}, 1}, {RankId{1}, 1}}, 0, 10}};
  EXPECT_EQ(violations(kHomes + "for b.P in 2\n  store T in Buffer\n" + kChildren, workload),
            "a stands below common loops, but an axis of its output is P + R: leave it out of the "
            "stack: every axis must be one rank\n");
}

TEST(FusedRules, ThePeakOfWhatIsAliveMustFit) {
  // Tiles of 4 outputs: T holds 6, of 32 bits each while a's sums are unfinished.
  Architecture arch = machine();
  arch.memories[MemoryId{1}].capacity = Bits{23 * 8};
  EXPECT_EQ(
      violations(kHomes + "for b.P in 4\n  store T in Buffer\n" + kChildren, two_convs(), arch),
      "a: Buffer holds 24 B of 23 B: T 24 B: store smaller tiles of T there, or leave it "
      "out\n");
  arch.memories[MemoryId{1}].capacity = Bits{24 * 8};
  EXPECT_EQ(
      violations(kHomes + "for b.P in 4\n  store T in Buffer\n" + kChildren, two_convs(), arch),
      "");
}

TEST(View, BoxesOfOneViewHaveAHullInTheOther) {
  const std::optional<ViewMap> split = ViewMap::between({6, 5}, {2, 3, 5});
  ASSERT_TRUE(split);
  Box box(2);
  box[0] = {1, 3};
  box[1] = {0, 2};
  const Box inside = (*split)(box);  // channels 1 and 2 of the first group
  EXPECT_EQ(inside[0], (Interval{0, 1}));
  EXPECT_EQ(inside[1], (Interval{1, 3}));
  EXPECT_EQ(inside[2], (Interval{0, 2}));
  box[0] = {2, 4};
  const Box across = (*split)(box);  // the last of one group and the first of the next
  EXPECT_EQ(across[0], (Interval{0, 2}));
  EXPECT_EQ(across[1], (Interval{0, 3}));
  EXPECT_FALSE(ViewMap::between({2, 6}, {3, 4}));
  EXPECT_TRUE(ViewMap::between({1, 6, 1}, {2, 3}));
}

}  // namespace
}  // namespace tileloom::fused_rules_test
