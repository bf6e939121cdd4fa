#include "tileloom/loop_tree/check.hpp"

#include <gtest/gtest.h>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/text.hpp"

namespace tileloom {
namespace {

constexpr OperatorId kOp{0};
constexpr RankId kP{0}, kR{1}, kC{2};
constexpr TensorId kI{0}, kW{1}, kO{2};

/// O[p] += I[c, p + r] · W[c, r] with P = 8, R = 3, C = 4; sums of 32 bits.
Workload conv() {
  Operator op;
  op.name = "conv";
  op.ranks = {{"P", 8}, {"R", 3}, {"C", 4}};
  op.inputs = {{kI, Role::input, {{{{kC, 1}}, 0, 4}, {{{kP, 1}, {kR, 1}}, 0, 10}}},
               {kW, Role::weight, {{{{kC, 1}}, 0, 4}, {{{kR, 1}}, 0, 3}}}};
  op.output = {kO, Role::output, {{{{kP, 1}}, 0, 8}}, 8, 32};
  Workload workload;
  workload.tensors = {{"I", {4, 10}, 8, TensorKind::input},
                      {"W", {4, 3}, 8, TensorKind::constant},
                      {"O", {8}, 8, TensorKind::output},
                      {"X", {1}, 8, TensorKind::input}};
  workload.operators.push_back(op);
  return workload;
}

/// DRAM ─ Buffer ─ 4 × (x) ─ Reg; Buffer holds no weights.
Architecture machine() {
  Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "Buffer", .holds = {true, false, true}});
  arch.memories.push_back({.name = "Reg"});
  arch.axes.push_back({.name = "x", .size = 4, .hop = {}, .below = 2});
  return arch;
}

std::string violations(const Workload& workload, const Architecture& arch, const LoopTree& tree) {
  std::string text;
  for (const Violation& v : check(workload, arch, tree)) {
    text += (v.kind == Violation::Kind::capacity ? "capacity: "
             : v.kind == Violation::Kind::fanout ? "fanout: "
                                                 : "") +
            v.what + ": " + v.hint + "\n";
  }
  return text;
}

std::string violations(const std::string& text, const Workload& workload = conv(),
                       const Architecture& arch = machine()) {
  return violations(workload, arch, parse_tree(text, "t", workload, arch).value());
}

const std::string kHomes = "store I, W, O in DRAM\n";
const std::string kLoops = "for P in 1\n  for R in 1\n    for C in 1\n      compute conv\n";

TEST(Check, ALegalPathBreaksNoRule) { EXPECT_EQ(violations(kHomes + kLoops), ""); }

TEST(Check, Rule1TilesGoDownToOneAndNeverUp) {
  EXPECT_EQ(violations(kHomes + "for P in 9\n  for P in 2\n    for P in 4\n      for C in 1\n"
                                "        compute conv\n"),
            "'for P in 9' has tile 9, but the rank has extent 8: use a tile of at most 8\n"
            "'for P in 4' has tile 4, but the loop around it over the same rank has tile 2: use a "
            "tile of at most 2\n"
            "rank P of conv is divided into tiles of 2 only: add a loop over P with tile 1\n"
            "rank R of conv, extent 3, has no loop: add a loop over R with tile 1\n");
}

TEST(Check, Rule1LoopsBelongToTheOperatorComputed) {
  Workload two = conv();
  two.operators.push_back(two.operators[kOp]);
  two.operators[OperatorId{1}].name = "other";
  LoopTree tree = parse_tree(kHomes + kLoops, "t", conv(), machine()).value();
  tree.path.insert(tree.path.begin() + 3, Loop{OperatorId{1}, kP, 1, std::nullopt});
  tree.path.insert(tree.path.begin() + 3, Loop{OperatorId{0}, kP, 0, std::nullopt});
  EXPECT_EQ(violations(two, machine(), tree),
            "'for P in 0' has a tile below 1: use tiles of at least 1\n"
            "'for P in 1' is a loop of other, but the leaf below it computes conv: loop over ranks "
            "of the operator that is computed\n");
}

