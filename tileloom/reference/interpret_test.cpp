#include "tileloom/reference/interpret.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/random_tree.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::reference::interpret_test {
namespace {

constexpr RankId kP{0}, kR{1};
constexpr RankId kM{0}, kK{1};
constexpr TensorId kI{0}, kW{1}, kO{2};

Workload workload_of(const Operator& op) {
  Workload workload;
  workload.tensors = {{"I", {}}, {"W", {}}, {"O", {}}};
  workload.operators = {op};
  return workload;
}

/// O[p] += I[stride·p + r − pad] · W[r]; without padding the input is what is read.
Operator window(std::int64_t p, std::int64_t r, std::int64_t stride = 1, std::int64_t pad = 0) {
  Operator op;
  op.name = "op";
  op.ranks = {{"P", p}, {"R", r}};
  const std::int64_t reach = stride * (p - 1) + r;
  op.inputs = {{kI, Role::input, {{{{kP, stride}, {kR, 1}}, -pad, reach - 2 * pad}}},
               {kW, Role::weight, {{{{kR, 1}}, 0, r}}}};
  op.output = {kO, Role::output, {{{{kP, 1}}, 0, p}}};
  return op;
}

/// O[m] += I[m, k] · W[k]
Operator product(std::int64_t m, std::int64_t k) {
  Operator op;
  op.name = "op";
  op.ranks = {{"M", m}, {"K", k}};
  op.inputs = {{kI, Role::input, {{{{kM, 1}}, 0, m}, {{{kK, 1}}, 0, k}}},
               {kW, Role::weight, {{{{kK, 1}}, 0, k}}}};
  op.output = {kO, Role::output, {{{{kM, 1}}, 0, m}}};
  return op;
}

/// DRAM ─ 8 × (x) ─ Local.
Architecture machine(bool multicast = true, bool reduce = true) {
  Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "Local"});
  arch.axes.push_back(
      {.name = "x", .size = 8, .multicast = multicast, .reduce = reduce, .hop = {}, .below = 1});
  return arch;
}

/// Runs the path below the homes of I, W and O, checks the result, and hands out the counts.
class Executed {
 public:
  Executed(const Operator& op, const std::string& path, const Architecture& arch = machine()) {
    const Workload workload = workload_of(op);
    const std::string text = "store I, W, O in DRAM\n" + path;
    const Result<LoopTree> tree = parse_tree(text, "t", workload, arch);
    if (!tree) throw std::invalid_argument(to_string(tree.error()));
    const TensorValues values = sample_values(op);
    const Interpretation run = interpret_path(op, arch, tree->path, values);
    EXPECT_EQ(run.output, evaluate_operator(op, values)) << text;
    counts = run.counts;
  }

  const cost::StoreCounts& dram(TensorId tensor) const { return find(tensor, MemoryId{0}); }
  const cost::StoreCounts& local(TensorId tensor) const { return find(tensor, MemoryId{1}); }

  cost::PathCounts counts;

 private:
  const cost::StoreCounts& find(TensorId tensor, MemoryId memory) const {
    for (const cost::StoreCounts& store : counts.stores) {
      if (store.store.tensor == tensor && store.store.memory == memory) return store;
    }
    throw std::out_of_range("no such store");
  }
};

TEST(Interpret, WhatALoopDoesNotMoveStays) {
  // M = 4, K = 3. Below M the box of W is all of W at every step: 3 fills, once. Below both loops
  // it is one element that changes at every step: 3 for each m, 12.
  const Executed stays(product(4, 3),
                       "for M in 1\n  store W in Local\n  for K in 1\n    compute op\n");
  EXPECT_EQ(stays.local(kW).fills, 3);
  EXPECT_EQ(stays.dram(kW).reads, 3);
  EXPECT_EQ(stays.local(kW).reads, 12);
  EXPECT_EQ(stays.local(kW).tile, 3);
  const Executed moves(product(4, 3),
                       "for M in 1\n  for K in 1\n    store W in Local\n    compute op\n");
  EXPECT_EQ(moves.local(kW).fills, 12);
  EXPECT_EQ(moves.local(kW).tile, 1);
  // With K outside, each element stays while M runs: 3.
  const Executed turned(product(4, 3),
                        "for K in 1\n  for M in 1\n    store W in Local\n    compute op\n");
  EXPECT_EQ(turned.local(kW).fills, 3);
}

TEST(Interpret, AWindowSlidingInTimeFetchesWhatIsNew) {
  // P = 4, R = 3: [0,3) [1,4) [2,5) [3,6): 3 + 1 + 1 + 1 = 6.
  const Executed run(window(4, 3),
                     "for P in 1\n  store I in Local\n  for R in 1\n    compute op\n");
  EXPECT_EQ(run.local(kI).fills, 6);
  EXPECT_EQ(run.dram(kI).reads, 6);
  EXPECT_EQ(run.dram(kI).deliveries, 6);
  EXPECT_EQ(run.local(kI).reads, 12);
  EXPECT_EQ(run.counts.steps, 12);
  EXPECT_EQ(run.counts.points, 12);
}

