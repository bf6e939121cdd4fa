#include "tileloom/loop_tree/own_path.hpp"

#include <gtest/gtest.h>

namespace tileloom::own_path_test {
namespace {

constexpr TensorId kI{0}, kT{1}, kO{2};
constexpr MemoryId kDram{0}, kBuffer{1};
constexpr OperatorId kFirst{0}, kSecond{1};

/// T[m] = I[m], then O[m] = T[m].
Workload two_copies() {
  Workload workload;
  const auto copy = [](TensorId from, TensorId to) {
    const Axis axis{{{RankId{0}, 1}}, 0, 8};
    Operator op;
    op.ranks = {{"M", 8}};
    op.inputs = {{from, Role::input, {axis}}};
    op.output = {to, Role::output, {axis}};
    return op;
  };
  workload.tensors = {{"I", {8}, 8, TensorKind::input},
                      {"T", {8}, 8, TensorKind::intermediate},
                      {"O", {8}, 8, TensorKind::output}};
  workload.operators = {copy(kI, kT), copy(kT, kO)};
  return workload;
}

Loop over_m(OperatorId op, std::int64_t tile) { return {op, RankId{0}, tile, std::nullopt}; }

TEST(OwnPath, HasTheStoresOfTheOperatorsTensorsAndItsLoopsThenTheLeafsOwnNodes) {
  const std::vector<PathNode> above{Store{kI, kDram}, Store{kT, kDram}, Store{kO, kDram},
                                    over_m(kSecond, 4), Store{kT, kBuffer}};
  const std::vector<PathNode> of_first{Store{kI, kDram}, Store{kT, kDram}, Store{kT, kBuffer},
                                       over_m(kFirst, 1)};
  EXPECT_EQ(own_path(two_copies(), above, {kFirst, {over_m(kFirst, 1)}}), of_first);
  const std::vector<PathNode> of_second{Store{kT, kDram}, Store{kO, kDram}, over_m(kSecond, 4),
                                        Store{kT, kBuffer}, over_m(kSecond, 1)};
  EXPECT_EQ(own_path(two_copies(), above, {kSecond, {over_m(kSecond, 1)}}), of_second);
}

TEST(OwnPath, LeavesTheLeafsOwnNodesAsTheyAreForTheCheckerToJudge) {
  const std::vector<PathNode> wrong{Store{kO, kDram}, over_m(kSecond, 1)};
  EXPECT_EQ(own_path(two_copies(), {}, {kFirst, wrong}), wrong);
}

}  // namespace
}  // namespace tileloom::own_path_test