TEST(Check, Rule2EveryTensorHasAHomeAndGoesInwards) {
  EXPECT_EQ(
      violations("store X in DRAM\nstore O in Reg\nstore O in Buffer\n"
                 "for P in 1\n  store W in Buffer\n  for R in 1\n    for C in 1\n"
                 "      compute conv\n"),
      "I, an operand of conv, is never stored: store every tensor once above all loops\n"
      "'store W in Buffer' is the outermost store of W, but stands below 'for P in 1': store "
      "every tensor once above all loops\n"
      "'store W in Buffer': memory Buffer may not hold weights: leave the store out, or let "
      "Buffer hold weights\n"
      "'store O in Buffer' stands inside 'store O in Reg': stores of one tensor go from outer "
      "to inner memories, each memory once\n"
      "'store X in DRAM': conv has no such operand: store only tensors that the operator "
      "reads or writes\n");
}

TEST(Check, Rule2TwoOperandsAreTwoTensors) {
  Workload square = conv();
  square.operators[kOp].inputs[1].tensor = kI;
  EXPECT_EQ(violations("store I, O in DRAM\n" + kLoops, square),
            "conv uses I as two operands: give every operand a tensor of its own\n");
}

TEST(Check, Rule3SpatialLoopsStandBetweenTheMemoriesOutsideAndInsideTheirAxis) {
  EXPECT_EQ(
      violations(kHomes + "for P in 4\n  store I in Reg\n  spatial P in 1 on x\n"
                          "    store O in Buffer\n    for R in 1\n      for C in 1\n"
                          "        compute conv\n"),
      "'spatial P in 1 on x' stands below 'store I in Reg', but Reg lies inside x: move the "
      "loop above the store\n"
      "'spatial P in 1 on x' stands above 'store O in Buffer', but Buffer lies outside x: move "
      "the loop below the store\n");
}

TEST(Check, Rule4NothingStandsBetweenASharedMemoryAndItsLoopButSpace) {
  Architecture shared = machine();
  shared.memories[MemoryId{2}].shared_along = {AxisId{0}};
  EXPECT_EQ(
      violations(kHomes + "spatial P in 2 on x\n  for R in 1\n    store W in Reg\n"
                          "    for P in 1\n      for C in 1\n        compute conv\n",
                 conv(), shared),
      "'for R in 1' stands between 'spatial P in 2 on x' and 'store W in Reg', and Reg is "
      "shared along x: move the store above the temporal loop, or the temporal loop above the "
      "spatial one\n");
  shared.axes.push_back({.name = "y", .size = 2, .hop = {}, .below = 2});
  const std::string inner =
      "    store W in Reg\n    for R in 1\n      for C in 1\n"
      "        compute conv\n";
  EXPECT_EQ(
      violations(kHomes + "spatial P in 2 on x\n  spatial P in 1 on y\n" + inner, conv(), shared),
      "'spatial P in 1 on y' stands between 'spatial P in 2 on x' and 'store W in Reg', and "
      "Reg is shared along x: swap the two loops\n");
  EXPECT_EQ(
      violations(kHomes + "spatial P in 4 on y\n  spatial P in 1 on x\n" + inner, conv(), shared),
      "");
}

TEST(Check, Rule5ABufferLiesInsideOneBufferOfItsParent) {
  Architecture arch = machine();
  arch.memories.push_back({.name = "Latch", .shared_along = {AxisId{0}}});
  EXPECT_EQ(
      violations(kHomes + "for P in 4\n  spatial P in 1 on x\n    store W in Reg\n"
                          "    store W in Latch\n    for R in 1\n      for C in 1\n"
                          "        compute conv\n",
                 conv(), arch),
      "'store W in Latch': Latch is shared along x, but its parent Reg is not: store W in only "
      "one of the two memories\n");
}

