#include <gtest/gtest.h>

#include "tileloom/embedder/embedder.hpp"
#include "tileloom/embedder/radix.hpp"
#include "tileloom/embedder/ranking.hpp"
#include "tileloom/embedder/transformations.hpp"
#include "tileloom/embedding/check.hpp"
#include "tileloom/reference/execute_embedding.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::embedder {
namespace {

Operator conv(std::int64_t k, std::int64_t c, const ConvAxis& height, const ConvAxis& width) {
  return one_conv("conv",
                  {.batch = 1, .in_channels = c, .out_channels = k, .axes = {height, width}}, {})
      .operators[OperatorId{0}];
}

Operator deep_speech() {
  return conv(32, 1, {.output = 79, .filter = 5, .stride = 2},
              {.output = 341, .filter = 20, .stride = 2});
}
Operator vgg() {
  const ConvAxis axis{.output = 224, .filter = 3, .pad_before = 1, .pad_after = 1};
  return conv(64, 3, axis, axis);
}
Operator resnet() {
  const ConvAxis axis{.output = 14, .filter = 3, .pad_before = 1, .pad_after = 1};
  return conv(256, 256, axis, axis);
}

std::size_t count(const Operator& op, Tiles tiles, bool swapped) {
  const EmbedOptions boxes{.tiles = tiles, .fused = false, .idle_lanes = false, .swapped = swapped};
  return embed(op, gemm_instruction(1, 16, 16), boxes).embeddings.size();
}

// y takes K only, z the ways to write 16 as a product over C, R, S: 15 = C(4+2, 2). Swapped, y
// takes a product over N, P, Q: 15 · 15. Within the extents: C 1, R 5, S 20 leave 1·16, 2·8, 4·4.
TEST(Embed, boxes_of_three_layers_are_counted_by_hand) {
  EXPECT_EQ(count(deep_speech(), Tiles::padded, false), 15U);
  EXPECT_EQ(count(deep_speech(), Tiles::padded, true), 225U);
  EXPECT_EQ(count(deep_speech(), Tiles::within, false), 3U);
  EXPECT_EQ(count(deep_speech(), Tiles::within, true), 15U);
  EXPECT_EQ(count(vgg(), Tiles::padded, false), 15U);
  EXPECT_EQ(count(vgg(), Tiles::within, false), 0U);
  EXPECT_EQ(count(resnet(), Tiles::within, false), 4U);
  EXPECT_EQ(count(resnet(), Tiles::within, true), 12U);
}

// With fused products: z also (R, S); swapped y also (P, Q): 16 · (1 + 16).
TEST(Embed, all_272_embeddings_of_deep_speech_equal_the_enumerated_ones) {
  const EmbedOptions options{.idle_lanes = false};
  const Instruction gemm = gemm_instruction(1, 16, 16);
  const EmbedResult result = embed(deep_speech(), gemm, options);
  EXPECT_EQ(result.proof, Proof::optimal);
  EXPECT_EQ(result.embeddings.size(), 272U);
  EXPECT_EQ(result.embeddings, enumerate(deep_speech(), gemm, options));
}

TEST(Embed, the_best_of_deep_speech_takes_377146_steps_and_moves_less_than_they_take) {
  const Operator op = deep_speech();
  const Instruction gemm = gemm_instruction(1, 16, 16);
  const EmbedResult result = embed(op, gemm, {});
  const auto ranked = rank(op, gemm, result.embeddings, Ranking::cycles);
  EXPECT_EQ(ranked.front().measures.steps, 377146);
  EXPECT_EQ(ranked.front().measures.cycles, 377146);
  EXPECT_EQ(to_text(op, gemm, ranked.front().embedding), "y = K·16, z = R·5 S·3");
  for (const Embedding& embedding : result.embeddings) {
    ASSERT_EQ(violations(op, gemm, embedding), std::vector<std::string>{});
  }
}

TEST(Embed, three_channels_of_3_by_3_cannot_fill_16_lanes_without_padding) {
  const EmbedResult result =
      embed(vgg(), gemm_instruction(1, 16, 16), {.tiles = Tiles::exact, .idle_lanes = false});
  EXPECT_EQ(result.proof, Proof::infeasible);
  EXPECT_EQ(result.reason,
            "z has 16 lanes, but tiles that divide C·R·S = 3·3·3 fill at most 1 of them: padding "
            "would allow it");
}

// A neighbour that packs its 16 channels together leaves one map of z.
TEST(Embed, a_layout_fixed_by_a_neighbour_is_kept) {
  constexpr RankId kC{2};
  const EmbedOptions options{.swapped = false,
                             .fixed = {{Part::data, {LaneMap{}, LaneMap{{{kC, 16}}, false}}}}};
  const EmbedResult result = embed(resnet(), gemm_instruction(1, 16, 16), options);
  ASSERT_EQ(result.embeddings.size(), 1U);
  EXPECT_EQ(result.embeddings[0].lanes[2], (LaneMap{{{kC, 16}}, false}));
  EmbedOptions impossible = options;
  impossible.fixed[0].lanes[1].digits[0].lanes = 5;  // leaves 11 of 16 lanes without a value
  impossible.idle_lanes = false;
  const EmbedResult none = embed(resnet(), gemm_instruction(1, 16, 16), impossible);
  EXPECT_EQ(none.proof, Proof::infeasible);
  EXPECT_EQ(none.reason, "no embedding has the layout that is fixed for the data");
}

TEST(Embed, a_budget_of_few_nodes_is_told) {
  Budget few;
  few.evaluations = 20;
  EXPECT_EQ(embed(resnet(), gemm_instruction(1, 16, 16), {}, few).proof, Proof::budget_spent);
}

TEST(Embed, an_operator_that_multiplies_nothing_is_refused) {
  Operator op = resnet();
  op.function = PointFunction::add;
  EXPECT_EQ(embed(op, gemm_instruction(1, 16, 16), {}).reason,
            "conv is no sum of products of two inputs");
}

Ranked ranked_as(std::int64_t steps, std::int64_t bytes, std::int64_t packing) {
  return {{}, {.steps = steps, .bytes = {bytes, 0, 0}, .packing = packing, .cycles = steps}};
}

TEST(Pareto, keeps_what_no_other_beats_or_equals) {
  const std::vector<Ranked> all = {ranked_as(4, 9, 1), ranked_as(5, 8, 1), ranked_as(5, 9, 1),
                                   ranked_as(5, 8, 1), ranked_as(9, 9, 0)};
  EXPECT_EQ(pareto(all), (std::vector<Ranked>{all[0], all[1], all[4]}));
}

TEST(Transformations, a_box_has_a_tree_and_a_fused_product_a_reason) {
  constexpr RankId kK{1};
  constexpr RankId kR{5};
  constexpr RankId kS{6};
  const Operator op = deep_speech();
  const Instruction gemm = gemm_instruction(1, 16, 16);
  const Embedding box{false, {{}, {{{kK, 16}}, false}, {{{kR, 5}, {kS, 3}}, false}}};
  const auto tree = loop_tree(op, OperatorId{0}, gemm, box, {});
  ASSERT_TRUE(tree) << tree.error();
  // K P Q S outside (R has one trip, N and C one value), K R S in the lanes.
  EXPECT_EQ(tree->path.size(), 7U);
  EXPECT_EQ(std::get<Loop>(tree->path[0]), (Loop{OperatorId{0}, kK, 16, {}}));
  std::vector<std::string> lines;
  for (const Transformation& step : transformations(op, gemm, box)) {
    lines.push_back(to_text(op, gemm, box, step));
  }
  EXPECT_EQ(lines[3], "leave 1 of the 16 lanes of z idle");
  EXPECT_EQ(lines[4], "pad S from 20 to 21");
  const Embedding fused{false, {{}, {{{kK, 16}}, false}, {{{kR, 5}, {kS, 20}}, true}}};
  EXPECT_EQ(loop_tree(op, OperatorId{0}, gemm, fused, {}).error(),
            "the loop over the product R·S is none over a rank, so no tree has it");
}

}  // namespace
}  // namespace tileloom::embedder