TEST(Interpret, KeepingOnlyUnchangedBoxesFetchesTheWholeWindowAgain) {
  // The four windows of three: 12.
  const Executed run(window(4, 3),
                     "for P in 1\n  store I in Local keep same\n  for R in 1\n    compute op\n");
  EXPECT_EQ(run.local(kI).fills, 12);
  // W does not change at all: 3, as with overlap.
  const Executed still(window(4, 3),
                       "for P in 1\n  store W in Local keep same\n  for R in 1\n    compute op\n");
  EXPECT_EQ(still.local(kW).fills, 3);
}

TEST(Interpret, NeighboursInSpaceShareTheirHaloByMulticast) {
  // P = 4 on two positions of 2, R = 3: boxes [0,4) and [2,6), 8 fills; 6 distinct elements.
  const std::string path =
      "spatial P in 2 on x\n  store I in Local\n  for P in 1\n    for R in 1\n      compute op\n";
  const Executed shared(window(4, 3), path);
  EXPECT_EQ(shared.local(kI).fills, 8);
  EXPECT_EQ(shared.dram(kI).reads, 6);
  EXPECT_EQ(shared.dram(kI).deliveries, 8);
  EXPECT_EQ(shared.local(kI).instances, 2);
  const Executed apart(window(4, 3), path, machine(false));
  EXPECT_EQ(apart.local(kI).fills, 8);
  EXPECT_EQ(apart.dram(kI).reads, 8);
  // W goes to both lanes at once at every step of 2 · 3: 6 reads, 12 deliveries; apart 12 reads.
  EXPECT_EQ(shared.dram(kW).reads, 6);
  EXPECT_EQ(shared.dram(kW).deliveries, 12);
  EXPECT_EQ(apart.dram(kW).reads, 12);
}

TEST(Interpret, AStrideBeyondTheFilterMovesWhatItSkipsInsideABox) {
  // stride 3, R = 2, P = 3 touch 0 1 _ 3 4 _ 6 7. One box over all: 8. A box per p: 2 each, 6.
  const Executed whole(window(3, 2, 3),
                       "store I in Local\nfor P in 1\n  for R in 1\n    compute op\n");
  EXPECT_EQ(whole.local(kI).fills, 8);
  const Executed each(window(3, 2, 3),
                      "for P in 1\n  store I in Local\n  for R in 1\n    compute op\n");
  EXPECT_EQ(each.local(kI).fills, 6);
}

TEST(Interpret, PaddingIsNeitherStoredNorMovedNorRead) {
  // P = 4, R = 3, one index of padding on both sides of 4 elements. Of the 12 points, p = 0, r = 0
  // and p = 3, r = 2 lie outside. Windows [0,2) [0,3) [1,4) [2,4): 2 + 1 + 1 = 4 fills, tile 3.
  const Executed run(window(4, 3, 1, 1),
                     "for P in 1\n  store I in Local\n  for R in 1\n    compute op\n");
  EXPECT_EQ(run.local(kI).fills, 4);
  EXPECT_EQ(run.local(kI).tile, 3);
  EXPECT_EQ(run.local(kI).reads, 10);
  EXPECT_EQ(run.local(kI).deliveries, 10);
  EXPECT_EQ(run.counts.points, 12);
}

TEST(Interpret, ASumSplitOverThreeVisitsIsWrittenThreeTimesAndReadBackTwice) {
  // K = 3 outside M = 2: each of the 2 sums visits Local 3 times. DRAM: 6 updates, 4 find a sum.
  // Local: 6 drains, 4 fills; of its 6 updates 4 find the sum handed down.
  const Executed run(product(2, 3),
                     "for K in 1\n  for M in 1\n    store O in Local\n    compute op\n");
  EXPECT_EQ(run.dram(kO).updates, 6);
  EXPECT_EQ(run.dram(kO).update_reads, 4);
  EXPECT_EQ(run.dram(kO).drains, 0);
  EXPECT_EQ(run.dram(kO).deliveries, 10);
  EXPECT_EQ(run.local(kO).drains, 6);
  EXPECT_EQ(run.local(kO).fills, 4);
  EXPECT_EQ(run.local(kO).updates, 6);
  EXPECT_EQ(run.local(kO).update_reads, 4);
}

