#include "tileloom/cost/stalling.hpp"

#include <gtest/gtest.h>

#include <array>

namespace tileloom::cost::stalling_test {
namespace {

constexpr TensorId kI{0}, kO{1};
constexpr RankId kP{0};
constexpr MemoryId kOuter{0}, kMiddle{1}, kInner{2};

/// O[p] = I[p], 12 elements of 8 bits, one per cycle
Operator copy() {
  Operator op;
  op.name = "copy";
  op.ranks = {{"P", 12}};
  op.inputs = {{kI, Role::input, {{{{kP, 1}}, 0, 12}}}};
  op.output = {kO, Role::output, {{{{kP, 1}}, 0, 12}}};
  op.function = PointFunction::copy;
  return op;
}

Architecture three_memories() {
  Architecture arch;
  arch.memories.push_back({.name = "Outer"});
  arch.memories.push_back({.name = "Middle"});
  arch.memories.push_back({.name = "Inner"});
  return arch;
}

Loop temporal(std::int64_t tile) { return {OperatorId{0}, kP, tile, std::nullopt}; }

/// Four turns of three steps: I is filled and O drained between Outer and Inner.
std::vector<PathNode> four_turns() {
  return {Store{kI, kOuter}, Store{kO, kOuter}, temporal(3),
          Store{kI, kInner}, Store{kO, kInner}, temporal(1)};
}

Latency stalling(const Architecture& arch, const std::vector<PathNode>& path) {
  return evaluate(copy(), arch, path, LatencyModel::stalling).latency;
}

/// Outer hands out a tile (24 bits) in 2 cycles and takes one back in 1.
Architecture two_in_one_out(bool double_buffered) {
  Architecture arch = three_memories();
  arch.memories[kOuter].ports.read = 12;
  arch.memories[kOuter].ports.write = 24;
  arch.memories[kInner].double_buffered = double_buffered;
  return arch;
}

TEST(Stalling, WithoutLimitsOfBandwidthOnlyComputeIsLeft) {
  const Latency latency = stalling(three_memories(), four_turns());
  EXPECT_EQ(latency.total.value, 12);
  EXPECT_EQ(latency.stalls->first_fill, 0);
  EXPECT_TRUE(latency.stalls->turns.empty());
}

TEST(Stalling, ASingleBufferIsFilledAfterItsWork) {
  // fill 2, work 3; three times: drain 1 beside fill 2, work 3; drain 1: 2 + 3 + 3·(2 + 3) + 1
  // = 21.
  const Latency latency = stalling(two_in_one_out(false), four_turns());
  EXPECT_EQ(latency.total.value, 21);
  EXPECT_EQ(latency.stalls->first_fill, 2);
  EXPECT_EQ(latency.stalls->last_drain, 1);
  ASSERT_EQ(latency.stalls->turns.size(), 1u);
  EXPECT_EQ(latency.stalls->turns[0].cycles, 6);
  EXPECT_EQ(latency.stalls->turns[0].memory, kInner);
  EXPECT_FALSE(latency.stalls->turns[0].port.has_value());
}

TEST(Stalling, ADoubleBufferHidesTransfersShorterThanTheWork) {
  // fill 2, four times work 3, drain 1: 15.
  const Latency latency = stalling(two_in_one_out(true), four_turns());
  EXPECT_EQ(latency.total.value, 15);
  EXPECT_TRUE(latency.stalls->turns.empty());
}

TEST(Stalling, ADoubleBufferShowsWhatIsLongerThanTheWork) {
  // Fill 24 / 4.8 = 5: 5 + 3 + 3·5 + 1 = 24, of which 3·(5 − 3) wait for Outer's read port.
  Architecture arch = two_in_one_out(true);
  arch.memories[kOuter].ports.read = 4.8;
  const Latency latency = stalling(arch, four_turns());
  EXPECT_EQ(latency.total.value, 24);
  ASSERT_EQ(latency.stalls->turns.size(), 1u);
  EXPECT_DOUBLE_EQ(latency.stalls->turns[0].cycles, 6);
  EXPECT_EQ(latency.stalls->turns[0].memory, kOuter);
  EXPECT_EQ(latency.stalls->turns[0].port, PortKind::read);
}

TEST(Stalling, FillsAndDrainsQueueAtASharedPort) {
  // 24 / 12 = 2 each way: a turn every max(3, 2 + 2) = 4: 2 + 3 + 3·4 + 2 = 19.
  Architecture arch = three_memories();
  arch.memories[kOuter].ports.shared = 12;
  arch.memories[kInner].double_buffered = true;
  EXPECT_EQ(stalling(arch, four_turns()).total.value, 19);
}

TEST(Stalling, AStepWaitsForTheLanesPorts) {
  // The lanes read 8 bits per step at 4 bits per cycle: 12 steps of 2 cycles.
  Architecture arch = three_memories();
  arch.memories[kInner].ports.read = 4;
  arch.memories[kInner].double_buffered = true;
  const Latency latency = stalling(
      arch, {Store{kI, kOuter}, Store{kO, kOuter}, temporal(3), Store{kI, kInner}, temporal(1)});
  EXPECT_EQ(latency.total.value, 24);
  EXPECT_EQ(latency.stalls->lane_ports, 12);
}

TEST(Stalling, RefillingASingleBufferExposesTheDoubleBufferInside) {
  // Middle: 2 turns of 48 bits at 12: 4 cycles. Inner: 3 turns in each, 16 bits at 8: 2 cycles, as
  // long as its work of 2 steps. Twice: 4 + 2 + 3·2 = 12.
  Architecture arch = three_memories();
  arch.memories[kOuter].ports.read = 12;
  arch.memories[kMiddle].ports.read = 8;
  arch.memories[kInner].double_buffered = true;
  const std::vector<PathNode> path{Store{kI, kOuter},  Store{kO, kOuter}, temporal(6),
                                   Store{kI, kMiddle}, temporal(2),       Store{kI, kInner},
                                   temporal(1)};
  EXPECT_EQ(stalling(arch, path).total.value, 24);
  // Middle double-buffered too: 4 + 2, then six times 2.
  arch.memories[kMiddle].double_buffered = true;
  EXPECT_EQ(stalling(arch, path).total.value, 18);
}

TEST(Stalling, AStoreBelowAllItsLoopsIsFilledOnce) {
  // One turn: 96 bits at 12, then 12 steps: 8 + 12.
  Architecture arch = three_memories();
  arch.memories[kOuter].ports.read = 12;
  const std::vector<PathNode> path{Store{kI, kOuter}, Store{kO, kOuter}, Store{kI, kInner},
                                   temporal(1)};
  EXPECT_EQ(stalling(arch, path).total.value, 20);
}

TEST(Stalling, OverlappedIsTheModelUnlessAskedOtherwise) {
  const Latency latency = evaluate(copy(), two_in_one_out(false), four_turns()).latency;
  EXPECT_EQ(latency.total.value, 12);  // the ports need 96 / 12 = 8 and 96 / 24 = 4
  EXPECT_FALSE(latency.stalls.has_value());
}

}  // namespace
}  // namespace tileloom::cost::stalling_test
