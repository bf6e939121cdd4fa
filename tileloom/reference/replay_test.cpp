#include "tileloom/reference/replay.hpp"

#include <gtest/gtest.h>

namespace tileloom::reference::replay_test {
namespace {

constexpr TensorId kI{0}, kO{1};
constexpr RankId kP{0};
constexpr MemoryId kOuter{0}, kInner{1};

/// O[p] = I[p], `extent` elements of 8 bits, one per cycle
Operator copy(std::int64_t extent) {
  Operator op;
  op.name = "copy";
  op.ranks = {{"P", extent}};
  op.inputs = {{kI, Role::input, {{{{kP, 1}}, 0, extent}}}};
  op.output = {kO, Role::output, {{{{kP, 1}}, 0, extent}}};
  op.function = PointFunction::copy;
  return op;
}

/// Outer hands out 24 bits in 2 cycles and takes them back in 1.
Architecture two_in_one_out(bool double_buffered) {
  Architecture arch;
  arch.memories.push_back({.name = "Outer"});
  arch.memories.push_back({.name = "Inner"});
  arch.memories[kOuter].ports.read = 12;
  arch.memories[kOuter].ports.write = 24;
  arch.memories[kInner].double_buffered = double_buffered;
  return arch;
}

/// Turns of three steps, the last one of what is left.
std::vector<PathNode> turns_of_three() {
  const Loop outer{OperatorId{0}, kP, 3, std::nullopt};
  const Loop inner{OperatorId{0}, kP, 1, std::nullopt};
  return {Store{kI, kOuter}, Store{kO, kOuter}, outer, Store{kI, kInner}, Store{kO, kInner}, inner};
}

TEST(Replay, ASingleBufferIsFilledAfterItsWork) {
  // Fill [0,2], work [2,5], drain [5,6] beside fill [5,7], work [7,10], [12,15], [17,20], drain 21.
  EXPECT_DOUBLE_EQ(replay_path(copy(12), two_in_one_out(false), turns_of_three()), 21);
}

TEST(Replay, ADoubleBufferIsFilledDuringTheWork) {
  // Fill [0,2], work [2,14] without a gap, drain [14,15].
  EXPECT_DOUBLE_EQ(replay_path(copy(12), two_in_one_out(true), turns_of_three()), 15);
}

TEST(Replay, APartialTurnMovesAndTakesLess) {
  // 10 = 3 + 3 + 3 + 1 elements: work ends at 2 + 10, its drain of 8 bits takes 1/3.
  EXPECT_DOUBLE_EQ(replay_path(copy(10), two_in_one_out(true), turns_of_three()), 12 + 1.0 / 3);
}

TEST(Replay, ASharedPortServesTheEarlierStepFirst) {
  // Two cycles each way. Fills [0,2], [2,4]; work [2,5], [5,8]; drain 1 [5,7], fill 3 [7,8], which
  // leaves the port to drain 2 [8,10] and goes on [10,11]; fill 4 [11,13]; work [11,14], [14,17];
  // drains [14,16], [17,19].
  Architecture arch = two_in_one_out(true);
  arch.memories[kOuter].ports = {std::nullopt, std::nullopt, 12};
  EXPECT_DOUBLE_EQ(replay_path(copy(12), arch, turns_of_three()), 19);
}

TEST(Replay, LanesGoBeforeTransfers) {
  // Inner's port of 8 bits per cycle serves 3 reads and 3 fills per turn, lanes first; O goes
  // straight to Outer. Fill [0,3], work [3,6] keeps the port, fill [6,9]: 4 turns of 3 + 3.
  Architecture arch = two_in_one_out(true);
  arch.memories[kOuter].ports = {};
  arch.memories[kInner].ports.shared = 8;
  std::vector<PathNode> path = turns_of_three();
  path.erase(path.begin() + 4);
  EXPECT_DOUBLE_EQ(replay_path(copy(12), arch, path), 24);
}

}  // namespace
}  // namespace tileloom::reference::replay_test
