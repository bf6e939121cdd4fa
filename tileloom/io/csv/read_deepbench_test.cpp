#include "tileloom/io/csv/read_deepbench.hpp"

#include <gtest/gtest.h>

namespace tileloom::read_deepbench_test {
namespace {

constexpr const char* kConv =
    "set,idx,app,W,H,C,N,K,S,R,pad_w,pad_h,stride_w,stride_h,OW,OH,MACs,note\n";

std::string messages(const std::string& text) {
  const auto layers = parse_deepbench(text, "d.csv");
  return layers ? "" : to_string(layers.error());
}

// (700 - 20) / 2 + 1 = 341, (161 - 5) / 2 + 1 = 79; 79 · 341 · 32 · 100 = 86 204 800.
TEST(ReadDeepBench, a_convolution) {
  const auto layers = parse_deepbench(
      std::string(kConv) +
          "inference_server,0,\"Deep, Speech\",700,161,1,1,32,20,5,0,0,2,2,341,79,86204800,\r\n",
      "d.csv");
  ASSERT_TRUE(layers) << to_string(layers.error());
  const DeepBenchLayer& layer = layers->front();
  EXPECT_EQ(layer.name, "inference_server_0");
  EXPECT_EQ(layer.app, "Deep, Speech");
  const ConvShape expected{.out_channels = 32,
                           .axes = {{.output = 79, .filter = 5, .stride = 2, .input = 161},
                                    {.output = 341, .filter = 20, .stride = 2, .input = 700}}};
  EXPECT_EQ(std::get<ConvShape>(layer.shape), expected);
}

TEST(ReadDeepBench, a_product_has_its_batch_first) {
  const auto layers = parse_deepbench("M,N,K\n35,700,2048\n", "d.csv");
  ASSERT_TRUE(layers) << to_string(layers.error());
  EXPECT_EQ(std::get<MatmulShape>(layers->front().shape),
            (MatmulShape{.m = 700, .n = 35, .k = 2048}));
  EXPECT_EQ(layers->front().name, "line2");
}

TEST(ReadDeepBench, what_follows_from_the_rest_may_be_left_open) {
  const auto layers =
      parse_deepbench(std::string(kConv) + "a,0,,5,5,1,1,1,3,3,0,0,1,1,,,,\n", "d.csv");
  ASSERT_TRUE(layers) << to_string(layers.error());
  EXPECT_EQ(std::get<ConvShape>(layers->front().shape).axes.front().output, 3);
}

TEST(ReadDeepBench, mistakes) {
  EXPECT_EQ(messages(""),
            "d.csv: the file is empty: expected a table with columns "
            "W,H,C,N,K,S,R,stride_w,stride_h, or M,N,K\n");
  EXPECT_EQ(messages("M,N,Q\n1,1,1\n"),
            "d.csv:1:1: no column 'K': the columns W,H,C,N,K,S,R,stride_w,stride_h, or M,N,K, are "
            "required\nd.csv:1:5: unknown column 'Q': did you mean 'W'?\n");
  EXPECT_EQ(messages(std::string(kConv) + "a,0,,5,5,1,1,1,7,3,0,0,1,1,1,3,9,\n"
                                          "a,1,,5,5,1,1,x,3,3,0,0,1,1,3,4,9,\n"
                                          "a,2,,5,5,1,1,1,3,3,0,0,1,1,3,3,9,\n"),
            "d.csv:2:16: S is 7, but W with its padding is 5: the filter must fit into the padded "
            "input\n"
            "d.csv:3:14: K is 'x', not a whole number: write digits only, such as 16\n"
            "d.csv:3:30: OH is 4, but the sizes give 3: correct one of them\n"
            "d.csv:4:32: MACs is '9', but the sizes multiply to 81: correct one of them\n");
}

}  // namespace
}  // namespace tileloom::read_deepbench_test
