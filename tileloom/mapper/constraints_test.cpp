#include "tileloom/mapper/constraints.hpp"

#include <gtest/gtest.h>

#include "tileloom/workload/make.hpp"

namespace tileloom::mapper {
namespace {

constexpr MemoryId kDram{0};
constexpr MemoryId kBuffer{1};
constexpr AxisId kX{0};
constexpr RankId kM{0};
constexpr RankId kN{1};
constexpr RankId kK{2};

/// M 4, N 8, K 16 on DRAM, Buffer and an axis of 4:
///   store all in DRAM; for M in 2; for N in 4; store A, O in Buffer; spatial K in 4; for M, N, K
///   in 1
class Rules : public testing::Test {
 protected:
  Rules() : workload(one_matmul("mm", {.m = 4, .n = 8, .k = 16}, {})) {
    arch.memories.push_back({.name = "DRAM"});
    arch.memories.push_back({.name = "Buffer"});
    arch.axes.push_back({.name = "x", .size = 4, .below = 2});
    const OperatorId op{0};
    path = {Store{TensorId{0}, kDram},   Store{TensorId{1}, kDram}, Store{TensorId{2}, kDram},
            Loop{op, kM, 2, {}},         Loop{op, kN, 4, {}},       Store{TensorId{0}, kBuffer},
            Store{TensorId{2}, kBuffer}, Loop{op, kK, 4, kX},       Loop{op, kK, 1, {}},
            Loop{op, kM, 1, {}},         Loop{op, kN, 1, {}}};
  }
  std::vector<std::string> broken(const Constraints& constraints) const {
    return broken_rules(constraints, workload, arch, OperatorId{0}, path);
  }
  Workload workload;
  Architecture arch;
  std::vector<PathNode> path;
};

TEST_F(Rules, no_constraints_allow_everything) { EXPECT_TRUE(broken({}).empty()); }

TEST_F(Rules, trips_of_a_rank_at_a_memory_or_axis_can_be_fixed) {
  // DRAM: M 4/2 = 2 trips; x: K 16/4 = 4 trips; Buffer: K 4/1 = 4 trips.
  EXPECT_TRUE(
      broken({.loops = {{kDram, "M", {2, 2}}, {kX, "K", {4, 4}}, {kBuffer, "K", {4, 4}}}}).empty());
  EXPECT_EQ(broken({.loops = {{kX, "K", {1, 1}}}}),
            (std::vector<std::string>{"x has 4 trips of K, the constraint says 1"}));
  EXPECT_EQ(broken({.loops = {{kX, "M", {2, 4}}}}),
            (std::vector<std::string>{"x has 1 trips of M, the constraint says 2 to 4"}));
}

TEST_F(Rules, a_rank_that_the_operator_does_not_have_does_not_concern_it) {
  EXPECT_TRUE(broken({.loops = {{kX, "R", {2, 2}}}, .tiles = {{kBuffer, "R", {2, 2}}}}).empty());
}

TEST_F(Rules, the_tile_in_a_memory_is_the_chunk_at_its_stores) {
  EXPECT_TRUE(broken({.tiles = {{kBuffer, "M", {2, 2}}, {kBuffer, "K", {16, 16}}}}).empty());
  EXPECT_EQ(
      broken({.tiles = {{kBuffer, "N", {5, Bound{}.most}}}}),
      (std::vector<std::string>{"the tile of N in Buffer is 4, the constraint says at least 5"}));
}

TEST_F(Rules, an_axis_can_be_reserved_for_some_ranks) {
  EXPECT_TRUE(broken({.only = {{kX, {"K", "C"}}}}).empty());
  EXPECT_EQ(broken({.only = {{kX, {"M"}}}}),
            (std::vector<std::string>{"x has a loop over K, the constraint allows only [M]"}));
}

TEST_F(Rules, a_tensor_can_be_kept_in_or_kept_out_of_a_memory) {
  EXPECT_TRUE(broken({.stores = {{kBuffer, Role::output, true}, {kBuffer, "B", false}}}).empty());
  EXPECT_EQ(
      broken({.stores = {{kBuffer, Role::weight, true}, {kBuffer, "A", false}}}),
      (std::vector<std::string>{"B is not stored in Buffer, the constraint says it must be",
                                "A is stored in Buffer, the constraint says it must not be"}));
}

TEST_F(Rules, the_innermost_loops_of_a_memory_can_be_ordered) {
  EXPECT_TRUE(broken({.orders = {{kBuffer, {"M", "N"}}}}).empty());  // K stands outside them
  EXPECT_TRUE(broken({.orders = {{kBuffer, {"K", "M", "N"}}}}).empty());
  EXPECT_EQ(
      broken({.orders = {{kDram, {"N", "M"}}}}),
      (std::vector<std::string>{"in DRAM the loop over M stands outside N, the constraint says "
                                "the innermost are [N, M]"}));
}

TEST_F(Rules, bounds_on_the_same_thing_intersect) {
  const Constraints constraints{.loops = {{kX, "K", {2, 8}}, {kX, "K", {1, 4}}},
                                .only = {{kX, {"K"}}}};
  EXPECT_EQ(trips_bound(constraints, kX, "K"), (Bound{2, 4}));
  EXPECT_EQ(trips_bound(constraints, kX, "M"), (Bound{1, 1}));
  EXPECT_EQ(trips_bound(constraints, kDram, "M"), Bound{});
  EXPECT_EQ(store_rule({.stores = {{kBuffer, Role::weight, false}}}, kBuffer, Role::weight, "B"),
            std::optional<bool>(false));
}

}  // namespace
}  // namespace tileloom::mapper