TEST(Interpret, ASumThatStaysIsDrainedOnce) {
  // K inside: 2 drains, nothing handed down; 6 updates, the first of each sum finds nothing.
  const Executed run(product(2, 3),
                     "for M in 1\n  store O in Local\n  for K in 1\n    compute op\n");
  EXPECT_EQ(run.dram(kO).updates, 2);
  EXPECT_EQ(run.dram(kO).update_reads, 0);
  EXPECT_EQ(run.local(kO).fills, 0);
  EXPECT_EQ(run.local(kO).drains, 2);
  EXPECT_EQ(run.local(kO).updates, 6);
  EXPECT_EQ(run.local(kO).update_reads, 4);
}

TEST(Interpret, PositionsAddTheirSumsOnTheWayOutIfTheyCan) {
  // K = 4 in space, M = 2: 8 sums of one product each arrive; added on the way: 2 updates. If not,
  // 8 updates, of which 3 for each m find a sum.
  const std::string path = "spatial K in 1 on x\n  for M in 1\n    compute op\n";
  const Executed able(product(2, 4), path);
  EXPECT_EQ(able.dram(kO).updates, 2);
  EXPECT_EQ(able.dram(kO).update_reads, 0);
  EXPECT_EQ(able.dram(kO).deliveries, 8);
  const Executed unable(product(2, 4), path, machine(true, false));
  EXPECT_EQ(unable.dram(kO).updates, 8);
  EXPECT_EQ(unable.dram(kO).update_reads, 6);
  EXPECT_EQ(unable.dram(kO).deliveries, 8);
  // The same with a buffer at each position: 2 sums drained by each of 4.
  const Executed buffered(
      product(2, 4), "spatial K in 1 on x\n  store O in Local\n  for M in 1\n    compute op\n");
  EXPECT_EQ(buffered.local(kO).drains, 8);
  EXPECT_EQ(buffered.dram(kO).updates, 2);
  EXPECT_EQ(buffered.dram(kO).update_reads, 0);
}

TEST(Interpret, TheLastTripMayBePartial) {
  // M = 5 in chunks of 2 on three positions, the last with one element: 2 steps for each k, in the
  // second of which one lane is idle. K = 2: 4 steps, 10 points, 3 lanes.
  const Executed run(product(5, 2),
                     "spatial M in 2 on x\n  store O in Local\n  for M in 1\n    for K in 1\n"
                     "      compute op\n");
  EXPECT_EQ(run.counts.points, 10);
  EXPECT_EQ(run.counts.steps, 4);
  EXPECT_EQ(run.counts.lanes, 3);
  EXPECT_EQ(run.local(kO).tile, 2);
  EXPECT_EQ(run.local(kO).drains, 5);
  EXPECT_EQ(run.local(kO).instances, 3);
  // W: both lanes and, with m < 1 more, all three read the same element: once per step.
  EXPECT_EQ(run.dram(kW).reads, 4);
  EXPECT_EQ(run.dram(kW).deliveries, 10);
}

TEST(Interpret, AMemorySharedAlongAnAxisHasOneBufferForAllPositions) {
  // M = 4 in space, K = 3. Local is shared: one buffer holds I[0..4, k], 4 elements per k.
  Architecture arch = machine();
  arch.memories[MemoryId{1}].shared_along = {AxisId{0}};
  const std::string path =
      "for K in 1\n  spatial M in 1 on x\n    store I, W in Local\n    compute op\n";
  const Executed shared(product(4, 3), path, arch);
  EXPECT_EQ(shared.local(kI).instances, 1);
  EXPECT_EQ(shared.local(kI).tile, 4);
  EXPECT_EQ(shared.local(kI).fills, 12);
  EXPECT_EQ(shared.local(kW).fills, 3);
  EXPECT_EQ(shared.local(kW).reads, 3);  // one for the four lanes, at each step
  EXPECT_EQ(shared.local(kW).deliveries, 12);
  // Replicated: W goes to four buffers.
  const Executed own(product(4, 3), path);
  EXPECT_EQ(own.local(kI).tile, 1);
  EXPECT_EQ(own.local(kW).fills, 12);
  EXPECT_EQ(own.dram(kW).reads, 3);
  EXPECT_EQ(own.local(kW).instances, 4);
}

TEST(Interpret, AnImpossibleExecutionIsReported) {
  const Operator op = product(2, 2);
  const std::vector<PathNode> no_stores = {Loop{OperatorId{0}, kM, 1, std::nullopt},
                                           Loop{OperatorId{0}, kK, 1, std::nullopt}};
  EXPECT_THROW(interpret_path(op, machine(), no_stores, sample_values(op)), std::logic_error);
}

TEST(Interpret, EveryLegalPathComputesWhatTheOperatorMeans) {
  Random random(1);
  for (int i = 0; i < effort(2000); ++i) {
    const RandomCase c = random_case(random);
    const TensorValues values = sample_values(c.op());
    ASSERT_EQ(interpret_path(c.op(), c.arch, c.tree.path, values).output,
              evaluate_operator(c.op(), values))
        << "case " << i;
  }
}

}  // namespace
}  // namespace tileloom::reference::interpret_test
