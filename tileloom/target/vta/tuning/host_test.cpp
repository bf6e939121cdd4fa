#include "tileloom/target/vta/tuning/host.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tileloom/embedding/gather.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/vta/tuning/check_values.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::target::vta {
namespace {

Operator random_conv(Random& random) {
  const auto axis = [&] {
    ConvAxis window{.output = random.between(1, 6), .filter = random.between(1, 3)};
    window.stride = random.between(1, 2);
    window.dilation = random.between(1, 2);
    const std::int64_t padded =
        (window.output - 1) * window.stride + (window.filter - 1) * window.dilation + 1;
    window.pad_before = random.between(0, std::min<std::int64_t>(2, padded - 1));
    window.pad_after = random.between(0, std::min<std::int64_t>(2, padded - 1 - window.pad_before));
    return window;
  };
  return one_conv("conv",
                  {.batch = random.between(1, 3),
                   .in_channels = random.between(1, 9),
                   .out_channels = random.between(1, 9),
                   .axes = {axis(), axis()}},
                  {})
      .operators[OperatorId{0}];
}

/// Channels, pixels, taps, or the whole window in the lanes.
Embedding random_embedding(Random& random, const Operator& op, const Config& config) {
  constexpr RankId kQ{4};
  constexpr RankId kR{5};
  constexpr RankId kS{6};
  Embedding embedding = *channel_embedding(op, config);
  if (random.below(3) == 0) embedding.lanes[0] = {{{kQ, config.batch()}}};
  if (random.below(3) == 0) embedding.lanes[2] = {{{kS, config.block_in()}}};
  const std::int64_t window = op.rank(kR).extent * op.rank(kS).extent;
  if (random.below(3) == 0 && window > 1) {
    embedding.lanes[2] = {{{kR, op.rank(kR).extent}, {kS, op.rank(kS).extent}}, true};
  }
  return embedding;
}

// The map against the gather, byte by byte: regular blocks, those at the ends, fused indices.
TEST(ElementMap, SaysWhatTheGatherSays) {
  const Config config = *config_of_shape("2x4x4");
  const tileloom::Instruction core = gemm_core(config);
  Random random(7);
  std::size_t runs = 0;
  std::int64_t blocks_in_runs = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const Operator op = random_conv(random);
    const Embedding embedding = random_embedding(random, op, config);
    const std::vector<OuterLoop> loops = outer_loops(op, core, embedding);
    const std::vector<PackedOperand> operands = packed_operands(op, core, embedding, loops);
    for (const Part part : {Part::data, Part::weights, Part::result}) {
      const PackedOperand& packed = operands[static_cast<std::size_t>(part)];
      const Gather gather(op, embedding, loops, packed);
      const ElementMap map = element_map(op, core, embedding, part, store_operand(packed, {}));
      const std::int64_t count = elements(tensor_operand(op, embedding, part));
      ASSERT_EQ(violation(map, map.bytes, count), std::nullopt);
      const std::vector<std::int8_t> tensor = random_values(random, count);
      EXPECT_EQ(pack(map, tensor), [&] {
        std::string region(static_cast<std::size_t>(map.bytes), '\0');
        for (std::size_t byte = 0; byte < region.size(); ++byte) {
          const auto at = static_cast<std::int64_t>(byte);
          if (const auto element = gather.element(at / map.lanes, at % map.lanes)) {
            region[byte] = static_cast<char>(tensor[static_cast<std::size_t>(*element)]);
          }
        }
        return region;
      }());
      runs += map.runs.size();
      for (const BlockRun& run : map.runs) blocks_in_runs += run.count;
    }
  }
  EXPECT_GT(blocks_in_runs, 2 * static_cast<std::int64_t>(runs));  // blocks do join runs
}