TEST(Check, Rule6LoopsInSpaceFitTheirAxis) {
  // ⌈8/4⌉ · ⌈3/1⌉ = 6 > 4.
  EXPECT_EQ(
      violations(kHomes + "spatial P in 4 on x\n  spatial R in 1 on x\n    for P in 1\n"
                          "      for C in 1\n        compute conv\n"),
      "fanout: axis x has 4 positions, but 'spatial P in 4 on x' and 'spatial R in 1 on x' use "
      "6: use larger tiles in space, or make a loop temporal\n");
}

/// O[2p + r] += I[p] · W[r] with P = 4.
Workload transposed(std::int64_t r) {
  Workload workload = conv();
  Operator& op = workload.operators[kOp];
  op.ranks = {{"P", 4}, {"R", r}, {"C", 1}};
  op.inputs[0].axes = {{{{kP, 1}}, 0, 4}};
  op.inputs[1].axes = {{{{kR, 1}}, 0, r}};
  op.output.axes = {{{{kP, 2}, {kR, 1}}, 0, 6 + r}};
  return workload;
}

TEST(Check, Rule7OutputBoxesHaveNoHoles) {
  // R = 3 in chunks of 2 and, the last, 1: with P whole and R = {2}, every second index is left
  // out.
  EXPECT_EQ(violations(kHomes + "for R in 2\n  store O in Buffer\n  for R in 1\n    for P in 1\n"
                                "      compute conv\n",
                       transposed(3)),
            "'store O in Buffer': boxes of O have holes on the axis 2·P + R: P moves by 2, the "
            "smaller terms by at most 0: leave larger chunks of the other ranks, or chunks of 1 of "
            "P, above the store\n");
  // R = 4 divides into chunks of 2 without a rest.
  EXPECT_EQ(violations(kHomes + "for R in 2\n  store O in Buffer\n  for R in 1\n    for P in 1\n"
                                "      compute conv\n",
                       transposed(4)),
            "");
  EXPECT_EQ(
      violations(kHomes + "for P in 1\n  for R in 1\n    store O in Buffer\n    compute conv\n",
                 transposed(3)),
      "");
}

TEST(Check, Rule7SumsOnOverlappingBoxesKeepTheOverlap) {
  EXPECT_EQ(violations(kHomes + "for P in 1\n  store O in Buffer keep same\n  for R in 1\n"
                                "    compute conv\n",
                       transposed(3)),
            "'store O in Buffer' keeps only unchanged boxes, but O has an axis over several ranks, "
            "2·P + R: keep the overlap\n");
}

TEST(Check, Rule8AnOverfullMemoryIsAnInequalityWithItsParts) {
  // Below P in 4 (chunks of 4): I has 4 channels × (4 + 3 − 1) = 24 bytes, O 4 partial sums of
  // 32 bits (C and R, which O does not have, are divided in time above the lanes) = 16 bytes.
  Architecture arch = machine();
  arch.memories[MemoryId{1}].capacity = Bits{39 * 8};
  const std::string path = kHomes +
                           "for P in 4\n  store I, O in Buffer\n  for P in 1\n    for R in 1\n"
                           "      for C in 1\n        compute conv\n";
  EXPECT_EQ(violations(path, conv(), arch),
            "capacity: Buffer holds 40 B of 39 B: I 24 B + O 16 B: store smaller tiles of I there, "
            "or leave it out\n");
  arch.memories[MemoryId{1}].capacity = Bits{40 * 8};
  EXPECT_EQ(violations(path, conv(), arch), "");
  arch.memories[MemoryId{1}].double_buffered = true;
  EXPECT_EQ(violations(path, conv(), arch),
            "capacity: Buffer holds 80 B of 40 B: I 48 B + O 32 B (each twice: double-buffered): "
            "store smaller tiles of I there, or leave it out\n");
  arch.memories[MemoryId{1}].capacity = Bits{639};
  EXPECT_EQ(violations(path, conv(), arch),
            "capacity: Buffer holds 640 bits of 639 bits: I 384 bits + O 256 bits (each twice: "
            "double-buffered): store smaller tiles of I there, or leave it out\n");
}

