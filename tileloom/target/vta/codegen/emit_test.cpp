#include "tileloom/target/vta/codegen/emit.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tileloom/embedding/check.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/vta/codegen/useful_steps.hpp"
#include "tileloom/target/vta/tuning/check_values.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::target::vta {
namespace {

/// Checks the program of a tiling, with and without the steps that multiply padding.
void expect_right(const Config& config, const Operator& op, const Embedding& embedding,
                  Tiling tiling, Random& random) {
  const Nest nest = nest_of(op, gemm_core(config), embedding);
  ASSERT_EQ(infeasible(config, nest, tiling), "");
  const Epilogue epilogue{random.between(4, 9), random.between(-127, 0), 127};
  for (const bool skip : {false, true}) {
    tiling.skip_padding = skip;
    const ValueCheck check = check_values(op, config, embedding, tiling, epilogue, random);
    EXPECT_EQ(check.complaints, std::vector<std::string>{});
    EXPECT_EQ(check.wrong, 0);
    if (skip) {
      EXPECT_GE(check.gemm_steps, 3 * useful_steps(nest));
      EXPECT_LE(check.gemm_steps, 3 * steps(nest));
    } else {
      EXPECT_EQ(check.gemm_steps, 3 * steps(nest));
    }
  }
}

std::vector<std::size_t> parallel_first(const Nest& nest) {
  std::vector<std::size_t> order;
  for (std::size_t l = 0; l < nest.loops(); ++l) order.push_back(l);
  std::stable_partition(order.begin(), order.end(),
                        [&](std::size_t l) { return !nest.reduction[l]; });
  return order;
}

/// Halves random loops until the tiling fits.
Tiling random_tiling(Random& random, const Config& config, const Nest& nest) {
  Tiling tiling{nest.trips, parallel_first(nest)};
  for (std::int64_t& slots : tiling.slots) slots = random.between(1, 3);
  tiling.reload = random.below(4) == 0;
  for (std::int64_t& tile : tiling.tile) tile = random.between(1, tile);
  while (!infeasible(config, nest, tiling).empty()) {
    std::int64_t& tile = tiling.tile[random.below(tiling.tile.size())];
    tile = (tile + 1) / 2;
    if (steps(nest) > 0 && std::all_of(tiling.tile.begin(), tiling.tile.end(),
                                       [](std::int64_t t) { return t == 1; })) {
      tiling.slots = {1, 1, 1};
    }
  }
  tiling.pieces = random.between(1, 4);
  tiling.store_padding = random.below(3) == 0;
  tiling.back_and_forth = random.below(2) == 0;
  if (random.below(2) == 0) {
    for (const std::int64_t tile : tiling.tile) tiling.first.push_back(random.between(1, tile));
  }
  return tiling;
}

ConvShape random_conv(Random& random) {
  ConvShape shape{.batch = random.between(1, 3),
                  .in_channels = random.between(1, 40),
                  .out_channels = random.between(1, 40)};
  for (int i = 0; i < 2; ++i) {
    ConvAxis axis;
    axis.filter = random.between(1, 4);
    axis.stride = random.between(1, 2);
    axis.output = random.between(1, 7);
    axis.pad_before = random.between(0, axis.filter - 1);
    axis.pad_after = random.between(0, axis.filter - 1);
    shape.axes.push_back(axis);
    if (input_size(axis) < 1) shape.axes.back() = ConvAxis{.output = 3, .filter = 1};
  }
  return shape;
}

RankId rank_named(const Operator& op, const std::string& name) {
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    if (op.ranks[r].name == name) return static_cast<RankId>(r);
  }
  ADD_FAILURE() << name;
  return {};
}

LaneMap box(const Operator& op, const std::string& rank, std::int64_t lanes) {
  if (lanes == 1) return {};
  return {{{rank_named(op, rank), lanes}}};
}

TEST(VtaEmit, RandomConvolutionsWithChannelsInTheLanesEqualThePlainResult) {
  Random random(11);
  for (const char* shape : {"1x16x16", "4x16x16", "1x32x32"}) {
    const Config config = *config_of_shape(shape);
    for (int i = 0; i < 12; ++i) {
      const Workload workload = one_conv("conv", random_conv(random), {});
      const Operator& op = *workload.operators.begin();
      const Embedding embedding{false,
                                {box(op, "N", config.batch()), box(op, "K", config.block_out()),
                                 box(op, "C", config.block_in())}};
      const Nest nest = nest_of(
          op, gemm_instruction(config.batch(), config.block_out(), config.block_in()), embedding);
      expect_right(config, op, embedding, random_tiling(random, config, nest), random);
    }
  }
}

TEST(VtaEmit, LanesOfPixelsAndOfTheWindowEqualThePlainResult) {
  Random random(12);
  const Config config = *config_of_shape("4x16x16");
  for (int i = 0; i < 10; ++i) {
    const Workload workload = one_conv("conv", random_conv(random), {});
    const Operator& op = *workload.operators.begin();
    Embedding embedding{false,
                        {box(op, "Q", 4), box(op, "K", 16),
                         LaneMap{{{rank_named(op, "C"), op.rank(rank_named(op, "C")).extent},
                                  {rank_named(op, "S"), op.rank(rank_named(op, "S")).extent}},
                                 true}}};
    const tileloom::Instruction instruction = gemm_instruction(4, 16, 16);
    if (!violations(op, instruction, embedding).empty()) continue;
    const Nest nest = nest_of(op, instruction, embedding);
    expect_right(config, op, embedding, random_tiling(random, config, nest), random);
  }
}

TEST(VtaEmit, SwappedRolesStoreThePaddingOfTheImageThatPlaysTheWeights) {
  Random random(13);
  const Config config = *config_of_shape("4x16x16");
  for (int i = 0; i < 10; ++i) {
    const Workload workload = one_conv("conv", random_conv(random), {});
    const Operator& op = *workload.operators.begin();
    const Embedding embedding{true, {box(op, "K", 4), box(op, "Q", 16), box(op, "C", 16)}};
    const tileloom::Instruction instruction = gemm_instruction(4, 16, 16);
    if (!violations(op, instruction, embedding).empty()) continue;
    const Nest nest = nest_of(op, instruction, embedding);
    expect_right(config, op, embedding, random_tiling(random, config, nest), random);
  }
}

}  // namespace
}  // namespace tileloom::target::vta
