// docs/cost_model.md, section 7: where Timeloop (revision 4cf6d4c) counts otherwise, with the
// numbers of the worked examples. Each example runs through both models.

#include <gtest/gtest.h>

#include <stdexcept>

#include "tileloom/cost/counts.hpp"
#include "tileloom/cost/profiles/timeloop/evaluate.hpp"

namespace {

using namespace tileloom;
namespace timeloop = tileloom::cost::timeloop;

constexpr OperatorId kOp{0};
constexpr TensorId kInput{0}, kWeight{1}, kOutput{2};
constexpr MemoryId kOuter{0}, kInner{1};

Loop temporal(std::uint16_t rank, std::int64_t tile) { return {kOp, RankId{rank}, tile, {}}; }

/// Ours: two memories, `lanes` positions between them.
Architecture two_memories(std::int64_t positions) {
  Architecture arch;
  arch.memories.push_back({.name = "Outer"});
  arch.memories.push_back({.name = "Inner"});
  arch.axes.push_back({.name = "x", .size = positions, .hop = {}, .below = 1});
  return arch;
}

const cost::StoreCounts& find(const cost::PathCounts& counts, TensorId tensor, MemoryId memory) {
  for (const cost::StoreCounts& store : counts.stores) {
    if (store.store.tensor == tensor && store.store.memory == memory) return store;
  }
  throw std::out_of_range("no such store");
}

std::vector<PathNode> homes() {
  return {Store{kInput, kOuter}, Store{kWeight, kOuter}, Store{kOutput, kOuter}};
}

/// Timeloop's: the same two levels, unlimited.
timeloop::Arch two_levels(int positions) {
  timeloop::Arch arch;
  timeloop::Level inner;
  inner.name = "Inner";
  inner.mesh = {positions, 1};
  timeloop::Level outer;
  outer.name = "Outer";
  arch.arithmetic.mesh = {positions, 1};
  arch.levels = {inner, outer};
  return arch;
}

/// O[p] += I[p + r − pad] · W[r], P = 4, R = 3
Operator convolution_1d(std::int64_t pad) {
  return {.name = "conv",
          .kind = "Conv",
          .ranks = {{"P", 4}, {"R", 3}},
          .inputs = {{kInput, Role::input, {{{{RankId{0}, 1}, {RankId{1}, 1}}, -pad, 6 - 2 * pad}}},
                     {kWeight, Role::weight, {{{{RankId{1}, 1}}, 0, 3}}}},
          .output = {kOutput, Role::output, {{{{RankId{0}, 1}}, 0, 4}}}};
}

timeloop::Problem convolution_1d_problem() {
  constexpr timeloop::DimId p{0}, r{1};
  timeloop::Problem problem;
  problem.dims = {{"P", 4}, {"R", 3}};
  problem.spaces = {
      {"I", false, {{{p, 1}, {r, 1}}}}, {"W", false, {{{r, 1}}}}, {"O", true, {{{p, 1}}}}};
  return problem;
}

constexpr timeloop::SpaceId kI{0}, kW{1}, kO{2};
const std::vector<timeloop::SpaceId> kAll{kI, kW, kO};

TEST(TimeloopDifferences, ACarriageReturnKeepsWhatTheBoxesShare) {
  // 3x3 windows at (p, q) = (0,0) (0,1) (1,0) (1,1). Ours: 9, then 3 new columns, then the window
  // one down and one left shares 2x2 = 4 of 9: 5 new, then 3: 20. Timeloop fetches the whole tile
  // when the direction of the move changes: 9 + 3 + 9 + 3 = 24.
  Operator op{
      .name = "conv",
      .kind = "Conv",
      .ranks = {{"P", 2}, {"Q", 2}, {"R", 3}, {"S", 3}},
      .inputs = {{kInput,
                  Role::input,
                  {{{{RankId{0}, 1}, {RankId{2}, 1}}, 0, 4},
                   {{{RankId{1}, 1}, {RankId{3}, 1}}, 0, 4}}},
                 {kWeight, Role::weight, {{{{RankId{2}, 1}}, 0, 3}, {{{RankId{3}, 1}}, 0, 3}}}},
      .output = {kOutput, Role::output, {{{{RankId{0}, 1}}, 0, 2}, {{{RankId{1}, 1}}, 0, 2}}}};
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {temporal(0, 1), temporal(1, 1), Store{kInput, kInner}, temporal(2, 1),
                           temporal(3, 1)});
  EXPECT_EQ(find(cost::count_path(op, two_memories(1), path), kInput, kInner).fills, 20);

