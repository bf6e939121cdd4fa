#include "tileloom/embedding/embedding.hpp"

#include <gtest/gtest.h>

#include "tileloom/embedding/check.hpp"
#include "tileloom/embedding/gather.hpp"
#include "tileloom/embedding/measure.hpp"
#include "tileloom/reference/execute_embedding.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom {
namespace {

// Ranks N K C P Q R S.
constexpr RankId kK{1};
constexpr RankId kC{2};
constexpr RankId kQ{4};
constexpr RankId kR{5};
constexpr RankId kS{6};

Operator conv(std::int64_t k, std::int64_t c, const ConvAxis& height, const ConvAxis& width) {
  return one_conv("conv",
                  {.batch = 1, .in_channels = c, .out_channels = k, .axes = {height, width}}, {})
      .operators[OperatorId{0}];
}

/// DeepSpeech's first layer: 161 x 700 x 1, 32 filters of 5 x 20, stride 2.
Operator deep_speech() {
  return conv(32, 1, {.output = 79, .filter = 5, .stride = 2},
              {.output = 341, .filter = 20, .stride = 2});
}

Embedding lanes_of(LaneMap y, LaneMap z, bool swapped = false) {
  return {swapped, {{}, std::move(y), std::move(z)}};
}

const LaneMap kAllK{{{kK, 16}}, false};

TEST(Embedding, fused_filter_of_deep_speech_takes_7_steps_per_pixel_and_16_channels) {
  const Operator op = deep_speech();
  const Embedding embedding = lanes_of(kAllK, {{{kR, 5}, {kS, 20}}, true});
  const Measures measures = measure(op, gemm_instruction(1, 16, 16), embedding);
  EXPECT_EQ(measures.steps, 79 * 341 * 2 * 7);  // 32 / 16 = 2, ceil(100 / 16) = 7
  // One block of 16 per pixel and trip of the fused loop; the result one per pixel and 16 channels.
  EXPECT_EQ(measures.bytes[0], 79 * 341 * 7 * 16);
  EXPECT_EQ(measures.bytes[1], 2 * 7 * 256);
  EXPECT_EQ(measures.bytes[2], 79 * 341 * 2 * 16);
  EXPECT_EQ(measures.packing, measures.bytes[0] + measures.bytes[2]);
  EXPECT_EQ(measures.cycles, (79 * 341 * 7 * 16 + 3584 + 79 * 341 * 32) / 8);
  EXPECT_EQ(to_text(op, gemm_instruction(1, 16, 16), embedding), "y = K·16, z = fused(R, S)");
  EXPECT_TRUE(violations(op, gemm_instruction(1, 16, 16), embedding).empty());
}

TEST(Embedding, rows_outside_the_lanes_are_stored_once) {
  const Operator op = deep_speech();
  const Embedding embedding = lanes_of(kAllK, {{{kS, 16}}, false});
  const Instruction gemm = gemm_instruction(1, 16, 16);
  const Measures measures = measure(op, gemm, embedding);
  EXPECT_EQ(measures.steps, 79 * 341 * 2 * 5 * 2);  // 20 / 16 = 2
  // 161 rows; blocks start at column 2·q + 16·s, so every second column up to 2·340 + 16.
  EXPECT_EQ(measures.bytes[0], 161 * 349 * 16);
  const auto loops = outer_loops(op, gemm, embedding);
  const auto packed = packed_operands(op, gemm, embedding, loops);
  // Loops N K C P Q R S: a pixel down is two rows, a filter row one; 16 filter columns are 8
  // blocks.
  EXPECT_EQ(loop_strides(packed[0], loops.size()),
            (std::vector<std::int64_t>{0, 0, 0, 2 * 349, 1, 349, 8}));
}

TEST(Embedding, idle_lanes_can_save_bytes_without_more_steps) {
  const Embedding embedding = lanes_of(kAllK, {{{kR, 5}, {kS, 3}}, false});
  const Measures measures = measure(deep_speech(), gemm_instruction(1, 16, 16), embedding);
  EXPECT_EQ(measures.steps, 79 * 341 * 2 * 7);  // 20 / 3 = 7
  EXPECT_EQ(measures.bytes[0], 79 * (680 + 18 + 1) * 16);
}

TEST(Embedding, image_padding_is_not_stored) {
  const Operator op = conv(16, 16, {.output = 14, .filter = 3, .pad_before = 1, .pad_after = 1},
                           {.output = 14, .filter = 3, .pad_before = 1, .pad_after = 1});
  const Embedding embedding = lanes_of(kAllK, {{{kC, 16}}, false});
  EXPECT_EQ(measure(op, gemm_instruction(1, 16, 16), embedding).bytes[0], 14 * 14 * 16);
}

TEST(Embedding, executed_lane_by_lane_gives_the_operators_values) {
  const Operator op = conv(5, 3, {.output = 4, .filter = 3, .stride = 2, .pad_before = 1},
                           {.output = 5, .filter = 2, .dilation = 2});
  const auto tensors = reference::sample_values(op);
  const auto expected = reference::evaluate_operator(op, tensors);
  const Instruction gemm = gemm_instruction(1, 4, 4);
  const LaneMap channels{{{kK, 4}}, false};
  const LaneMap pixels{{{kQ, 4}}, false};
  for (const LaneMap& z : {LaneMap{{{kC, 4}}, false}, LaneMap{{{kR, 2}, {kS, 2}}, false},
                           LaneMap{{{kC, 3}, {kR, 3}, {kS, 2}}, true}, LaneMap{{{kR, 3}}, false}}) {
    for (const Embedding& embedding : {lanes_of(channels, z), lanes_of(pixels, z, true)}) {
      ASSERT_EQ(violations(op, gemm, embedding), std::vector<std::string>{});
      EXPECT_EQ(reference::execute_embedding(op, gemm, embedding, tensors), expected)
          << to_text(op, gemm, embedding);
    }
  }
}

TEST(Embedding, a_pixel_in_the_lanes_of_the_weights_needs_two_elements_of_a_shared_operand) {
  const Operator op = deep_speech();
  EXPECT_EQ(violations(op, gemm_instruction(1, 16, 16), lanes_of({{{kQ, 16}}, false}, {})),
            (std::vector<std::string>{"lanes that share one element of the instruction's data need "
                                      "two elements of the operator's operand"}));
}

TEST(Embedding, a_layout_that_may_not_replicate_forbids_im2col) {
  const Operator op = deep_speech();
  Instruction gemm = gemm_instruction(1, 16, 16);
  gemm.data.layout = Layout::strided;
  EXPECT_EQ(violations(op, gemm, lanes_of(kAllK, {{{kS, 16}}, false})),
            (std::vector<std::string>{"the data must be strided, but is replicated"}));
}

}  // namespace
}  // namespace tileloom