TEST(ElementMap, ARunGoesOnWhileItsStepsStay) {
  ElementMapBuilder builder(6, 2);
  const std::array<std::int64_t, 2> pair{0, 5};
  const std::int64_t pattern = builder.pattern(pair);
  builder.add(0, 0, pattern);
  builder.add(2, 1, pattern);
  builder.add(4, 2, pattern);
  builder.add(5, 4, pattern);
  const std::array<std::int64_t, 2> half{kNoElement, 3};
  builder.add(1, half);
  const std::array<std::int64_t, 2> none{kNoElement, kNoElement};
  builder.add(3, none);
  const ElementMap map = std::move(builder).finish();
  EXPECT_EQ(map.runs, (std::vector<BlockRun>{{0, 2, 0, 1, 3, 0}, {5, 0, 4, 0, 1, 0}, {1, 0, 3, 0, 1, 1}}));
  EXPECT_EQ(map.offsets, (std::vector<std::int64_t>{0, 5, kNoElement, 0}));
  const std::vector<std::int8_t> tensor{10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
  const std::string region = pack(map, tensor);
  EXPECT_EQ(region, std::string({10, 15, 0, 13, 11, 16, 0, 0, 12, 17, 14, 19}));
  std::vector<std::int8_t> back(10, 0);
  unpack(map, region, back);
  EXPECT_EQ(back, (std::vector<std::int8_t>{10, 11, 12, 13, 14, 15, 16, 17, 0, 19}));
}

TEST(ElementMap, RunsOutsideTheRegionOrTheTensorAreNamed) {
  const ElementMap good{12, 2, {0, 5}, {{0, 2, 0, 1, 3, 0}}};
  EXPECT_EQ(violation(good, 12, 8), std::nullopt);
  EXPECT_EQ(violation(good, 12, 7), "a run from element 0 on leaves the tensor of 7 elements");
  EXPECT_EQ(violation(good, 13, 8), "blocks of 2 bytes do not fill 13 bytes");
  const auto with = [&](std::int64_t BlockRun::*field, std::int64_t value) {
    ElementMap map = good;
    map.runs.front().*field = value;
    return violation(map, 12, 8).value_or("");
  };
  EXPECT_EQ(with(&BlockRun::place_step, 3), "a run from block 0 on leaves the region");
  EXPECT_EQ(with(&BlockRun::place, -1), "a run from block -1 on leaves the region");
  EXPECT_EQ(with(&BlockRun::place_step, INT64_MAX), "a run from block 0 on leaves the region");
  EXPECT_EQ(with(&BlockRun::element, -1), "a run from element -1 on leaves the tensor of 8 elements");
  EXPECT_EQ(with(&BlockRun::element_step, INT64_MIN),
            "a run from element 0 on leaves the tensor of 8 elements");
  EXPECT_EQ(with(&BlockRun::count, 0), "a run of 0 blocks");
  EXPECT_EQ(with(&BlockRun::count, 7), "runs of more blocks than the region's 6");
  EXPECT_EQ(with(&BlockRun::pattern, 1), "pattern 1 does not exist, there are 1");
}

// Each would be walked without leaving the region: for ages, or past 64 bits.
TEST(ElementMap, RunsThatStayInPlaceAreNoLongerThanTheRegion) {
  const ElementMap endless{12, 2, {0, 5}, {{0, 0, 0, 0, INT64_MAX, 0}}};
  EXPECT_EQ(violation(endless, 12, 8), "runs of more blocks than the region's 6");
  const ElementMap again{12, 2, {0, 5}, std::vector<BlockRun>(7)};
  EXPECT_EQ(violation(again, 12, 8), "runs of more blocks than the region's 6");
  const ElementMap idle{12, 2, {kNoElement, kNoElement}, {{0, 1, INT64_MAX, 1, 2, 0}}};
  EXPECT_EQ(violation(idle, 12, 8),
            "a run from element 9223372036854775807 on leaves the tensor of 8 elements");
}

}  // namespace
}  // namespace tileloom::target::vta
