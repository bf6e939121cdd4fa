#include "tileloom/io/onnx/import.hpp"

#include "tileloom/io/onnx/test_model.hpp"

namespace tileloom::onnx_test {
namespace {

std::string refused_bytes(std::string_view bytes) {
  const auto workload = import_onnx_bytes(bytes, "m.onnx");
  return workload ? std::string("imported") : to_string(workload.error());
}

TEST(Import, an_empty_file_says_so) {
  EXPECT_EQ(refused_bytes(""), "m.onnx: the file is empty: give an ONNX model\n");
}

TEST(Import, a_file_that_is_no_message_says_so) {
  EXPECT_EQ(refused_bytes("this is not ONNX"),
            "m.onnx: cannot be decoded as ONNX: truncated, corrupted or no model: export or "
            "download it again\n");
}

TEST(Import, a_message_without_graph_is_no_model) {
  ::onnx::ModelProto model;
  model.set_ir_version(8);
  EXPECT_EQ(
      refused_bytes(model.SerializeAsString()),
      "m.onnx: holds no graph with nodes: not an ONNX model, or truncated: export or download "
      "it again\n");
}

TEST(Import, every_truncation_of_a_model_is_refused) {
  const std::string bytes = bytes_of("(float[1,3,8,8] x) => (float[1,4,6,6] y) {" +
                                     constant("w", {4, 3, 3, 3}) + "y = Conv (x, w) }");
  ASSERT_TRUE(import_onnx_bytes(bytes, "m.onnx").has_value());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(import_onnx_bytes(bytes.substr(0, size), "m.onnx").has_value()) << size;
  }
}

TEST(Import, a_missing_file_is_named) {
  const auto workload = import_onnx("/nowhere/m.onnx");
  ASSERT_FALSE(workload.has_value());
  EXPECT_EQ(workload.error()[0].where.file, "/nowhere/m.onnx");
}

TEST(Import, a_cycle_is_shown_from_node_to_node) {
  EXPECT_EQ(refused("(float[2] x) => (float[2] a) { a = Add (x, b) b = Relu (a) }"),
            "m.onnx: the graph has a cycle: #0 -> #1 -> #0: a network must not feed its results "
            "back into itself\n");
}

TEST(Import, an_unbound_symbol_is_named_with_the_option_that_binds_it) {
  const std::string graph = "(float[batch,3] x) => (float[batch,3] y) { y = Relu (x) }";
  EXPECT_EQ(refused(graph),
            "m.onnx: input 'x': dimension 0 is 'batch', which has no size: bind it, for example "
            "--bind batch=1\n");
  const Workload work = imported(graph, {.bind = {{"batch", 5}}});
  EXPECT_EQ(tensor_named(work, "x").shape, (std::vector<std::int64_t>{5, 3}));
}

TEST(Import, a_dimension_of_size_zero_is_a_mistake_that_binding_mends) {
  const std::string graph = "(float[0,3] x) => (float[n,3] y) { y = Relu (x) }";
  EXPECT_EQ(refused(graph),
            "m.onnx: input 'x': dimension 0 is 0, must be at least 1: bind it, for example --bind "
            "x:0=1\n");
  EXPECT_EQ(tensor_named(imported(graph, {.bind = {{"x:0", 4}}}), "x").shape,
            (std::vector<std::int64_t>{4, 3}));
}

TEST(Import, all_mistakes_are_told_at_once) {
  EXPECT_EQ(
      refused("(float[2,3] x, float[n] z) => (float[2,3] y) {"
              "a = Relu (nothing) y = Add (x, lost) }"),
      "m.onnx: input 'z': dimension 0 is 'n', which has no size: bind it, for example --bind "
      "n=1\n"
      "m.onnx: node '#0' (Relu): input 'nothing' is made by no node and is no input of the "
      "graph: correct the name or add the tensor\n"
      "m.onnx: node '#1' (Add): input 'lost' is made by no node and is no input of the graph: "
      "correct the name or add the tensor\n");
}

TEST(Import, two_nodes_that_make_one_name_are_a_mistake) {
  EXPECT_EQ(
      refused("(float[2] x) => (float[2] y) { y = Relu (x) y = Abs (x) }"),
      "m.onnx: Abs output 'y' has the name of another tensor: every tensor needs a name of its "
      "own\n");
}

TEST(Import, sizes_beyond_64_bits_are_a_mistake) {
  EXPECT_EQ(
      refused("(float[4000000000,4000000000] x) => (float[1] y) { y = Relu (x) }"),
      "m.onnx: input 'x' is [4000000000, 4000000000]: its size does not fit into 64 bits: use "
      "smaller sizes\n");
}

TEST(Import, an_unknown_operator_stays_with_its_sizes_and_a_reason) {
  const Workload work =
      imported("(float[2,3] x) => (float[2,3] y) { m = NonMaxSuppressionOfMine (x) y = Relu (x) }");
  EXPECT_EQ(work.coverage[0].status, NodeStatus::unmapped);
  EXPECT_EQ(work.coverage[0].note, "no rule for operator NonMaxSuppressionOfMine");
  EXPECT_EQ(work.coverage[0].bits_moved, 6 * 32);
  EXPECT_EQ(work.coverage[1].status, NodeStatus::mapped);
}

TEST(Import, shape_arithmetic_is_carried_out) {
  const Workload work = imported(
      "(float[batch,3,2,2] x) => (float[batch,12] y) {"
      "s = Shape (x) zero = Constant <value = int64 {0}> () b = Gather (s, zero)"
      "ax = Constant <value = int64[1] {0}> () u = Unsqueeze (b, ax)"
      "rest = Constant <value = int64[1] {-1}> () t = Concat <axis = 0> (u, rest)"
      "r = Reshape (x, t) y = Relu (r) }",
      {.bind = {{"batch", 7}}});
  EXPECT_EQ(kinds(work), "Relu");
  EXPECT_EQ(ranks_of(only_operator(work)), "D0=7 D1=12");
}

TEST(Import, nodes_out_of_order_are_put_in_order_but_listed_as_in_the_file) {
  const Workload work =
      imported("(float[2] x) => (float[2] y) { y = Abs (m) m = Concat <axis = 0> (x) }");
  EXPECT_EQ(work.coverage[0].type, "Abs");
  EXPECT_EQ(work.coverage[1].type, "Concat");
}

TEST(Import, operators_of_one_name_are_told_apart) {
  ::onnx::ModelProto model =
      parsed("(float[2] x) => (float[2] y, float[2] z) { y = Abs (x) z = Neg (x) }");
  for (auto& node : *model.mutable_graph()->mutable_node()) node.set_name("same");
  const auto work = import_onnx_bytes(model.SerializeAsString(), "m.onnx");
  ASSERT_TRUE(work.has_value());
  EXPECT_EQ(work->operators[OperatorId{0}].name, "same");
  EXPECT_EQ(work->operators[OperatorId{1}].name, "same_2");
}

TEST(Import, weights_in_absent_external_files_have_their_shape) {
  ::onnx::ModelProto model =
      parsed("(float[1,3,8,8] x, float[4,3,3,3] w) => (float[1,4,6,6] y) { y = Conv (x, w) }");
  ::onnx::TensorProto& weight = *model.mutable_graph()->add_initializer();
  weight.set_name("w");
  weight.set_data_type(::onnx::TensorProto::FLOAT);
  for (const std::int64_t size : {4, 3, 3, 3}) weight.add_dims(size);
  weight.set_data_location(::onnx::TensorProto::EXTERNAL);
  const auto work = import_onnx_bytes(model.SerializeAsString(), "m.onnx");
  ASSERT_TRUE(work.has_value());
  // 4 · 6·6 · 3 · 3·3
  EXPECT_EQ(macs(*work), 3888);
  EXPECT_EQ(tensor_named(*work, "w").kind, TensorKind::constant);
}

// Found by mutating models: the second node replaced what it was still reading.
TEST(Import, a_name_that_a_node_both_reads_and_makes_is_a_mistake) {
  EXPECT_EQ(
      refused("(float[2] x) => (float[2] y) { y = Abs (x) y = Neg (y) }"),
      "m.onnx: Neg output 'y' has the name of another tensor: every tensor needs a name of its "
      "own\n"
      "m.onnx: node '#1' (Neg): 'y' is both read and made: every tensor needs a name of its "
      "own\n");
}

// Found by mutating models: inference would make one dimension per element of the list.
TEST(Import, a_shape_of_four_billion_dimensions_is_not_followed) {
  const Workload work =
      imported("(int64[4294967296] s) => (float[n] y) { y = ConstantOfShape (s) }");
  EXPECT_EQ(work.coverage[0].status, NodeStatus::unmapped);
  EXPECT_EQ(work.coverage[0].note, "the content of 's' is not known before the run");
}

TEST(Import, a_difference_has_two_operands) {
  EXPECT_EQ(refused("(float[2] x, float[2] z) => (float[2] y) { y = Sub (x, z, x) }"),
            "m.onnx: node '#0' (Sub): has 3 inputs, must have 2: correct the model\n");
}

// Found by mutating models: ONNX's inference walks along the image stride by stride.
TEST(Import, an_image_of_a_billion_columns_is_read_at_once) {
  const Workload work = imported(
      "(float[1,1,1099511627776] x) => (float[1,1,1099511627776] y) {"
      "y = MaxPool <kernel_shape = [2], auto_pad = \"SAME_LOWER\"> (x) }");
  EXPECT_EQ(ranks_of(only_operator(work)), "N=1 C=1 Q=1099511627776 S=2");
}

// Found by mutating models (a superfluous input keeps the product from being folded): a constant
// was copied by an operator.
TEST(Import, a_constant_used_twice_by_one_product_is_stored_twice) {
  const Workload work = imported("(float[3] x) => (float[3,3] y) {" + constant("w", {3, 3}) +
                                 "y = MatMul (w, w, x) }");
  const Operator& op = only_operator(work);
  EXPECT_EQ(work.tensors[op.inputs[0].tensor].kind, TensorKind::constant);
  EXPECT_EQ(work.tensors[op.inputs[1].tensor].kind, TensorKind::constant);
}

}  // namespace
}  // namespace tileloom::onnx_test
