#include "tileloom/io/onnx/test_model.hpp"

namespace tileloom::onnx_test {
namespace {

TEST(Movement, concat_is_one_copy_per_input_into_its_part) {
  const Workload work = imported(
      "(float[1,2,4] a, float[1,3,4] b) => (float[1,5,4] y) { y = Concat <axis = 1> (a, b) }");
  ASSERT_EQ(work.operators.size(), 2U);
  const Operator& second = work.operators[OperatorId{1}];
  EXPECT_EQ(accesses(second, second.inputs[0]), "D0 of 1, D1 of 3, D2 of 4");
  EXPECT_EQ(accesses(second, second.output), "D0 of 1, D1 + 2 of 5, D2 of 4");
  // 8 and 12 elements are read, 20 written, of 32 bits.
  EXPECT_EQ(work.coverage[0].bits_moved, (8 + 12 + 20) * 32);
}

// Elements 1, 3, 5 of 8.
TEST(Movement, a_slice_reads_start_plus_step_times_index) {
  const Workload work = imported(
      "(float[8] x) => (float[3] y) {"
      "s = Constant <value = int64[1] {1}> () e = Constant <value = int64[1] {-2}> ()"
      "a = Constant <value = int64[1] {0}> () t = Constant <value = int64[1] {2}> ()"
      "y = Slice (x, s, e, a, t) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(accesses(op, op.inputs[0]), "2*D0 + 1 of 8");
  EXPECT_EQ(accesses(op, op.output), "D0 of 3");
}

TEST(Movement, split_is_one_copy_per_part) {
  const Workload work =
      imported("(float[7,2] x) => (float[4,2] a, float[3,2] b) { a, b = Split (x) }", {}, 18);
  const Operator& second = work.operators[OperatorId{1}];
  EXPECT_EQ(accesses(second, second.inputs[0]), "D0 + 4 of 7, D1 of 2");
}

TEST(Movement, pad_reads_beyond_the_input_where_nothing_is_read) {
  const Workload work = imported(
      "(float[1,4] x) => (float[1,7] y) {"
      "p = Constant <value = int64[4] {0, 2, 0, 1}> () y = Pad (x, p) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(accesses(op, op.inputs[0]), "D0 of 1, D1 - 2 of 4");
  EXPECT_EQ(accesses(op, op.output), "D0 of 1, D1 of 7");
}

TEST(Movement, transpose_moves_unless_only_sizes_of_one_change_places) {
  const Workload moved =
      imported("(float[2,3,4] x) => (float[4,2,3] y) { y = Transpose <perm = [2,0,1]> (x) }");
  const Operator& op = only_operator(moved);
  EXPECT_EQ(accesses(op, op.inputs[0]), "D1 of 2, D2 of 3, D0 of 4");
  const Workload view = imported(
      "(float[2,1,4] x) => (float[1,2,4] y) { t = Transpose <perm = [1,0,2]> (x) y = Relu (t) }");
  EXPECT_EQ(kinds(view), "Relu");
  EXPECT_EQ(view.coverage[0].note, "view");
}

TEST(Movement, enlarging_twofold_writes_2h_plus_i) {
  const Workload work = imported(
      "(float[1,1,3] x) => (float[1,1,6] y) {"
      "s = Constant <value = float[3] {1.0, 1.0, 2.0}> () y = Resize (x, , s) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(accesses(op, op.inputs[0]), "D0 of 1, D1 of 1, D2 of 3");
  EXPECT_EQ(accesses(op, op.output), "D0 of 1, D1 of 1, 2*D2 + U2 of 6");
}

TEST(Movement, depth_to_space_reads_blocks_of_channels) {
  const Workload work =
      imported("(float[1,8,2,3] x) => (float[1,2,4,6] y) { y = DepthToSpace <blocksize = 2> (x) }");
  const Operator& op = only_operator(work);
  // The output is seen as [N, C', H, b, W, b], the input as [N, b, b, C', H, W].
  EXPECT_EQ(accesses(op, op.output), "D0 of 1, D1 of 2, D2 of 2, D3 of 2, D4 of 3, D5 of 2");
  EXPECT_EQ(accesses(op, op.inputs[0]), "D0 of 1, D3 of 2, D5 of 2, D1 of 2, D2 of 2, D4 of 3");
}

TEST(View, the_reader_of_a_reshaped_tensor_reads_the_tensor_itself) {
  const Workload work = imported(
      "(float[2,3,4] x) => (float[2,5] y) {"
      "s = Constant <value = int64[2] {0, -1}> () r = Reshape (x, s) " +
      constant("w", {12, 5}) + "y = MatMul (r, w) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(accesses(op, op.inputs[0]), "M of 2, K of 12");
  EXPECT_EQ(work.tensors[op.inputs[0].tensor].name, "x");
  EXPECT_EQ(work.tensors[op.inputs[0].tensor].shape, (std::vector<std::int64_t>{2, 3, 4}));
}

TEST(View, a_shape_of_other_size_is_a_mistake) {
  EXPECT_EQ(refused("(float[2,3] x) => (float[4] y) {"
                    "s = Constant <value = int64[1] {4}> () y = Reshape (x, s) }"),
            "m.onnx: node '#1' (Reshape): cannot see [2, 3] as [4]: 6 elements against 4: correct "
            "the model\n");
}

// Rows 1 and 3 of 6.
TEST(Gather, indices_in_regular_steps_are_an_affine_access) {
  const Workload work = imported(
      "(float[6,2] x) => (float[2,2] y) {"
      "i = Constant <value = int64[2] {1, 3}> () y = Gather (x, i) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(accesses(op, op.inputs[0]), "2*I + 1 of 6, D1 of 2");
}

TEST(Gather, an_embedding_moves_one_row_per_token_not_the_table) {
  const Workload work = imported("(int64[5] tokens) => (float[5,8] y) {" +
                                 constant("table", {1000, 8}) + "y = Gather (table, tokens) }");
  EXPECT_EQ(work.coverage[2].bits_moved, 2 * 5 * 8 * 32);
}

}  // namespace
}  // namespace tileloom::onnx_test
