#include "tileloom/io/yaml/read_problem.hpp"

#include <gtest/gtest.h>

#include "tileloom/workload/make.hpp"

namespace tileloom::read_problem_test {
namespace {

std::string messages(const std::string& text) {
  const auto problem = parse_problem(text, "p.yaml");
  return problem ? "" : to_string(problem.error());
}
Operator op_of(const std::string& text) {
  const auto problem = parse_problem(text, "p.yaml");
  EXPECT_TRUE(problem) << (problem ? "" : to_string(problem.error()));
  return problem ? problem->operators[OperatorId{0}] : Operator{};
}

// (224 + 6 - 7) / 2 + 1 = 112 outputs; 64 x 3 x 112 x 112 x 7 x 7 = 118 013 952 MACs.
TEST(ReadProblem, a_convolution_by_its_input_size) {
  const Operator op = op_of(
      "name: conv1\n"
      "conv: {K: 64, C: 3, H: 224, W: 224, R: 7, S: 7, stride: 2, padding: 3}\n"
      "bits: {outputs: 8 bit, partial: 24 bit}\n");
  EXPECT_EQ(macs(op), 118'013'952);
  EXPECT_EQ(op.inputs[0].axes[2], (Axis{{{RankId{3}, 2}, {RankId{5}, 1}}, -3, 224}));
  EXPECT_EQ(op.output.partial_bits, 24);
}

TEST(ReadProblem, a_convolution_by_its_output_size_with_a_value_per_axis) {
  // Height (8-1)*2 + (3-1)*1 + 1 = 17, width (8-1)*1 + (3-1)*2 + 1 = 12.
  const Operator op = op_of("conv: {P: 8, Q: 8, R: 3, S: 3, stride: [2, 1], dilation: [1, 2]}\n");
  EXPECT_EQ(op.inputs[0].axes[2].extent, 17);
  EXPECT_EQ(op.inputs[0].axes[3].extent, 12);
}

TEST(ReadProblem, convolutions_of_one_and_three_axes) {
  EXPECT_EQ(macs(op_of("conv: {K: 2, C: 3, Q: 5, S: 7}\n")), 2 * 3 * 5 * 7);
  EXPECT_EQ(macs(op_of("conv: {O: 2, P: 3, Q: 5, T: 7, R: 2, S: 3}\n")), 2 * 3 * 5 * 7 * 2 * 3);
}

TEST(ReadProblem, a_matrix_multiplication) {
  EXPECT_EQ(op_of("name: mm\nmatmul: {B: 2, M: 3, N: 5, K: 7}\n"),
            one_matmul("mm", {.batch = 2, .m = 3, .n = 5, .k = 7}, {}).operators[OperatorId{0}]);
  const Operator attention = op_of("matmul: {B: 12, M: 4, N: 4, K: 64, shared_weights: false}\n");
  EXPECT_EQ(elements(attention.inputs[1]), 12 * 64 * 4);
}

TEST(ReadProblem, an_einsum_with_affine_axes) {
  const Operator op = op_of(
      "einsum:\n"
      "  ranks: {k: 8, p: 16, c: 4, r: 3}\n"
      "  inputs:\n"
      "    - {tensor: I, axes: [c, 2*p + r - 1], shape: [4, 32]}\n"
      "    - {tensor: W, axes: [k, c, r]}\n"
      "  output: {tensor: O, axes: [k, p]}\n");
  EXPECT_EQ(op.inputs[0].axes[1], (Axis{{{RankId{1}, 2}, {RankId{3}, 1}}, -1, 32}));
  EXPECT_EQ(op.inputs[1].role, Role::weight);
  EXPECT_EQ(macs(op), 8 * 16 * 4 * 3);
  EXPECT_EQ(op.reduction, Reduction::sum);
}

TEST(ReadProblem, without_a_shape_an_axis_ends_with_its_last_index) {
  // 2*15 + 2 - 1 = 31 is the last index.
  const Operator op = op_of(
      "einsum:\n  ranks: {p: 16, r: 3}\n  inputs:\n    - {tensor: I, axes: [2*p + r - 1]}\n"
      "  output: {tensor: O, axes: [p]}\n  function: copy\n  reduction: max\n");
  EXPECT_EQ(op.inputs[0].axes[0].extent, 32);
  EXPECT_EQ(op.reduction, Reduction::max);
  EXPECT_EQ(macs(op), 0);
}

TEST(ReadProblem, no_or_several_operators) {
  EXPECT_EQ(
      messages("name: a\n"),
      "p.yaml:1:1: the problem has no operators: give one of 'conv', 'matmul' and 'einsum'\n");
  EXPECT_EQ(messages("conv: {Q: 1}\nmatmul: {M: 1, N: 1, K: 1}\n"),
            "p.yaml:1:1: the problem has several operators: give one of 'conv', 'matmul' and "
            "'einsum'\n");
}

TEST(ReadProblem, mistakes_in_a_convolution) {
  EXPECT_EQ(messages("conv: {K: 0, C: 1.5, Q: 4, strid: 2}\n"),
            "p.yaml:1:11: 'K' is 0: it must be at least 1\n"
            "p.yaml:1:17: 'C' is '1.5', not a whole number: write digits only, such as 16\n"
            "p.yaml:1:28: unknown key 'strid' in the convolution: did you mean 'stride'?\n");
  EXPECT_EQ(messages("conv: {P: 4, Q: 4, stride: [1, 2, 3]}\n"),
            "p.yaml:1:28: 'stride' has 3 values: give one, or one for each of the 2 axes\n");
  EXPECT_EQ(messages("conv: {W: 3, S: 5}\n"),
            "p.yaml:1:7: W = 3 is smaller than the filter S = 5: use a larger input or padding\n");
  EXPECT_EQ(messages("conv: {W: 8, S: 3, Q: 8}\n"),
            "p.yaml:1:7: Q is 8, but W = 8 gives 6: leave out Q or W\n");
  EXPECT_EQ(
      messages("conv: {S: 3}\n"),
      "p.yaml:1:7: the convolution has neither Q nor W: give the size of its output or of its "
      "input\n");
  EXPECT_EQ(messages("conv: {Q: 3, K: 4, C: 6, groups: 4}\n"),
            "p.yaml:1:7: 4 groups do not divide C = 6 and K = 4: C and K count the channels of all "
            "groups\n");
  EXPECT_EQ(messages("conv: {Q: 4000000000, K: 4000000000, C: 4000000000}\n"),
            "p.yaml: the sizes of the problem do not fit into 64 bits: use smaller sizes\n");
}

TEST(ReadProblem, mistakes_in_a_matrix_multiplication) {
  EXPECT_EQ(messages("matmul: {M: 4, K: 4}\n"),
            "p.yaml:1:9: the matrix multiplication has no 'N': add 'N: 64'\n");
}

TEST(ReadProblem, mistakes_in_an_einsum_point_at_the_character) {
  const auto with_axis = [](const std::string& axis) {
    return messages("einsum:\n  ranks: {p: 4}\n  inputs:\n    - {tensor: I, axes: [" + axis +
                    "]}\n  output: {tensor: O, axes: [p]}\n");
  };
  EXPECT_EQ(with_axis("2*q"), "p.yaml:4:26: unknown rank 'q': did you mean 'p'?\n");
  EXPECT_EQ(with_axis("p + "),
            "p.yaml:4:29: axis 'p +': expected a rank or a number: write a sum "
            "such as 2*p + r - 1\n");
  EXPECT_EQ(with_axis("p q"),
            "p.yaml:4:28: axis 'p q': expected '+' or '-': write a sum such as "
            "2*p + r - 1\n");
  EXPECT_EQ(with_axis("1 - p"),
            "p.yaml:4:31: axis '1 - p': the coefficient of p must be positive: "
            "write a sum such as 2*p + r - 1\n");
  EXPECT_EQ(with_axis("p + p"),
            "p.yaml:4:31: axis 'p + p': p occurs twice: write a sum such as "
            "2*p + r - 1\n");
  EXPECT_EQ(with_axis("p*p"),
            "p.yaml:4:28: axis 'p*p': expected a number after '*': write a sum "
            "such as 2*p + r - 1\n");
}

TEST(ReadProblem, what_is_not_reduced_must_be_in_the_output) {
  EXPECT_EQ(messages("einsum:\n  ranks: {p: 4, c: 2}\n  inputs:\n    - {tensor: I, axes: [p, c]}\n"
                     "  output: {tensor: O, axes: [p]}\n  reduction: none\n"),
            "p.yaml:6:14: rank 'c' is not in the output, but nothing is reduced: write 'reduction: "
            "sum' or 'reduction: max'\n");
}

TEST(ReadProblem, tensors_need_names_of_their_own) {
  EXPECT_EQ(messages("einsum:\n  ranks: {p: 4}\n  inputs:\n    - {tensor: A, axes: [p]}\n"
                     "  output: {tensor: A, axes: [p]}\n"),
            "p.yaml: tensor 'A': the name is taken: rename one of the two\n");
}

}  // namespace
}  // namespace tileloom::read_problem_test
