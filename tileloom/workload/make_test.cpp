#include "tileloom/workload/make.hpp"

#include <gtest/gtest.h>

namespace tileloom {
namespace {

std::vector<std::string> rank_names(const Operator& op) {
  std::vector<std::string> names;
  for (const Rank& rank : op.ranks) names.push_back(rank.name);
  return names;
}

// ResNet conv1: 64 x 112 x 112 x 3 x 7 x 7 = 118 013 952 MACs; (112-1)*2 + 7 - 3 - 2 = 224.
TEST(MakeConv, resnet_conv1_reads_a_224_wide_image_and_has_118_013_952_macs) {
  const ConvAxis axis{
      .output = 112, .filter = 7, .stride = 2, .dilation = 1, .pad_before = 3, .pad_after = 2};
  EXPECT_EQ(input_size(axis), 224);
  const Workload conv1 =
      one_conv("conv1", {.in_channels = 3, .out_channels = 64, .axes = {axis, axis}}, {});
  const Operator& op = conv1.operators[OperatorId{0}];
  EXPECT_EQ(rank_names(op), (std::vector<std::string>{"N", "K", "C", "P", "Q", "R", "S"}));
  EXPECT_EQ(macs(op), 118'013'952);
  EXPECT_EQ(op.inputs[0].axes[2], (Axis{{{RankId{3}, 2}, {RankId{5}, 1}}, -3, 224}));
  EXPECT_EQ(conv1.tensors[TensorId{0}].shape, (std::vector<std::int64_t>{1, 3, 224, 224}));
  EXPECT_EQ(conv1.tensors[TensorId{1}].shape, (std::vector<std::int64_t>{64, 3, 7, 7}));
  EXPECT_EQ(conv1.tensors[TensorId{2}].shape, (std::vector<std::int64_t>{1, 64, 112, 112}));
}

// A dilated axis: (5-1)*1 + (3-1)*2 + 1 = 9.
TEST(MakeConv, five_outputs_of_a_dilated_3_tap_filter_read_9_inputs) {
  EXPECT_EQ(input_size({.output = 5, .filter = 3, .dilation = 2}), 9);
}

TEST(MakeConv, a_depthwise_convolution_has_a_group_per_channel) {
  const ConvAxis axis{.output = 4, .filter = 3, .pad_before = 1, .pad_after = 1};
  const Workload work =
      one_conv("dw", {.in_channels = 8, .out_channels = 8, .groups = 8, .axes = {axis}}, {});
  const Operator& op = work.operators[OperatorId{0}];
  EXPECT_EQ(rank_names(op), (std::vector<std::string>{"N", "G", "K", "C", "Q", "S"}));
  EXPECT_EQ(macs(op), 8 * 4 * 3);
  EXPECT_EQ(elements(op.inputs[0]), 8 * 4);
  EXPECT_EQ(elements(op.inputs[1]), 8 * 3);
  EXPECT_EQ(elements(op.output), 8 * 4);
}

TEST(MakeMatmul, a_batch_with_one_weight_matrix_reads_k_times_n_weights) {
  const Workload work = one_matmul("fc", {.batch = 2, .m = 3, .n = 5, .k = 7}, {});
  const Operator& op = work.operators[OperatorId{0}];
  EXPECT_EQ(rank_names(op), (std::vector<std::string>{"B", "M", "N", "K"}));
  EXPECT_EQ(macs(op), 2 * 3 * 5 * 7);
  EXPECT_EQ(elements(op.inputs[0]), 2 * 3 * 7);
  EXPECT_EQ(elements(op.inputs[1]), 7 * 5);
  EXPECT_EQ(elements(op.output), 2 * 3 * 5);
}

TEST(MakeMatmul, attention_has_a_second_activation_for_each_head) {
  const Workload work = one_matmul(
      "qk", {.batch = 12, .m = 4, .n = 4, .k = 64, .shared_b = false, .b_role = Role::input}, {});
  const Operator& op = work.operators[OperatorId{0}];
  EXPECT_EQ(elements(op.inputs[1]), 12 * 64 * 4);
  EXPECT_EQ(op.inputs[1].role, Role::input);
  EXPECT_EQ(work.tensors[TensorId{1}].kind, TensorKind::input);
}

TEST(MakeOne, coverage_accounts_for_macs_and_compulsory_bits) {
  // 3x7 + 7x5 + 3x5 elements of 8 bits.
  const Workload work = one_matmul("fc", {.m = 3, .n = 5, .k = 7}, {});
  ASSERT_EQ(work.coverage.size(), 1U);
  EXPECT_EQ(work.coverage[0].macs, 105);
  EXPECT_EQ(work.coverage[0].bits_moved, 8 * (21 + 35 + 15));
}

}  // namespace
}  // namespace tileloom