  constexpr timeloop::DimId p{0}, q{1}, r{2}, s{3};
  timeloop::Problem problem;
  problem.dims = {{"P", 2}, {"Q", 2}, {"R", 3}, {"S", 3}};
  problem.spaces = {{"I", false, {{{p, 1}, {r, 1}}, {{q, 1}, {s, 1}}}},
                    {"W", false, {{{r, 1}}, {{s, 1}}}},
                    {"O", true, {{{p, 1}}, {{q, 1}}}}};
  timeloop::Mapping mapping;
  mapping.levels = {{{{r, 3}, {s, 3}}, {}, {}, kAll}, {{{p, 2}, {q, 2}}, {}, {}, kAll}};
  const timeloop::Stats stats = timeloop::evaluate(two_levels(1), problem, mapping);
  EXPECT_EQ(stats.levels[0].spaces[kI].fills, 24);
}

TEST(TimeloopDifferences, NeighboursShareTheHaloOfOneRead) {
  // Four positions hold windows of 3 over 6 distinct inputs: 12 fills. Ours reads each input once
  // and delivers it to whoever needs it: 6 reads. Timeloop shares only equal tiles: 12 reads.
  std::vector<PathNode> path = homes();
  path.insert(path.end(),
              {Loop{kOp, RankId{0}, 1, AxisId{0}}, Store{kInput, kInner}, temporal(1, 1)});
  const cost::PathCounts counts = cost::count_path(convolution_1d(0), two_memories(4), path);
  EXPECT_EQ(find(counts, kInput, kInner).fills, 12);
  EXPECT_EQ(find(counts, kInput, kOuter).reads, 6);

  timeloop::Mapping mapping;
  mapping.levels = {{{{timeloop::DimId{1}, 3}}, {}, {}, kAll},
                    {{}, {{timeloop::DimId{0}, 4}}, {}, kAll}};
  const timeloop::Stats stats =
      timeloop::evaluate(two_levels(4), convolution_1d_problem(), mapping);
  EXPECT_EQ(stats.levels[0].spaces[kI].fills, 3);  // per instance
  EXPECT_EQ(stats.levels[1].spaces[kI].reads, 12);
}

TEST(TimeloopDifferences, ADrainReadsTheBufferItLeaves) {
  // Four sums visit the inner buffer three times each. Both write the outer memory 12 times and
  // read it 8 times, and fill the inner buffer 8 times. Ours also reads the inner buffer for each
  // of the 12 drains; Timeloop does not charge them.
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {temporal(1, 1), temporal(0, 1), Store{kOutput, kInner}});
  const cost::PathCounts counts = cost::count_path(convolution_1d(0), two_memories(1), path);
  EXPECT_EQ(find(counts, kOutput, kOuter).updates, 12);
  EXPECT_EQ(find(counts, kOutput, kOuter).update_reads, 8);
  EXPECT_EQ(find(counts, kOutput, kInner).fills, 8);
  EXPECT_EQ(find(counts, kOutput, kInner).update_reads, 8);
  EXPECT_EQ(find(counts, kOutput, kInner).drains, 12);

  timeloop::Mapping mapping;
  mapping.levels = {{{}, {}, {}, kAll},
                    {{{timeloop::DimId{1}, 3}, {timeloop::DimId{0}, 4}}, {}, {}, kAll}};
  const timeloop::Stats stats =
      timeloop::evaluate(two_levels(1), convolution_1d_problem(), mapping);
  EXPECT_EQ(stats.levels[1].spaces[kO].updates, 12);
  EXPECT_EQ(stats.levels[1].spaces[kO].reads, 8);
  EXPECT_EQ(stats.levels[0].spaces[kO].fills, 8);
  EXPECT_EQ(stats.levels[0].spaces[kO].reads, 8);  // ours: 8 + 12
}

TEST(TimeloopDifferences, PaddingIsNotFetched) {
  // With padding 1 the input has 4 elements and each is fetched once. Timeloop has no padding: the
  // same convolution has 6 inputs.
  std::vector<PathNode> path = homes();
  path.insert(path.end(), {temporal(0, 1), Store{kInput, kInner}, temporal(1, 1)});
  EXPECT_EQ(find(cost::count_path(convolution_1d(1), two_memories(1), path), kInput, kInner).fills,
            4);

  timeloop::Mapping mapping;
  mapping.levels = {{{{timeloop::DimId{1}, 3}}, {}, {}, kAll},
                    {{{timeloop::DimId{0}, 4}}, {}, {}, kAll}};
  const timeloop::Stats stats =
      timeloop::evaluate(two_levels(1), convolution_1d_problem(), mapping);
  EXPECT_EQ(stats.levels[0].spaces[kI].fills, 6);
}

}  // namespace