TEST(Check, SumsFinishedBelowAStoreHaveTheirFinalWidth) {
  // Buffer: only P is divided above its child in Reg, so whole sums arrive: 8 bytes. Reg: R and C
  // run above the lanes: 4 bytes for one partial sum.
  const Workload workload = conv();
  const LoopTree tree =
      parse_tree(kHomes +
                     "store O in Buffer\nfor P in 1\n  store O in Reg\n  for R in 1\n"
                     "    for C in 1\n      compute conv\n",
                 "t", workload, machine())
          .value();
  EXPECT_EQ(element_bits(workload.operators[kOp], tree.path, 3), 8);
  EXPECT_EQ(element_bits(workload.operators[kOp], tree.path, 5), 32);
  EXPECT_EQ(largest_box(workload.operators[kOp], machine(), tree.path, 3), 8);
  EXPECT_EQ(largest_box(workload.operators[kOp], machine(), tree.path, 5), 1);
}

TEST(Check, TheLargestBoxIsNotTheFirstWherePaddingCutsIt) {
  // I[p + r − 2], 6 of 8 + 3 − 1 indices exist; P in chunks of 4: [−2, 4) ∩ [0, 6) has 4 elements,
  // [2, 8) ∩ [0, 6) has 4; in chunks of 2: [−2, 2) 2, [0, 4) 4, [2, 6) 4, [4, 8) 2.
  Workload workload = conv();
  workload.operators[kOp].inputs[0].axes[1] = {{{kP, 1}, {kR, 1}}, -2, 6};
  for (const std::string tile : {"4", "2"}) {
    const LoopTree tree =
        parse_tree(kHomes + "for P in " + tile + "\n  store I in Buffer\n  " +
                       "for P in 1\n    for R in 1\n      for C in 1\n" + "        compute conv\n",
                   "t", workload, machine())
            .value();
    EXPECT_EQ(largest_box(workload.operators[kOp], machine(), tree.path, 4), 4 * 4) << tile;
  }
}

TEST(Check, TheLargestBoxOfAStridedPaddedConvolutionLiesInside) {
  // The first layer of ResNet: I[2p + r − 3], 224 long, P = 112, R = 7. In chunks of 16 of P the
  // box is 2·15 + 6 + 1 = 37 long, but only 34 of the first one exist.
  Workload workload = conv();
  Operator& op = workload.operators[kOp];
  op.ranks = {{"P", 112}, {"R", 7}, {"C", 3}};
  op.inputs[0].axes = {{{{kC, 1}}, 0, 3}, {{{kP, 2}, {kR, 1}}, -3, 224}};
  const LoopTree tree = parse_tree(kHomes + "for P in 16\n  store I in Buffer\n  for P in 1\n" +
                                       "    for R in 1\n      for C in 1\n        compute conv\n",
                                   "t", workload, machine())
                            .value();
  EXPECT_EQ(largest_box(op, machine(), tree.path, 4), 3 * 37);
  EXPECT_EQ(largest_box(op, machine(), tree.path, 0), 3 * 224);
}

/// a: T = 2·I + 1, then b: O = 2·T + 1, 8 elements of 8 bits each; W is not used.
Workload two_layers() {
  const auto layer = [](const char* name, TensorId from, TensorId to) {
    Operator op;
    op.name = name;
    op.ranks = {{"A", 8}};
    op.inputs = {{from, Role::input, {{{{RankId{0}, 1}}, 0, 8}}}};
    op.output = {to, Role::output, {{{{RankId{0}, 1}}, 0, 8}}};
    op.function = PointFunction::activation;
    op.reduction = Reduction::none;
    return op;
  };
  Workload workload;
  workload.tensors = {{"I", {8}, 8, TensorKind::input},
                      {"T", {8}, 8, TensorKind::intermediate},
                      {"O", {8}, 8, TensorKind::output}};
  workload.operators = {layer("a", TensorId{0}, TensorId{1}), layer("b", TensorId{1}, TensorId{2})};
  return workload;
}

const std::string kA = "  then\n    for a.A in 1\n      compute a\n";
const std::string kB = "  then\n    for b.A in 1\n      compute b\n";

