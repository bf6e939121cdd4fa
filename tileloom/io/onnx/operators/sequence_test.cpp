// Attention, recurrence and quantised networks: chains with hand-counted work.

#include "tileloom/io/onnx/test_model.hpp"

namespace tileloom::onnx_test {
namespace {

// 2 key heads shared by 4 query heads of width 8, 3 queries, 5 keys:
// scores 4·3·5·8 = 480, values 4·3·5·8 = 480.
TEST(Attention, is_scores_softmax_and_values_with_shared_key_heads) {
  const Workload work = imported(
      "(float[1,3,32] q, float[1,5,16] k, float[1,5,16] v) => (float[1,3,32] y) {"
      "y = Attention <q_num_heads = 4, kv_num_heads = 2> (q, k, v) }",
      {}, 23);
  EXPECT_EQ(kinds(work),
            "Attention.scores Attention.max Attention.exp Attention.sum Attention.divide "
            "Attention.values");
  const Operator& scores = work.operators[OperatorId{0}];
  EXPECT_EQ(ranks_of(scores), "B=1 H=2 G=2 M=3 N=5 K=8");
  EXPECT_EQ(accesses(scores, scores.inputs[0]), "B of 1, M of 3, H of 2, G of 2, K of 8");
  EXPECT_EQ(accesses(scores, scores.inputs[1]), "B of 1, N of 5, H of 2, K of 8");
  EXPECT_EQ(macs(work), 960);
}

// 6 steps, 4 gates of 5 states, 3 inputs: 6·20·3 = 360 and 6·20·5 = 600.
TEST(Lstm, projects_all_steps_at_once_and_reads_the_states_of_the_step_before) {
  const Workload work =
      imported("(float[6,1,3] x) => (float[6,1,1,5] y) {" + constant("w", {1, 20, 3}) +
               constant("r", {1, 20, 5}) + "y = LSTM <hidden_size = 5> (x, w, r) }");
  EXPECT_EQ(kinds(work), "LSTM.projection LSTM.recurrence LSTM.gates LSTM.cell LSTM.output");
  EXPECT_EQ(macs(work.operators[OperatorId{0}]), 360);
  EXPECT_EQ(macs(work.operators[OperatorId{1}]), 600);
  EXPECT_EQ(tensor_named(work, "y.state").kind, TensorKind::input);
}

TEST(Quantised, a_convolution_between_dequantise_and_quantise_has_8_bits_and_sums_32) {
  const Workload work = imported(
      "(float[1,3,4,4] x) => (float[1,2,4,4] y) {"
      "s = Constant <value = float {0.5}> () z = Constant <value = uint8 {0}> ()"
      "wz = Constant <value = int8[1] {0}> () ws = Constant <value = int64[4] {2,3,1,1}> ()"
      "wq = ConstantOfShape <value = int8[1] {1}> (ws)"
      "xq = QuantizeLinear (x, s, z) xd = DequantizeLinear (xq, s, z)"
      "wd = DequantizeLinear (wq, s) c = Conv (xd, wd)"
      "r = Relu (c) yq = QuantizeLinear (r, s, z) y = DequantizeLinear (yq, s, z) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(op.inputs[0].bits, 8);
  EXPECT_EQ(op.inputs[1].bits, 8);
  EXPECT_EQ(op.output.bits, 8);
  EXPECT_EQ(op.output.partial_bits, 32);
}

TEST(Quantised, an_integer_product_writes_32_bits) {
  const Workload work =
      imported("(uint8[2,3] a, int8[3,4] b) => (int32[2,4] y) { y = MatMulInteger (a, b) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(op.inputs[0].bits, 8);
  EXPECT_EQ(op.output.bits, 32);
  EXPECT_EQ(op.output.partial_bits, 32);
}

}  // namespace
}  // namespace tileloom::onnx_test
