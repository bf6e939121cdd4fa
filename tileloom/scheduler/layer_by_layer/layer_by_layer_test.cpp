#include "tileloom/scheduler/layer_by_layer/layer_by_layer.hpp"

#include <gtest/gtest.h>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/mapper/random/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::scheduler {
namespace {

/// Two matrix multiplications of the same sizes in a row, B = A · W1 and C = B · W2, 4 x 4 each.
Workload two_layers() {
  Workload workload;
  workload.name = "two";
  const auto add = [&](const std::string& name, TensorKind kind) {
    return workload.tensors.push_back({name, {4, 4}, 8, kind});
  };
  const TensorId a = add("A", TensorKind::input);
  const TensorId w1 = add("W1", TensorKind::constant);
  const TensorId b = add("B", TensorKind::intermediate);
  const TensorId w2 = add("W2", TensorKind::constant);
  const TensorId c = add("C", TensorKind::output);
  const MatmulShape shape{.m = 4, .n = 4, .k = 4};
  workload.operators.push_back(make_matmul("first", shape, {8, 8, 8, 8}, a, w1, b));
  workload.operators.push_back(make_matmul("second", shape, {8, 8, 8, 8}, b, w2, c));
  return workload;
}

Architecture one_memory(std::int64_t bits) {
  Architecture arch;
  arch.name = "one";
  Memory memory;
  memory.name = "Home";
  memory.capacity = Bits{bits};
  memory.read.value.value = memory.write.value.value = 1;
  memory.word = Bits{8};
  arch.memories.push_back(memory);
  arch.compute.mac.value.value = 1;
  return arch;
}

TEST(LayerByLayer, SolvesEqualOperatorsOnceAndAddsUp) {
  // Per operator 64 points: 64 cycles; 64 reads of each input, 64 updates, of which 16 are first:
  // 48 update reads; 64 MACs. 64 · 3 + 48 + 64 = 304 pJ.
  const Workload workload = two_layers();
  const Architecture arch = one_memory(10'000);
  const mapper::Constraints none;
  int solved = 0;
  const Schedule schedule =
      layer_by_layer({workload, arch, {}, none}, mapper::RandomMapper({}), "random",
                     {.evaluations = 10}, nullptr, [&](const NetworkProgress& progress) {
                       EXPECT_EQ(progress.distinct, 1U);
                       solved = static_cast<int>(progress.solved);
                     });
  EXPECT_EQ(solved, 1);
  ASSERT_EQ(schedule.layers.size(), 2U);
  EXPECT_FALSE(schedule.layers[0].same_as);
  EXPECT_EQ(schedule.layers[1].same_as, OperatorId{0});
  EXPECT_EQ(schedule.latency, Cycles{128});
  EXPECT_DOUBLE_EQ(schedule.energy.value, 608);
}

// 128 cycles of work, and two launches of 100; one core has nobody to wait for.
TEST(LayerByLayer, EveryOperatorIsLaunched) {
  const Workload workload = two_layers();
  Architecture arch = one_memory(10'000);
  arch.launch_cycles = 100;
  arch.sync_cycles = 7;
  const mapper::Constraints none;
  const Schedule schedule = layer_by_layer({workload, arch, {}, none}, mapper::RandomMapper({}),
                                           "random", {.evaluations = 10}, nullptr, nullptr);
  EXPECT_EQ(schedule.layers[1].dispatch, Cycles{100});
  EXPECT_EQ(schedule.dispatch, Cycles{200});
  EXPECT_EQ(schedule.latency, Cycles{328});
  EXPECT_EQ(schedule.bound.latency, Cycles{328});
}

// First needs A, W1 and B: 3 tensors of 128 bits fit into 400. But W2 waits there from the start.
TEST(LayerByLayer, HomesThatDoNotFitTogetherMakeTheScheduleInfeasible) {
  const Workload workload = two_layers();
  const Architecture arch = one_memory(400);
  const mapper::Constraints none;
  const Schedule schedule = layer_by_layer({workload, arch, {}, none}, mapper::RandomMapper({}),
                                           "random", {.evaluations = 10}, nullptr, nullptr);
  EXPECT_TRUE(schedule.layers[0].result.tree);
  EXPECT_TRUE(schedule.layers[1].result.tree);
  EXPECT_EQ(schedule.proof, Proof::infeasible);
  ASSERT_EQ(schedule.reasons.size(), 1U);
  EXPECT_EQ(schedule.reasons[0],
            "first: Home holds 64 B of 50 B: A 16 B + W1 16 B + B 16 B + W2 16 B: the tensors that "
            "live at the same time need a Home of 64 B");
}

TEST(LayerByLayer, NodesWithoutWorkAreNoSchedule) {
  Workload workload;
  workload.coverage.push_back({.node = "a", .type = "Odd", .status = NodeStatus::unmapped});
  const Architecture arch = one_memory(400);
  const mapper::Constraints none;
  const Schedule schedule = layer_by_layer({workload, arch, {}, none}, mapper::RandomMapper({}),
                                           "random", {.evaluations = 10}, nullptr, nullptr);
  EXPECT_EQ(schedule.proof, Proof::infeasible);
  ASSERT_EQ(schedule.reasons.size(), 1U);
  EXPECT_EQ(schedule.reasons[0],
            "nothing can be scheduled: 1 of 1 nodes are unmapped, no other has work");
}

TEST(LayerByLayer, TheNetworkIsOneLegalTree) {
  const Workload workload = two_layers();
  const Architecture arch = one_memory(10'000);
  const mapper::Constraints none;
  const Schedule schedule = layer_by_layer({workload, arch, {}, none}, mapper::RandomMapper({}),
                                           "random", {.evaluations = 10}, nullptr, nullptr);
  const std::optional<LoopTree> tree = network_tree(schedule);
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->path.size(), 5U);  // the homes of A, W1, B, W2, C
  const std::vector<Violation> violations = check(workload, arch, *tree);
  EXPECT_TRUE(violations.empty()) << violations.front().what;
}

TEST(LayerByLayer, AnOperatorThatDoesNotFitMakesTheScheduleInfeasible) {
  const Workload workload = two_layers();
  const Architecture arch = one_memory(100);  // 3 tensors of 128 bits each
  const mapper::Constraints none;
  const Schedule schedule = layer_by_layer({workload, arch, {}, none}, mapper::RandomMapper({}),
                                           "random", {.evaluations = 10}, nullptr, nullptr);
  EXPECT_EQ(schedule.proof, Proof::infeasible);
  EXPECT_EQ(schedule.layers[0].result.reason,
            "Home needs 384 bits even with the smallest tiles, but holds 100");
  EXPECT_FALSE(network_tree(schedule));
}

}  // namespace
}  // namespace tileloom::scheduler
