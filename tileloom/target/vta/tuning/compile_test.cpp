#include "tileloom/target/vta/tuning/compile.hpp"

#include <gtest/gtest.h>

#include "tileloom/target/vta/simulator/order.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::target::vta {
namespace {

Workload conv(std::int64_t c, std::int64_t k, std::int64_t size, std::int64_t window) {
  const ConvAxis axis{.output = size,
                      .filter = window,
                      .pad_before = window / 2,
                      .pad_after = window / 2};
  return one_conv("conv", {.in_channels = c, .out_channels = k, .axes = {axis, axis}}, {});
}

TEST(VtaCompile, A3x3LayerKeepsTheGemmCoreBusy) {
  const Workload workload = conv(64, 64, 28, 3);
  const auto compiled = compile_reference(*workload.operators.begin(), Config{});
  ASSERT_TRUE(compiled);
  EXPECT_EQ(steps(compiled->nest), 28 * 28 * 4 * 4 * 9);
  // A reset and three ALU operations per 36 steps leave at most 36 / 40.
  EXPECT_GT(static_cast<double>(steps(compiled->nest)), 0.85 * static_cast<double>(compiled->cycles.value));
}

TEST(VtaCompile, OneInputChannelIsWorthTheWindowInTheLanes) {
  const Workload workload = conv(1, 16, 24, 3);
  const Operator& op = *workload.operators.begin();
  const Embedding channels = *channel_embedding(op, Config{});
  // z = fused(R, S): 9 of 16 lanes instead of 1.
  const Embedding window{false, {{}, channels.lanes[1], {{{RankId{5}, 3}, {RankId{6}, 3}}}}};
  EXPECT_EQ(op.rank(RankId{5}).name, "R");
  const std::vector<Embedding> all{channels, window};
  const auto best = compile(op, Config{}, all);
  const auto reference = compile_reference(op, Config{});
  ASSERT_TRUE(best && reference);
  EXPECT_EQ(best->embedding, window);
  EXPECT_EQ(steps(reference->nest), 9 * 576);
  EXPECT_EQ(steps(best->nest), 576);
  EXPECT_GT(reference->cycles.value, 2 * best->cycles.value);
}

TEST(VtaCompile, IsNeverSlowerThanTheFixedRecipe) {
  const Workload workload = conv(32, 32, 7, 1);
  const Operator& op = *workload.operators.begin();
  const auto reference = compile_reference(op, Config{});
  const auto best = compile(op, Config{}, {});
  ASSERT_TRUE(best && reference);
  EXPECT_LE(best->cycles, reference->cycles);
}

// Buffers of 128 entries: whatever the search finds by itself, the recipe's tilings are among its own.
TEST(VtaCompile, TheRecipesLanesTiledFreelyAreNeverSlowerThanTheRecipe) {
  const Workload workload = one_matmul("product", {.m = 120, .n = 330, .k = 410}, {});
  const Operator& op = *workload.operators.begin();
  const Config config = *config_of_shape("16x16x16");
  CompileOptions options;
  options.tune.timed = 1;  // a poor search
  options.tune.sizes = 2;
  const auto reference = compile_reference(op, config);
  ASSERT_TRUE(reference);
  options.tune.known = known_tilings(*reference, config);
  const auto free = tune_embedding(op, config, *channel_embedding(op, config), options);
  ASSERT_TRUE(free);
  EXPECT_LE(free->cycles, reference->cycles);
}

TEST(VtaCompile, CyclesAreThoseOfTheEmittedProgramAndNotBelowTheBound) {
  const Workload workload = conv(40, 24, 9, 3);
  const Operator& op = *workload.operators.begin();
  const auto best = tune_embedding(op, Config{}, *channel_embedding(op, Config{}));
  ASSERT_TRUE(best);
  const EmittedProgram program = emit(Config{}, best->nest, best->tiling, {});
  EXPECT_EQ(time(Config{}, program.instructions).total, best->cycles);
  EXPECT_GE(best->cycles.value, lower_bound(Config{}, best->nest, 3));
  const Order result = order(program.instructions);
  EXPECT_FALSE(result.deadlock || result.finish_unordered);
  EXPECT_EQ(result.tokens_left, 0);
}

}  // namespace
}  // namespace tileloom::target::vta
