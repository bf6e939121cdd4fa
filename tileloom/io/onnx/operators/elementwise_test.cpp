#include "tileloom/io/onnx/test_model.hpp"

namespace tileloom::onnx_test {
namespace {

const std::string kConvRelu = "(float[1,3,8,8] x) => (float[1,4,6,6] y) {" +
                              constant("w", {4, 3, 3, 3}) + "c = Conv (x, w) y = Relu (c) }";

TEST(Epilogue, an_activation_becomes_part_of_the_convolution_before_it) {
  const Workload work = imported(kConvRelu);
  EXPECT_EQ(kinds(work), "Conv");
  EXPECT_EQ(work.coverage.size(), 4U);
  EXPECT_EQ(work.coverage[3].status, NodeStatus::folded);
  EXPECT_EQ(work.coverage[3].note, "folded into c");
  EXPECT_EQ(tensor_named(work, "y").kind, TensorKind::output);
}

TEST(Epilogue, without_folding_it_is_an_operator_of_its_own) {
  const Workload work = imported(kConvRelu, {.bind = {}, .fold_epilogues = false});
  EXPECT_EQ(kinds(work), "Conv Relu");
  EXPECT_EQ(work.operators[OperatorId{1}].function, PointFunction::activation);
}

TEST(Epilogue, a_result_that_others_read_too_is_not_changed) {
  const Workload work = imported("(float[1,3,8,8] x) => (float[1,4,6,6] y, float[1,4,6,6] c) {" +
                                 constant("w", {4, 3, 3, 3}) + "c = Conv (x, w) y = Relu (c) }");
  EXPECT_EQ(kinds(work), "Conv Relu");
}

TEST(Epilogue, bias_and_batch_normalisation_fold_but_a_residual_sum_does_not) {
  const Workload work = imported(
      "(float[1,3,8,8] x, float[1,4,6,6] r) => (float[1,4,6,6] y) {" + constant("w", {4, 3, 3, 3}) +
      constant("b", {4, 1, 1}) + constant("s", {4}) +
      "c = Conv (x, w) d = Add (c, b) e = BatchNormalization (d, s, s, s, s) y = Add (e, r) }");
  EXPECT_EQ(kinds(work), "Conv Add");
  EXPECT_EQ(work.coverage[7].note, "folded into c");
  EXPECT_EQ(work.coverage[8].note, "folded into c");
}

TEST(BatchNormalization, alone_it_multiplies_every_element_by_its_channels_scale) {
  const Workload work = imported("(float[1,4,5,5] x) => (float[1,4,5,5] y) {" + constant("s", {4}) +
                                 "y = BatchNormalization (x, s, s, s, s) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(op.function, PointFunction::multiply);
  EXPECT_EQ(accesses(op, op.inputs[1]), "D1 of 4");
  EXPECT_EQ(macs(op), 0);
}

TEST(Elementwise, stretched_axes_have_no_term) {
  const Workload work =
      imported("(float[2,3,4] a, float[3,1] b) => (float[2,3,4] y) { y = Mul (a, b) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "D0=2 D1=3 D2=4");
  EXPECT_EQ(accesses(op, op.inputs[1]), "D1 of 3, 0 of 1");
}

TEST(Elementwise, a_tensor_plus_itself_is_read_once) {
  const Workload work = imported("(float[2,3] a) => (float[2,3] y) { y = Add (a, a) }");
  EXPECT_EQ(only_operator(work).inputs.size(), 1U);
  EXPECT_EQ(only_operator(work).function, PointFunction::activation);
}

TEST(Elementwise, sizes_that_do_not_stretch_to_each_other_are_a_mistake) {
  EXPECT_EQ(refused("(float[5,7] a, float[6] b) => (float[5,7] y) { y = Add (a, b) }"),
            "m.onnx: node '#0' (Add): sizes 7 and 6 cannot be stretched to each other: correct the "
            "model\n");
}

TEST(Softmax, is_four_operators_over_each_row) {
  const Workload work = imported("(float[2,5] x) => (float[2,5] y) { y = Softmax (x) }");
  EXPECT_EQ(kinds(work), "Softmax.max Softmax.exp Softmax.sum Softmax.divide");
  const Operator& largest = work.operators[OperatorId{0}];
  EXPECT_EQ(accesses(largest, largest.output), "D0 of 2, 0 of 1");
  // The node reads x and writes y, 10 elements of 32 bits each; what is between stays inside.
  EXPECT_EQ(work.coverage[0].bits_moved, 2 * 10 * 32);
}

TEST(Softmax, before_opset_13_a_row_is_everything_from_the_axis_on) {
  const Workload work =
      imported("(float[2,3,4] x) => (float[2,3,4] y) { y = Softmax (x) }", {}, 11);
  const Operator& largest = work.operators[OperatorId{0}];
  EXPECT_EQ(accesses(largest, largest.output), "D0 of 2, 0 of 1, 0 of 1");
}

TEST(LayerNormalization, is_mean_difference_deviation_and_scaling) {
  const Workload work = imported("(float[2,8] x) => (float[2,8] y) {" + constant("g", {8}) +
                                     "y = LayerNormalization (x, g, g) }",
                                 {}, 17);
  EXPECT_EQ(kinds(work),
            "LayerNormalization.mean LayerNormalization.center LayerNormalization.deviation "
            "LayerNormalization.scale");
  const Operator& scaling = work.operators[OperatorId{3}];
  EXPECT_EQ(accesses(scaling, scaling.inputs[1]), "D0 of 2, 0 of 1");
  EXPECT_EQ(accesses(scaling, scaling.inputs[2]), "D1 of 8");
}

}  // namespace
}  // namespace tileloom::onnx_test
