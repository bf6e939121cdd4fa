#include "tileloom/cost/dispatch.hpp"

#include <gtest/gtest.h>

namespace tileloom::cost {
namespace {

constexpr RankId kM{0};

Operator copy_of_8() {
  Operator op;
  op.ranks = {{"M", 8}};
  op.inputs = {{TensorId{0}, Role::input, {{{{kM, 1}}, 0, 8}}}};
  op.output = {TensorId{1}, Role::output, {{{{kM, 1}}, 0, 8}}};
  return op;
}

/// 4 cores of 2 lanes; 100 cycles to start an operator, 7 to synchronise the cores.
Architecture cores() {
  Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.axes.push_back({.name = "core", .size = 4, .hop = {}, .below = 1, .core = true});
  arch.axes.push_back({.name = "lane", .size = 2, .hop = {}, .below = 1});
  arch.launch_cycles = 100;
  arch.sync_cycles = 7;
  return arch;
}

Loop over_m(std::int64_t tile, std::optional<AxisId> axis) {
  return {OperatorId{0}, kM, tile, axis};
}

TEST(Dispatch, SeveralCoresAreSynchronised) {
  const std::vector<PathNode> path{over_m(2, AxisId{0}), over_m(1, std::nullopt)};
  EXPECT_EQ(dispatch(copy_of_8(), cores(), path), Cycles{107});
}

TEST(Dispatch, OneCoreIsOnlyLaunchedHoweverManyLanesItUses) {
  const std::vector<PathNode> path{over_m(8, AxisId{0}), over_m(4, AxisId{1}),
                                   over_m(1, std::nullopt)};
  EXPECT_EQ(dispatch(copy_of_8(), cores(), path), Cycles{100});
}

}  // namespace
}  // namespace tileloom::cost
