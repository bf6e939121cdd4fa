#include "tileloom/cost/counts.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace tileloom::cost {
namespace {

constexpr TensorId kI{0}, kW{1}, kO{2};
constexpr RankId kP{0}, kR{1};
constexpr MemoryId kOuter{0}, kInner{1};

/// O[p] += I[p + r − pad] · W[r]
Operator convolution_1d(std::int64_t p, std::int64_t r, std::int64_t pad = 0) {
  Operator op;
  op.name = "conv";
  op.ranks = {{"P", p}, {"R", r}};
  op.inputs = {{kI, Role::input, {{{{kP, 1}, {kR, 1}}, -pad, p + r - 1 - 2 * pad}}},
               {kW, Role::weight, {{{{kR, 1}}, 0, r}}}};
  op.output = {kO, Role::output, {{{{kP, 1}}, 0, p}}};
  return op;
}

Architecture two_memories(std::int64_t lanes = 1, bool multicast = true, bool reduce = true) {
  Architecture arch;
  arch.memories.push_back({.name = "Outer"});
  arch.memories.push_back({.name = "Inner"});
  arch.axes.push_back({.name = "x",
                       .size = lanes,
                       .multicast = multicast,
                       .reduce = reduce,
                       .hop = {},
                       .below = 1});
  return arch;
}

Loop temporal(RankId rank, std::int64_t tile) { return {OperatorId{0}, rank, tile, std::nullopt}; }
Loop spatial(RankId rank, std::int64_t tile) { return {OperatorId{0}, rank, tile, AxisId{0}}; }

const StoreCounts& find(const PathCounts& counts, TensorId tensor, MemoryId memory) {
  for (const StoreCounts& store : counts.stores) {
    if (store.store.tensor == tensor && store.store.memory == memory) return store;
  }
  throw std::out_of_range("no such store");
}

std::vector<PathNode> homes() { return {Store{kI, kOuter}, Store{kW, kOuter}, Store{kO, kOuter}}; }

TEST(Counts, SlidingWindowFetchesOneNewElementPerStep) {
  // P = 4, R = 3. A 3-element window slides over 6 inputs: 3 at first, then one per step: 6 fills.
  const Operator op = convolution_1d(4, 3);
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {temporal(kP, 1), Store{kI, kInner}, temporal(kR, 1)});
  const PathCounts counts = count_path(op, two_memories(), path);
  EXPECT_EQ(find(counts, kI, kInner).fills, 6);
  EXPECT_EQ(find(counts, kI, kOuter).reads, 6);
  EXPECT_EQ(find(counts, kI, kInner).reads, 12);  // one per point
  EXPECT_EQ(find(counts, kI, kInner).tile, 3);
  EXPECT_EQ(counts.steps, 12);
}

TEST(Counts, KeepSameRefetchesTheWholeWindow) {
  const Operator op = convolution_1d(4, 3);
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {temporal(kP, 1), Store{kI, kInner, Keep::same}, temporal(kR, 1)});
  EXPECT_EQ(find(count_path(op, two_memories(), path), kI, kInner).fills, 12);  // 4 windows of 3
}

TEST(Counts, PaddingIsNeitherStoredNorRead) {
  // P = 4, R = 3, pad 1: I has 4 elements; the 12 points meet the padding twice.
  const Operator op = convolution_1d(4, 3, 1);
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {temporal(kP, 1), Store{kI, kInner}, temporal(kR, 1)});
  const PathCounts counts = count_path(op, two_memories(), path);
  EXPECT_EQ(find(counts, kI, kInner).fills, 4);
  EXPECT_EQ(find(counts, kI, kInner).reads, 10);
}

TEST(Counts, APartialSumThatReturnsIsHandedDown) {
  // R outside P: each of 4 sums visits the inner buffer 3 times. 12 drains, 12 updates of the outer
  // memory, of which the 8 later ones find a partial sum; 8 returns.
  const Operator op = convolution_1d(4, 3);
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {temporal(kR, 1), temporal(kP, 1), Store{kO, kInner}});
  const PathCounts counts = count_path(op, two_memories(), path);
  const StoreCounts& inner = find(counts, kO, kInner);
  const StoreCounts& outer = find(counts, kO, kOuter);
  EXPECT_EQ(inner.drains, 12);
  EXPECT_EQ(inner.fills, 8);
  EXPECT_EQ(inner.updates, 12);
  EXPECT_EQ(inner.update_reads, 8);  // the first visit of each sum finds nothing
  EXPECT_EQ(outer.updates, 12);
  EXPECT_EQ(outer.update_reads, 8);
}

TEST(Counts, NeighboursShareTheHaloIfTheyCanMulticast) {
  // P = 4 over 4 lanes, R in time: in every step the lanes need 4 neighbouring inputs, all
  // distinct; the weight is one element for all.
  const Operator op = convolution_1d(4, 3);
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {Store{kI, kInner}, Store{kW, kInner}, temporal(kR, 1), spatial(kP, 1)});
  const PathCounts cast = count_path(op, two_memories(4), path);
  EXPECT_EQ(find(cast, kI, kInner).reads, 12);
  EXPECT_EQ(find(cast, kW, kInner).reads, 3);
  EXPECT_EQ(find(count_path(op, two_memories(4, false), path), kW, kInner).reads, 12);
  EXPECT_EQ(cast.steps, 3);
  EXPECT_EQ(cast.lanes, 4);
}

TEST(Counts, LanesThatReduceUpdateOnce) {
  // R = 3 over 3 lanes: one update per output if the lanes add up, three if they cannot.
  const Operator op = convolution_1d(4, 3);
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {temporal(kP, 1), spatial(kR, 1)});
  const StoreCounts adds = find(count_path(op, two_memories(3), path), kO, kOuter);
  EXPECT_EQ(adds.updates, 4);
  EXPECT_EQ(adds.update_reads, 0);
  const StoreCounts single = find(count_path(op, two_memories(3, true, false), path), kO, kOuter);
  EXPECT_EQ(single.updates, 12);
  EXPECT_EQ(single.update_reads, 8);
}

TEST(Counts, APartialLastTileFetchesOnlyWhatItNeeds) {
  // P = 5 in tiles of 2: windows of 4, 4 and 3 inputs, each sharing 2 with the one before: 4 + 2
  // + 1.
  const Operator op = convolution_1d(5, 3);
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {temporal(kP, 2), Store{kI, kInner}, temporal(kP, 1), temporal(kR, 1)});
  const PathCounts counts = count_path(op, two_memories(), path);
  EXPECT_EQ(find(counts, kI, kInner).fills, 7);
  EXPECT_EQ(counts.steps, 15);
}

}  // namespace
}  // namespace tileloom::cost
