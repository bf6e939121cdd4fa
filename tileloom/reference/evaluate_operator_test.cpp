#include "tileloom/reference/evaluate_operator.hpp"

#include <gtest/gtest.h>

namespace tileloom::reference {
namespace {

constexpr TensorId kI{0}, kW{1}, kO{2};
constexpr RankId kP{0}, kR{1};

Operator window(std::int64_t p, std::int64_t r, std::int64_t offset, std::int64_t extent) {
  Operator op;
  op.ranks = {{"P", p}, {"R", r}};
  op.inputs = {{kI, Role::input, {{{{kP, 1}, {kR, 1}}, offset, extent}}}};
  op.output = {kO, Role::output, {{{{kP, 1}}, 0, p}}};
  return op;
}

TEST(EvaluateOperator, AConvolutionReadsZeroOutsideItsInput) {
  Operator op = window(3, 2, -1, 3);
  op.inputs.push_back({kW, Role::weight, {{{{kR, 1}}, 0, 2}}});
  // O[0] = 0·10 + 1·100, O[1] = 1·10 + 2·100, O[2] = 2·10 + 3·100
  EXPECT_EQ(evaluate_operator(op, {{kI, {1, 2, 3}}, {kW, {10, 100}}, {kO, {7, 7, 7}}}),
            (std::vector<double>{100, 210, 320}));
}

TEST(EvaluateOperator, APoolingTakesTheLargest) {
  Operator op = window(2, 2, 0, 3);
  op.function = PointFunction::copy;
  op.reduction = Reduction::max;
  EXPECT_EQ(evaluate_operator(op, {{kI, {-5, -7, -6}}, {kO, {0, 0}}}),
            (std::vector<double>{-5, -6}));
}

TEST(EvaluateOperator, ATransposedConvolutionScattersAndCropsItsOutput) {
  // O[2p + r − 1] += I[p]: p = 0 writes (−1), 0 and 1; p = 1 writes 1, 2 and (3).
  Operator op;
  op.ranks = {{"P", 2}, {"R", 3}};
  op.inputs = {{kI, Role::input, {{{{kP, 1}}, 0, 2}}}};
  op.output = {kO, Role::output, {{{{kP, 2}, {kR, 1}}, -1, 3}}};
  op.function = PointFunction::copy;
  EXPECT_EQ(evaluate_operator(op, {{kI, {5, 8}}, {kO, {1, 1, 1}}}),
            (std::vector<double>{5, 13, 8}));
}

TEST(EvaluateOperator, ACopyLeavesTheRestOfItsOutputAlone) {
  Operator op;
  op.ranks = {{"P", 2}};
  op.inputs = {{kI, Role::input, {{{{kP, 1}}, 1, 3}}}};
  op.output = {kO, Role::output, {{{{kP, 1}}, 2, 4}}};
  op.function = PointFunction::copy;
  op.reduction = Reduction::none;
  EXPECT_EQ(evaluate_operator(op, {{kI, {1, 2, 3}}, {kO, {9, 9, 9, 9}}}),
            (std::vector<double>{9, 9, 2, 3}));
}

TEST(EvaluateOperator, EveryPointFunctionIsAppliedFromTheLeft) {
  const std::vector<double> values = {6, 3, 2};
  EXPECT_EQ(apply_function(PointFunction::multiply, values), 36);
  EXPECT_EQ(apply_function(PointFunction::add, values), 11);
  EXPECT_EQ(apply_function(PointFunction::subtract, values), 1);
  EXPECT_EQ(apply_function(PointFunction::divide, values), 1);
  EXPECT_EQ(apply_function(PointFunction::maximum, values), 6);
  EXPECT_EQ(apply_function(PointFunction::minimum, values), 2);
  EXPECT_EQ(apply_function(PointFunction::copy, std::vector<double>{6}), 6);
  EXPECT_EQ(apply_function(PointFunction::activation, std::vector<double>{6}), 13);
}

TEST(EvaluateOperator, AWorkloadRunsItsOperatorsInOrder) {
  Workload workload;
  workload.tensors = {{"I", {2}}, {"W", {2}}, {"O", {2}}};
  const auto activation = [](TensorId from, TensorId to) {
    Operator op;
    op.ranks = {{"P", 2}};
    op.inputs = {{from, Role::input, {{{{kP, 1}}, 0, 2}}}};
    op.output = {to, Role::output, {{{{kP, 1}}, 0, 2}}};
    op.function = PointFunction::activation;
    op.reduction = Reduction::none;
    return op;
  };
  workload.operators = {activation(kI, kW), activation(kW, kO)};
  // 2x + 1 twice: 4x + 3.
  EXPECT_EQ(evaluate_workload(workload, {{kI, {1, 2}}, {kW, {0, 0}}, {kO, {0, 0}}}).at(kO),
            (std::vector<double>{7, 11}));
}

}  // namespace
}  // namespace tileloom::reference
