#include "tileloom/io/onnx/test_model.hpp"

namespace tileloom::onnx_test {
namespace {

// 8 · 128 = 1024 rows share the weight: 1024 · 64 · 32 = 2 097 152.
TEST(MatMul, batches_that_share_a_weight_are_rows) {
  const Workload work = imported("(float[8,128,64] x) => (float[8,128,32] y) {" +
                                 constant("w", {64, 32}) + "y = MatMul (x, w) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "M=1024 N=32 K=64");
  EXPECT_EQ(macs(op), 2'097'152);
  EXPECT_EQ(accesses(op, op.inputs[0]), "M of 1024, K of 64");
  EXPECT_EQ(accesses(op, op.inputs[1]), "K of 64, N of 32");
  EXPECT_EQ(tensor_named(work, "y").shape, (std::vector<std::int64_t>{8, 128, 32}));
}

// 12 heads of 5 x 7 times 7 x 5; the batch of 1 vanishes.
TEST(MatMul, a_batch_of_both_factors_is_a_rank_and_the_second_factor_the_weight) {
  const Workload work = imported(
      "(float[1,12,5,7] q, float[1,12,7,5] k) => (float[1,12,5,5] s) { s = MatMul (q, k) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "B=12 M=5 N=5 K=7");
  EXPECT_EQ(accesses(op, op.inputs[1]), "B of 12, K of 7, N of 5");
  EXPECT_EQ(op.inputs[0].role, Role::input);
  EXPECT_EQ(op.inputs[1].role, Role::weight);
}

// [2,1,3,4] times [5,4,6] is [2,5,3,6]: 2·5·3·6·4 = 720.
TEST(MatMul, stretched_batches_have_no_term_in_the_factor_that_lacks_them) {
  const Workload work =
      imported("(float[2,1,3,4] a, float[5,4,6] b) => (float[2,5,3,6] y) { y = MatMul (a, b) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "B0=2 B1=5 M=3 N=6 K=4");
  EXPECT_EQ(accesses(op, op.inputs[0]), "B0 of 2, M of 3, K of 4");
  EXPECT_EQ(accesses(op, op.inputs[1]), "B1 of 5, K of 4, N of 6");
  EXPECT_EQ(macs(op), 720);
}

TEST(MatMul, a_vector_is_a_matrix_of_one_row_or_column_that_the_result_does_not_have) {
  const Workload work =
      imported("(float[4] a, float[4,6] b) => (float[6] y) { y = MatMul (a, b) }");
  EXPECT_EQ(ranks_of(only_operator(work)), "M=1 N=6 K=4");
  EXPECT_EQ(tensor_named(work, "y").shape, (std::vector<std::int64_t>{6}));
}

TEST(MatMul, inner_sizes_that_differ_are_a_mistake) {
  EXPECT_EQ(refused("(float[5,7] a, float[6,3] b) => (float[5,3] y) { y = MatMul (a, b) }"),
            "m.onnx: node '#0' (MatMul): [5, 7] times [6, 3]: the inner sizes 7 and 6 must be "
            "equal: correct the model\n");
}

TEST(MatMul, a_matrix_times_itself_reads_a_copy) {
  const Workload work = imported("(float[3,3] a) => (float[3,3] y) { y = MatMul (a, a) }");
  EXPECT_EQ(kinds(work), "MatMul.copy MatMul");
  const Operator& product = work.operators[OperatorId{1}];
  EXPECT_NE(product.inputs[0].tensor, product.inputs[1].tensor);
}

TEST(Gemm, a_transposed_weight_is_read_as_n_by_k) {
  const Workload work = imported("(float[2,6] x) => (float[2,4] y) {" + constant("w", {4, 6}) +
                                 constant("c", {4}) + "y = Gemm <transB = 1> (x, w, c) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "M=2 N=4 K=6");
  EXPECT_EQ(accesses(op, op.inputs[1]), "N of 4, K of 6");
  EXPECT_EQ(macs(op), 48);
}

TEST(Gemm, a_summand_that_is_a_computed_matrix_is_added_by_its_own_operator) {
  const Workload work = imported(
      "(float[2,6] x, float[6,4] w, float[2,4] c) => (float[2,4] y) { y = Gemm (x, w, c) }");
  EXPECT_EQ(kinds(work), "Gemm.product Gemm.add");
}

// bhid,bhjd->bhij: 2·3·4·5·6 = 720.
TEST(Einsum, one_rank_per_letter_and_the_missing_ones_are_summed) {
  const Workload work = imported(
      "(float[2,3,4,6] q, float[2,3,5,6] k) => (float[2,3,4,5] s) {"
      "s = Einsum <equation = \"bhid, bhjd -> bhij\"> (q, k) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(ranks_of(op), "b=2 h=3 i=4 j=5 d=6");
  EXPECT_EQ(macs(op), 720);
}

}  // namespace
}  // namespace tileloom::onnx_test
