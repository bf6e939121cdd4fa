#include "tileloom/io/yaml/write_problem.hpp"

#include <gtest/gtest.h>

#include "tileloom/io/yaml/read_problem.hpp"

namespace tileloom {
namespace {

TEST(WriteProblem, a_strided_padded_convolution_is_read_back_as_an_einsum) {
  const auto problem = parse_problem(
      "name: conv1\nconv: {K: 4, C: 3, H: 14, W: 14, R: 3, S: 3, stride: 2, padding: 1}\n"
      "bits: {outputs: 8 bit, partial: 24 bit}\n",
      "p.yaml");
  ASSERT_TRUE(problem) << to_string(problem.error());
  const Operator& op = problem->operators[OperatorId{0}];
  const std::string text = write_problem(*problem, op);
  const auto again = parse_problem(text, "again.yaml");
  ASSERT_TRUE(again) << to_string(again.error()) << text;
  Operator back = again->operators[OperatorId{0}];
  EXPECT_EQ(back.kind, "Einsum");
  back.kind = op.kind;
  EXPECT_EQ(back, op) << text;
}

TEST(WriteProblem, names_that_are_no_words_are_quoted) {
  const auto problem = parse_problem(
      "name: \"a: b\"\neinsum:\n  ranks: {p: 4}\n  inputs:\n    - {tensor: \"x, y\", axes: [p]}\n"
      "  output: {tensor: O, axes: [p]}\n  function: copy\n",
      "p.yaml");
  ASSERT_TRUE(problem) << to_string(problem.error());
  const auto again =
      parse_problem(write_problem(*problem, problem->operators[OperatorId{0}]), "again.yaml");
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(again->tensors[TensorId{0}].name, "x, y");
  EXPECT_EQ(again->operators[OperatorId{0}], problem->operators[OperatorId{0}]);
}

}  // namespace
}  // namespace tileloom
