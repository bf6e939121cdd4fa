#include <gtest/gtest.h>

#include <limits>

#include "tileloom/workload/make.hpp"

namespace tileloom {
namespace {

constexpr RankId kM{0};

Workload product() { return one_matmul("fc", {.batch = 1, .m = 3, .n = 5, .k = 7}, {}); }

/// The mistakes of a product after `change`, one per line.
template <class Change>
std::string complaints(const Change& change) {
  Workload work = product();
  change(work, work.operators[OperatorId{0}]);
  return to_string(check(work, {"m"}));
}

TEST(Check, a_matrix_product_is_fine) {
  EXPECT_EQ(complaints([](Workload&, Operator&) {}), "");
}

TEST(Check, extents_and_coefficients_are_at_least_one) {
  EXPECT_EQ(complaints([](Workload&, Operator& op) { op.ranks[0].extent = 0; }),
            "m: operator 'fc': rank 'M' has extent 0, must be at least 1: correct the extent\n");
  EXPECT_EQ(
      complaints([](Workload&, Operator& op) { op.inputs[0].axes[0].terms[0].coefficient = 0; }),
      "m: operator 'fc': axis 0 of input 0 has coefficient 0 for rank 'M', must be at least 1: "
      "correct the coefficient\n");
}

TEST(Check, a_rank_occurs_once_in_an_operand_and_in_some_operand) {
  EXPECT_EQ(
      complaints([](Workload&, Operator& op) {
        op.inputs[0].axes[1].terms.push_back({kM, 1});
      }),
      "m: operator 'fc': axis 1 of input 0 uses rank 'M', which the operand has already used: a "
      "rank may occur once in an operand\n");
  EXPECT_EQ(complaints([](Workload&, Operator& op) {
              op.ranks.push_back({"Z", 2});
            }),
            "m: operator 'fc': rank 'Z' is used by no operand: remove it\n");
  EXPECT_EQ(complaints([](Workload&, Operator& op) {
              op.inputs[0].axes[0].terms.push_back({RankId{9}, 1});
            }),
            "m: operator 'fc': axis 0 of input 0 uses rank 9, there are only 3: use a rank of the "
            "operator\n");
}

// With M in steps of 2 nothing writes row 1 of the result.
TEST(Check, an_output_has_no_holes) {
  EXPECT_EQ(
      complaints([](Workload& work, Operator& op) {
        op.output.axes[0] = {{{kM, 2}}, 0, 5};
        work.tensors[op.output.tensor].shape = {5, 5};
      }),
      "m: operator 'fc': the output's axis 2·M skips indices: M moves by 2, the smaller terms "
      "by at most 0: write the indices between them too, or split the axis\n");
}

TEST(Check, operands_are_different_tensors) {
  EXPECT_EQ(complaints([](Workload& work, Operator& op) {
              work.tensors[TensorId{1}].shape = {7, 5};
              op.inputs.push_back(op.inputs[1]);
            }),
            "m: operator 'fc': input 1 and input 2 are the same tensor: copy it first\n");
}

TEST(Check, views_have_as_many_elements_as_their_tensor) {
  EXPECT_EQ(
      complaints([](Workload& work, Operator&) {
        work.tensors[TensorId{0}].shape = {3, 8};
      }),
      "m: operator 'fc': input 0 sees 21 elements, tensor 'A' has 24: the extents of the axes "
      "must multiply to the tensor's size\n");
}

TEST(Check, names_are_unique) {
  EXPECT_EQ(complaints([](Workload& work, Operator&) { work.tensors[TensorId{1}].name = "A"; }),
            "m: tensor 'A': the name is taken: rename one of the two\n");
  EXPECT_EQ(complaints([](Workload&, Operator& op) { op.ranks[1].name = "M"; }),
            "m: operator 'fc': two ranks are named 'M': rename one of them\n");
}

TEST(Check, producers_come_before_consumers) {
  EXPECT_EQ(
      complaints([](Workload& work, Operator& op) {
        Operator second = op;
        second.name = "second";
        work.tensors[TensorId{0}].kind = TensorKind::intermediate;
        const TensorId result = work.tensors.push_back({"R", {3, 5}, 8, TensorKind::output});
        second.output.tensor = result;
        work.operators.push_back(second);
      }),
      "m: operator 'fc': reads tensor 'A', which nobody makes: add its producer or make it an "
      "input\n"
      "m: operator 'second': reads tensor 'A', which nobody makes: add its producer or make it "
      "an input\n");
}

TEST(Check, nobody_writes_an_input) {
  EXPECT_EQ(
      complaints(
          [](Workload& work, Operator&) { work.tensors[TensorId{2}].kind = TensorKind::input; }),
      "m: operator 'fc': writes tensor 'O', which is an input: write a tensor of another kind\n");
}

TEST(Check, counts_fit_into_64_bits) {
  // 2^22 in each of three ranks: 2^66 points, though each operand has only 2^44 elements.
  const std::int64_t size = std::int64_t{1} << 22;
  const Operator huge = make_matmul("huge", {.batch = 1, .m = size, .n = size, .k = size}, {},
                                    TensorId{0}, TensorId{1}, TensorId{2});
  EXPECT_EQ(
      to_string(check(huge, {"m"})),
      "m: operator 'huge': the number of points does not fit into 64 bits: use smaller sizes\n");
}

TEST(Check, a_copy_has_one_input) {
  EXPECT_EQ(
      complaints([](Workload&, Operator& op) { op.function = PointFunction::copy; }),
      "m: operator 'fc': has 2 inputs, a copy or an activation has one: correct the inputs\n");
}

}  // namespace
}  // namespace tileloom