TEST(Check, ASequenceBelowHomesIsALayerByLayerSchedule) {
  EXPECT_EQ(violations("store I, T, O in DRAM\nsequence\n" + kA + kB, two_layers()), "");
  EXPECT_EQ(violations("store T in DRAM\nsequence\n"
                       "  then\n    store I in DRAM\n    for a.A in 1\n      compute a\n"
                       "  then\n    store O in DRAM\n    for b.A in 1\n      compute b\n",
                       two_layers()),
            "");
}

TEST(Check, ASequenceKeepsTheOrderOfItsData) {
  EXPECT_EQ(violations("store I, T, O in DRAM\nsequence\n" + kB + kA, two_layers()),
            "b reads T, which a writes only later: compute producers before consumers\n");
  EXPECT_EQ(violations("store I, T in DRAM\nsequence\n" + kA + kA, two_layers()),
            "a is computed twice: keep one of its leaves\n");
  EXPECT_EQ(violations("store I, T, O in DRAM\nparallel\n" + kA +
                           "  then\n    for b.A in 2\n      for b.A in 1\n        compute b\n",
                       two_layers()),
            "b reads T, which a writes at the same time: compute producers before consumers\n");
}

TEST(Check, HomesOfSharedTensorsStandAboveTheSequence) {
  EXPECT_EQ(
      violations("store I, T, O in DRAM\nstore I in Buffer\nsequence\n" + kA + kB, two_layers()),
      "I is stored twice above sequences: store it once above the sequence and again in the "
      "children\n");
  EXPECT_EQ(violations("store I in DRAM\nsequence\n"
                       "  then\n    store T in DRAM\n    for a.A in 1\n      compute a\n"
                       "  then\n    store T, O in DRAM\n    for b.A in 1\n      compute b\n",
                       two_layers()),
            "T is used by several operators but not stored above them: store it above the "
            "sequence\n");
  EXPECT_EQ(violations("store I, T, O in DRAM\nsequence\n" + kA, two_layers()),
            "O is stored above a sequence none of whose operators uses it: leave the store out\n");
}

TEST(Check, LoopsAboveAParallelAreRefused) {
  EXPECT_EQ(violations("store I, T in DRAM\nfor a.A in 1\n  parallel\n    then\n      compute a\n",
                       two_layers()),
            "'for A in 1' stands above a parallel: give each child loops of its own\n"
            "rank A of a, extent 8, has no loop: add a loop over A with tile 1\n");
}

TEST(Check, ASharedHomeOccupiesItsMemoryWhileItIsNeeded) {
  // While b runs, T (8 bytes) and O (8 bytes) live in Buffer; I does not any more.
  Architecture arch = machine();
  arch.memories[MemoryId{1}].capacity = Bits{15 * 8};
  EXPECT_EQ(
      violations("store I in DRAM\nstore T, O in Buffer\nsequence\n" + kA + kB, two_layers(), arch),
      "capacity: b: Buffer holds 16 B of 15 B: T 8 B + O 8 B: the tensors that live at the same "
      "time need a Buffer of 16 B\n");
}

TEST(Check, ChildrenOfAParallelNeedCoresOfTheirOwn) {
  Workload workload = two_layers();
  workload.operators[OperatorId{1}].inputs[0].tensor = TensorId{0};
  const std::string text = "store I, T, O in DRAM\nparallel\n" + kA + kB;
  EXPECT_EQ(violations(text, workload),
            "fanout: 2 cores are used at the same time, but there are 1: run fewer children in "
            "parallel, or give each fewer cores\n");
  Architecture arch = machine();
  arch.axes[AxisId{0}].core = true;
  EXPECT_EQ(violations(text, workload, arch), "");
}

TEST(Check, ATreeOfAnotherWorkloadIsRefused) {
  const LoopTree tree{{Store{TensorId{9}, MemoryId{0}}}, ComputeLeaf{kOp}};
  EXPECT_EQ(violations(conv(), machine(), tree),
            "the tree names things that the workload or the architecture does not have: use the "
            "workload and the architecture it was made for\n");
}

}  // namespace
}  // namespace tileloom
