#include "tileloom/io/onnx/integer_network.hpp"

#include <gtest/gtest.h>

#include "tileloom/io/onnx/test_model.hpp"
#include "tileloom/reference/run_integer_network.hpp"

namespace tileloom {
namespace {

using onnx_test::bytes_of;

IntegerNetwork network_of(const std::string& graph, std::vector<std::int8_t> image) {
  const auto imported =
      import_integer_network_bytes(bytes_of(graph), "m.onnx", {.image = std::move(image)});
  if (!imported) {
    ADD_FAILURE() << to_string(imported.error());
    return {};
  }
  return imported->network;
}

std::string refusal(const std::string& graph) {
  const auto imported = import_integer_network_bytes(bytes_of(graph), "m.onnx");
  return imported ? std::string("imported") : to_string(imported.error());
}

/// 1x1 convolution by 1.0 and what follows.
std::string scaled(const std::string& rest) {
  return "(float[1,1,1,2] x) => (float[1,1,1,2] y) "
         "<float[1,1,1,1] w = {1.0}> { " + rest + " }";
}

TEST(IntegerNetwork, AWeightOfOneIs64AndTheShiftTakesItBack) {
  // 1 = 64 · 2^-6; the largest sum 127 · 64 counts 2^-13: 8128 · 2^-13 = 127 · 2^-7, so shift 6.
  const IntegerNetwork network = network_of(scaled("y = Conv (x, w)"), {127, -3});
  ASSERT_EQ(network.layers.size(), 1U);
  EXPECT_EQ(network.layers[0].weights, std::vector<std::int8_t>{64});
  EXPECT_EQ(network.layers[0].rescale.shift, 6);
  EXPECT_EQ(network.layers[0].bias, std::vector<std::int32_t>{32});  // half of 2^6
  EXPECT_EQ(network.tensors[1].exponent, -7);
  const std::vector<std::int8_t> image{127, -3};
  EXPECT_EQ(reference::run_integer_network(network, image).back(), image);
}

TEST(IntegerNetwork, ReluClipAndBatchNormalisationAreTheConvolutionsOwn) {
  const IntegerNetwork relu = network_of(scaled("a = Conv (x, w) y = Relu (a)"), {100, -100});
  ASSERT_EQ(relu.layers.size(), 1U);
  EXPECT_EQ(relu.layers[0].rescale.low, 0);
  // 6 at an exponent of -7 is 768: int8 ends before.
  const IntegerNetwork clip = network_of(
      scaled("a = Conv (x, w) lo = Constant <value = float {-0.25}> () "
             "hi = Constant <value = float {0.5}> () y = Clip (a, lo, hi)"),
      {100, -100});
  ASSERT_EQ(clip.layers.size(), 1U);
  // The result reaches 0.5 = 64 · 2^-7 only: one bit finer, 0.5 = 128 · 2^-8 would not fit.
  EXPECT_EQ(clip.tensors[1].exponent, -7);
  EXPECT_EQ(clip.layers[0].rescale.low, -32);
  EXPECT_EQ(clip.layers[0].rescale.high, 64);
  // scale 2, mean 1, variance 4 - epsilon: (x - 1) · 2 / 2 + 3 = x + 2.
  const IntegerNetwork norm = network_of(
      "(float[1,1,1,2] x) => (float[1,1,1,2] y) <float[1,1,1,1] w = {1.0}, float[1] s = {2.0}, "
      "float[1] b = {3.0}, float[1] m = {1.0}, float[1] v = {3.99999}> "
      "{ a = Conv (x, w) y = BatchNormalization (a, s, b, m, v) }",
      {127, 0});
  ASSERT_EQ(norm.layers.size(), 1U);
  const std::vector<std::int8_t> image{64, -128};  // 0.5 and -1: 2.5 and 1
  const std::vector<std::int8_t> result = reference::run_integer_network(norm, image).back();
  EXPECT_EQ(norm.tensors[1].exponent, -5);  // 127/128 + 2 needs 2^-5
  EXPECT_EQ(result, (std::vector<std::int8_t>{80, 32}));
}

TEST(IntegerNetwork, AnAdditionGoesIntoTheLaterConvolution) {
  const IntegerNetwork network = network_of(
      scaled("a = Conv (x, w) r = Relu (a) b = Conv (r, w) c = Add (b, r) y = Relu (c)"), {127, 5});
  ASSERT_EQ(network.layers.size(), 2U);
  EXPECT_EQ(network.layers[1].other, 1U);
  // The added tensor counts 2^-7, the sums 2^-13: factor 2^6.
  EXPECT_EQ(network.layers[1].rescale.factor, 64);
  EXPECT_EQ(network.layers[1].rescale.pre_shift, 0);
  EXPECT_EQ(network.tensors[2].exponent, -6);
  EXPECT_EQ(reference::run_integer_network(network, std::vector<std::int8_t>{100, 4}).back(),
            (std::vector<std::int8_t>{100, 4}));
}

TEST(IntegerNetwork, AMeanOfFourIsAShift) {
  const IntegerNetwork network = network_of(
      "(float[1,1,2,2] x) => (float[1,1,1,1] y) { y = GlobalAveragePool (x) }", {127, 127, 127, 127});
  EXPECT_EQ(network.layers[0].kind, IntegerKind::depthwise);
  EXPECT_EQ(network.layers[0].weights, (std::vector<std::int8_t>{64, 64, 64, 64}));
  EXPECT_EQ(reference::run_integer_network(network, std::vector<std::int8_t>{1, 2, 3, 4}).back(),
            std::vector<std::int8_t>{3});  // 2.5 rounded up
}

TEST(IntegerNetwork, ScalesOfTheModelArePowersOfTwoThatHoldTheirRange) {
  // 0.3 · 127 needs 2^-1: 0.25 would end at 31.75.
  const IntegerNetwork network = network_of(
      "(float[1,1,1,2] x) => (float[1,1,1,2] y) <float s = {0.3}, int8 z = {0}, "
      "int8[1,1,1,1] w = {4}, float t = {0.25}> "
      "{ q = QuantizeLinear (x, s, z) d = DequantizeLinear (q, s, z) "
      "v = DequantizeLinear (w, t, z) a = Conv (d, v) r = QuantizeLinear (a, t, z) "
      "y = DequantizeLinear (r, t, z) }",
      {127, 5});
  EXPECT_EQ(network.tensors[0].exponent, -1);
  EXPECT_EQ(network.tensors[1].exponent, -2);
  EXPECT_EQ(network.layers[0].weights, std::vector<std::int8_t>{64});  // 4 · 0.25
}

TEST(IntegerNetwork, EveryNodeWithoutAnIntegerFormIsNamed) {
  EXPECT_EQ(refusal(scaled("a = Conv (x, w) b = Tanh (a) c = Relu (b) d = Sigmoid (a) "
                           "y = Add (c, d)")),
            "m.onnx: Tanh 'b' cannot run as integers: this operator has no integer form here: "
            "docs/vta_networks.md lists what can\n"
            "m.onnx: Sigmoid 'd' cannot run as integers: this operator has no integer form here: "
            "docs/vta_networks.md lists what can\n");
  EXPECT_EQ(refusal("(float[1,4,2,2] x) => (float[1,4,2,2] y) <float[4,2,1,1] w = "
                    "{1,1,1,1,1,1,1,1}> { y = Conv <group = 2> (x, w) }"),
            "m.onnx: Conv 'y' cannot run as integers: 2 groups of 2 channels: one group and "
            "depthwise are known: docs/vta_networks.md lists what can\n");
  EXPECT_EQ(refusal("(float[1,3,2,2] x) => (float[1,1,2,2] y) <float[1,2,1,1] w = {1,1}> "
                    "{ y = Conv (x, w) }"),
            "m.onnx: Conv 'y': weights of [1, 2, 1, 1] for an input of 1x3x2x2: correct the model\n");
}

TEST(IntegerNetwork, WeightsThatAreNotInTheFileAreDrawnAndTheUserIsTold) {
  const std::string graph =
      "(float[1,1,2,2] x, float[2,1,1,1] w) => (float[1,2,2,2] y) { c = Conv (x, w) "
      "y = Softmax (c) }";
  const auto imported = import_integer_network_bytes(bytes_of(graph), "m.onnx", {.seed = 4});
  ASSERT_TRUE(imported) << to_string(imported.error());
  EXPECT_EQ(imported->notes,
            (std::vector<std::string>{
                "1 constants have no values in the file and are drawn",
                "Softmax 'y' stays with the host: the program ends before it"}));
  const auto again = import_integer_network_bytes(bytes_of(graph), "m.onnx", {.seed = 4});
  EXPECT_EQ(imported->network, again->network);
}

}  // namespace
}  // namespace tileloom
