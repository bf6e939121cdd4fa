// The three overlap modes of two 3x3 convolutions, counted by hand.

#include "tileloom/cost/fused_evaluate.hpp"

#include <gtest/gtest.h>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"

namespace tileloom::cost {
namespace {

/// I 8x8 → T 6x6 → O 4x4.
Workload two_convs() {
  Workload workload;
  workload.tensors = {{"I", {8, 8}, 8, TensorKind::input},
                      {"W", {3, 3}, 8, TensorKind::constant},
                      {"T", {6, 6}, 8, TensorKind::intermediate},
                      {"V", {3, 3}, 8, TensorKind::constant},
                      {"O", {4, 4}, 8, TensorKind::output}};
  const auto conv = [&](const char* name, std::uint32_t in, std::int64_t size) {
    const auto window = [&](std::uint16_t p, std::uint16_t r) {
      return Axis{{{RankId{p}, 1}, {RankId{r}, 1}}, 0, size + 2};
    };
    const auto plain = [](std::uint16_t rank, std::int64_t extent) {
      return Axis{{{RankId{rank}, 1}}, 0, extent};
    };
    Operator op;
    op.name = name;
    op.ranks = {{"P", size}, {"Q", size}, {"R", 3}, {"S", 3}};
    op.inputs = {{TensorId{in}, Role::input, {window(0, 2), window(1, 3)}},
                 {TensorId{in + 1}, Role::weight, {plain(2, 3), plain(3, 3)}}};
    op.output = {TensorId{in + 2}, Role::output, {plain(0, size), plain(1, size)}};
    workload.operators.push_back(op);
  };
  conv("a", 0, 6);
  conv("b", 2, 4);
  return workload;
}

Architecture machine() {
  Architecture arch;
  arch.memories.push_back({.name = "DRAM", .ports = {.read = 8.0, .write = 8.0, .shared = {}}});
  arch.memories.push_back({.name = "Buffer"});
  arch.memories.push_back({.name = "Reg"});
  arch.memories[MemoryId{0}].read.value = arch.memories[MemoryId{0}].write.value = {100};
  arch.memories[MemoryId{1}].read.value = arch.memories[MemoryId{1}].write.value = {10};
  arch.memories[MemoryId{2}].read.value = arch.memories[MemoryId{2}].write.value = {1};
  return arch;
}

FusedEvaluation evaluated(const std::string& between, const std::string& below) {
  const Workload workload = two_convs();
  const std::string text = "store I, W, V, O in DRAM\nstore W, V in Buffer\nfor b.P in 2\n" +
                           between + "  for b.Q in 2\n" + below +
                           "    store I in Buffer\n    sequence\n"
                           "      then\n        for a.P in 1\n          for a.Q in 1\n"
                           "            for a.R in 1\n              for a.S in 1\n"
                           "                compute a\n"
                           "      then\n        for b.P in 1\n          for b.Q in 1\n"
                           "            for b.R in 1\n              for b.S in 1\n"
                           "                compute b\n";
  const LoopTree tree = parse_tree(text, "t", workload, machine()).value();
  for (const Violation& violation : check(workload, machine(), tree)) {
    ADD_FAILURE() << violation.what;
  }
  return evaluate_fused(workload, machine(), fused_stack(workload, tree, {}));
}

const StoreCounts& copies(const FusedEvaluation& e, TensorId tensor, MemoryId memory) {
  for (const StoreCounts& store : e.copies) {
    if (store.store.tensor == tensor && store.store.memory == memory) return store;
  }
  throw std::logic_error("no such Store");
}

TEST(FusedEvaluate, FullyRecomputed) {
  // Each of 4 tiles of 2x2 needs 4x4 of T, each of those 6x6 of I.
  const FusedEvaluation e = evaluated("", "    store T in Buffer keep same\n");
  EXPECT_EQ(e.iterations, 4);
  EXPECT_EQ(e.children[0].counts.points, 4 * 16 * 9);
  EXPECT_EQ(e.children[1].counts.points, 16 * 9);
  EXPECT_EQ(e.recomputed, (64 - 36) * 9);
  // I: 36, then 6·2 new columns; back to the left 36 − 4·4; 12 again.
  EXPECT_EQ(copies(e, TensorId{0}, MemoryId{1}).fills, 36 + 12 + 20 + 12);
  EXPECT_EQ(copies(e, TensorId{2}, MemoryId{1}).tile, 16);
}

TEST(FusedEvaluate, CachedAlongTheRowRecomputedAlongTheColumn) {
  // 16, then 4·2 new columns; the row's last tile leaves 2x2 to the next row's first.
  const FusedEvaluation e = evaluated("", "    store T in Buffer\n");
  EXPECT_EQ(e.children[0].counts.points, (16 + 8 + 12 + 8) * 9);
  EXPECT_EQ(e.children[0].runs, 5) << "the 12 are two boxes";
}

TEST(FusedEvaluate, FullyCached) {
  // Every element of T once. Of the two halo rows, 12 elements, 2x2 never leave Reg.
  const FusedEvaluation e = evaluated("  store T in Buffer\n", "    store T in Reg\n");
  EXPECT_EQ(e.children[0].counts.points, 36 * 9);
  EXPECT_EQ(e.recomputed, 0);
  const StoreCounts& inner = copies(e, TensorId{2}, MemoryId{2});
  EXPECT_EQ(inner.drains, 8);
  EXPECT_EQ(inner.fills, 8);
  EXPECT_EQ(inner.tile, 16);
  // Of the halo rows 4 are alive in Buffer: the others are in Reg or not made yet.
  EXPECT_EQ(copies(e, TensorId{2}, MemoryId{1}).tile, 4);
}

TEST(FusedEvaluate, TimeIsTheChildrenInSequenceOrTheSlowestPort) {
  const FusedEvaluation e = evaluated("  store T in Buffer\n", "    store T in Reg\n");
  // a: 36·9 steps, b: 16·9. All of DRAM's reads, below 200 bytes, take less; W is resident.
  EXPECT_EQ(e.sequential.value, 36 * 9 + 16 * 9);
  EXPECT_EQ(e.latency.value, 36 * 9 + 16 * 9);
  EXPECT_FALSE(e.bound_by_port);
  EXPECT_EQ(copies(e, TensorId{1}, MemoryId{1}).fills, 9);
}

}  // namespace
}  // namespace tileloom::cost
