#include <gtest/gtest.h>

#include "tileloom/io/onnx/test_model.hpp"

namespace tileloom::onnx_test {
namespace {

// (8 + 1 + 1 - 3) / 2 + 1 = 4 positions; 4 · 4·4 · 3 · 3·3 = 1728.
TEST(Conv, a_padded_3x3_with_stride_2_over_8x8_has_1728_macs_and_reads_2p_plus_r_minus_1) {
  const Workload work =
      imported("(float[1,3,8,8] x) => (float[1,4,4,4] y) {" + constant("w", {4, 3, 3, 3}) +
               "y = Conv <strides = [2,2], pads = [1,1,1,1]> (x, w) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "N=1 K=4 C=3 P=4 Q=4 R=3 S=3");
  EXPECT_EQ(macs(op), 1728);
  EXPECT_EQ(accesses(op, op.inputs[0]), "N of 1, C of 3, 2*P + R - 1 of 8, 2*Q + S - 1 of 8");
  EXPECT_EQ(accesses(op, op.inputs[1]), "K of 4, C of 3, R of 3, S of 3");
  EXPECT_EQ(accesses(op, op.output), "N of 1, K of 4, P of 4, Q of 4");
  EXPECT_EQ(op.inputs[1].role, Role::weight);
  EXPECT_EQ(tensor_named(work, "w").kind, TensorKind::constant);
  EXPECT_EQ(tensor_named(work, "y").kind, TensorKind::output);
}

// Kernel 3 with dilation 2 reaches over 5: 9 - 5 + 1 = 5 positions.
TEST(Conv, a_dilated_kernel_reads_p_plus_2r) {
  const Workload work = imported("(float[2,1,9] x) => (float[2,1,5] y) {" +
                                 constant("w", {1, 1, 3}) + "y = Conv <dilations = [2]> (x, w) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "N=2 K=1 C=1 Q=5 S=3");
  EXPECT_EQ(accesses(op, op.inputs[0]), "N of 2, C of 1, Q + 2*S of 9");
}

// 2 groups of 3 input and 2 output channels: 2 · 2 · 3 · 2·2·2 · 1 = 96.
TEST(Conv, groups_are_a_rank_of_input_weight_and_output) {
  const Workload work = imported("(float[1,6,2,2,2] x) => (float[1,4,2,2,2] y) {" +
                                 constant("w", {4, 3, 1, 1, 1}) + "y = Conv <group = 2> (x, w) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "N=1 G=2 K=2 C=3 O=2 P=2 Q=2 T=1 R=1 S=1");
  EXPECT_EQ(accesses(op, op.inputs[0]),
            "N of 1, G of 2, C of 3, O + T of 2, P + R of 2, Q + S of 2");
  EXPECT_EQ(accesses(op, op.inputs[1]), "G of 2, K of 2, C of 3, T of 1, R of 1, S of 1");
  EXPECT_EQ(macs(op), 96);
}

// ceil(5/2) = 3 positions reach over 2·2 + 2 = 6: one element of padding, at the end or in front.
TEST(Conv, same_padding_puts_the_odd_element_at_the_end_or_in_front) {
  for (const auto& [mode, read] : {std::pair{"SAME_UPPER", "N of 1, C of 1, 2*Q + S of 5"},
                                   std::pair{"SAME_LOWER", "N of 1, C of 1, 2*Q + S - 1 of 5"}}) {
    const Workload work =
        imported("(float[1,1,5] x) => (float[1,1,3] y) {" + constant("w", {1, 1, 2}) +
                 fmt::format("y = Conv <auto_pad = \"{}\", strides = [2]> (x, w) }}", mode));
    const Operator& op = only_operator(work);
    EXPECT_EQ(ranks_of(op), "N=1 K=1 C=1 Q=3 S=2");
    EXPECT_EQ(accesses(op, op.inputs[0]), read);
  }
}

TEST(Conv, channels_that_do_not_fit_the_weight_are_a_mistake_with_both_shapes) {
  EXPECT_EQ(refused("(float[1,3,8,8] x) => (float[1,4,6,6] y) {" + constant("w", {4, 2, 3, 3}) +
                    "y = Conv (x, w) }"),
            "m.onnx: node '#2' (Conv): the input is [1, 3, 8, 8], the weight [4, 2, 3, 3], with 1 "
            "groups: input channels must be groups times the weight's second size: correct the "
            "model\n");
}

TEST(Conv, a_kernel_larger_than_the_padded_input_is_a_mistake) {
  EXPECT_EQ(refused("(float[1,1,4] x) => (float[1,1,1] y) {" + constant("w", {1, 1, 5}) +
                    "y = Conv (x, w) }"),
            "m.onnx: node '#2' (Conv): dimension 0: the kernel reaches over 5 elements, the padded "
            "input has 4: correct the model\n");
}

// 2·(3 - 1) + 1 + 3 - 1 - 1 = 6 outputs; every input position meets every kernel position:
// 2 channels in, 4 out, 3 · 3: 2 · 4 · 3 · 3 = 72.
TEST(ConvTranspose, scatters_each_input_position_to_2p_plus_r_minus_1) {
  const Workload work =
      imported("(float[1,2,3] x) => (float[1,4,6] y) {" + constant("w", {2, 4, 3}) +
               "y = ConvTranspose <strides = [2], pads = [1,1], output_padding = [1]> (x, w) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "N=1 K=4 C=2 Q=3 S=3");
  EXPECT_EQ(accesses(op, op.inputs[0]), "N of 1, C of 2, Q of 3");
  EXPECT_EQ(accesses(op, op.output), "N of 1, K of 4, 2*Q + S - 1 of 6");
  EXPECT_EQ(macs(op), 72);
}

// The full result has 2·(3 - 1) + 3 = 7 elements; one of them is cut, in front.
TEST(ConvTranspose, a_stated_output_shape_decides_the_padding) {
  const Workload work =
      imported("(float[1,1,3] x) => (float[1,1,6] y) {" + constant("w", {1, 1, 3}) +
               "y = ConvTranspose <strides = [2], output_shape = [6]> (x, w) }");
  EXPECT_EQ(accesses(only_operator(work), only_operator(work).output),
            "N of 1, K of 1, 2*Q + S - 1 of 6");
}

// Stride 3 with a kernel of 2 never writes output 2: no box of the output is whole, so no tree is
// legal. The work is counted nevertheless: 2 · 4 · 3 · 2 = 48.
TEST(ConvTranspose, that_skips_outputs_is_unmapped_with_the_reason) {
  const Workload work =
      imported("(float[1,2,3] x) => (float[1,4,8] y) {" + constant("w", {2, 4, 2}) +
               "y = ConvTranspose <strides = [3]> (x, w) }");
  EXPECT_TRUE(work.operators.empty());
  const NodeCoverage& line = work.coverage.back();
  EXPECT_EQ(line.status, NodeStatus::unmapped);
  EXPECT_EQ(line.note,
            "the output's axis 3·Q + S skips indices: Q moves by 3, the smaller terms by at most "
            "1");
  EXPECT_EQ(line.macs, 48);
}

// 2·Q + 2·S writes even indices only; with a single position 3·Q stands still, and S is dense.
TEST(ConvTranspose, holes_come_from_dilation_too_but_not_from_a_stride_never_taken) {
  const Workload dilated =
      imported("(float[1,1,3] x) => (float[1,1,7] y) {" + constant("w", {1, 1, 2}) +
               "y = ConvTranspose <strides = [2], dilations = [2], output_padding = [0]> (x, w) }");
  EXPECT_EQ(dilated.coverage.back().note,
            "the output's axis 2·Q + 2·S skips indices: Q moves by 2, the smaller terms by at most "
            "0");
  const Workload still =
      imported("(float[1,1,1] x) => (float[1,1,2] y) {" + constant("w", {1, 1, 2}) +
               "y = ConvTranspose <strides = [3]> (x, w) }");
  EXPECT_EQ(macs(only_operator(still)), 2);
}

TEST(Pool, maximum_and_average_have_one_input_and_no_macs) {
  const Workload work = imported(
      "(float[1,2,6,6] x) => (float[1,2,3,3] y, float[1,2,1,1] z) {"
      "y = MaxPool <kernel_shape = [2,2], strides = [2,2]> (x) z = GlobalAveragePool (x) }");
  const Operator& maximum = work.operators[OperatorId{0}];
  const Operator& average = work.operators[OperatorId{1}];
  EXPECT_EQ(ranks_of(maximum), "N=1 C=2 P=3 Q=3 R=2 S=2");
  EXPECT_EQ(maximum.reduction, Reduction::max);
  EXPECT_EQ(ranks_of(average), "N=1 C=2 P=1 Q=1 R=6 S=6");
  EXPECT_EQ(average.reduction, Reduction::sum);
  EXPECT_EQ(macs(work), 0);
}

// (6 - 3) / 2 rounds up to 2, so 3 windows. With input 3, kernel 1, stride 2 and one element of
// padding behind, a third window would start at 4, beyond the input: 2 windows.
TEST(Pool, ceil_mode_adds_a_window_unless_it_would_start_beyond_the_input) {
  const Workload three = imported(
      "(float[1,1,6] x) => (float[1,1,3] y) {"
      "y = MaxPool <kernel_shape = [3], strides = [2], ceil_mode = 1> (x) }");
  EXPECT_EQ(ranks_of(only_operator(three)), "N=1 C=1 Q=3 S=3");
  const Workload two = imported(
      "(float[1,1,3] x) => (float[1,1,2] y) {"
      "y = MaxPool <kernel_shape = [1], strides = [2], pads = [0,1], ceil_mode = 1> (x) }");
  EXPECT_EQ(ranks_of(only_operator(two)), "N=1 C=1 Q=2 S=1");
}

}  // namespace
}  // namespace tileloom::onnx_test
