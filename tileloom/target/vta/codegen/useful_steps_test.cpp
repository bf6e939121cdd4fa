#include "tileloom/target/vta/codegen/useful_steps.hpp"

#include <gtest/gtest.h>

#include "tileloom/support/random.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::target::vta {
namespace {

Nest nest_of_conv(const ConvShape& shape) {
  const Workload workload = one_conv("conv", shape, {});
  const Operator& op = *workload.operators.begin();
  return nest_of(op, gemm_core({}), *channel_embedding(op, {}));
}

TEST(VtaUsefulSteps, A3x3WindowOver7x7PixelsMeetsPaddingInTwoOf21RowsAndColumns) {
  const ConvAxis axis{.output = 7, .filter = 3, .pad_before = 1, .pad_after = 1};
  const Nest nest = nest_of_conv({.in_channels = 32, .out_channels = 48, .axes = {axis, axis}});
  EXPECT_EQ(steps(nest), 7 * 7 * 3 * 3 * 2 * 3);
  EXPECT_EQ(useful_steps(nest), 19 * 19 * 2 * 3);
  ASSERT_EQ(padded_axes(nest).size(), 2u);
  EXPECT_EQ(further_pieces(nest, padded_axes(nest)[0]), 2);
}

/// Steps of which both blocks hold an element, as far as padding beyond the ends of axes goes.
bool meets_padding(const Nest& nest, const std::vector<std::int64_t>& trip) {
  for (const Part part : {Part::data, Part::weights}) {
    for (const PackedAxis& axis : nest.operand(part).axes) {
      std::int64_t c = 0;
      for (const PackedTerm& term : axis.terms) c += term.step * trip[term.loop];
      if (c < axis.zero_before || c >= axis.extent - axis.zero_after) return true;
    }
  }
  return false;
}

bool holds(const Tile& tile, const std::vector<std::int64_t>& trip) {
  for (std::size_t l = 0; l < trip.size(); ++l) {
    if (trip[l] < tile.low[l] || trip[l] >= tile.low[l] + tile.size[l]) return false;
  }
  return true;
}

/// Every step of the tile lies in at most one part, and in one unless it meets padding. The number
/// of steps that all parts hold.
std::int64_t expect_partition(const Nest& nest, const Tile& tile) {
  const std::vector<Tile> parts = useful_parts(padded_axes(nest), tile);
  std::vector<std::int64_t> trip = tile.low;
  std::int64_t held = 0;
  for (bool more = true; more;) {
    int count = 0;
    for (const Tile& part : parts) count += holds(part, trip) ? 1 : 0;
    EXPECT_LE(count, 1);
    if (!meets_padding(nest, trip)) {
      EXPECT_EQ(count, 1);
    }
    held += count;
    more = false;
    for (std::size_t l = trip.size(); l-- > 0 && !more;) {
      more = ++trip[l] < tile.low[l] + tile.size[l];
      if (!more) trip[l] = tile.low[l];
    }
  }
  std::int64_t sum = 0;
  for (const Tile& part : parts) {
    std::int64_t size = 1;
    for (const std::int64_t s : part.size) size *= s;
    sum += size;
  }
  EXPECT_EQ(sum, held);
  return held;
}

TEST(VtaUsefulSteps, PartsOfRandomTilesHoldEveryUsefulStepOnce) {
  Random random(3);
  std::int64_t cut = 0;
  for (int i = 0; i < 300; ++i) {
    ConvShape shape{.in_channels = random.between(1, 40), .out_channels = random.between(1, 40)};
    for (int a = 0; a < 2; ++a) {
      ConvAxis axis{.output = random.between(1, 8), .filter = random.between(1, 5)};
      axis.stride = random.between(1, 3);
      axis.dilation = random.between(1, 2);
      axis.pad_before = random.between(0, 4);
      axis.pad_after = random.between(0, 4);
      if (input_size(axis) < 1) axis = {.output = 3, .filter = 1, .pad_before = 1};
      shape.axes.push_back(axis);
    }
    const Nest nest = nest_of_conv(shape);
    Tile tile;
    for (const std::int64_t trips : nest.trips) {
      tile.low.push_back(random.between(0, trips - 1));
      tile.size.push_back(random.between(1, trips - tile.low.back()));
    }
    SCOPED_TRACE(i);
    std::int64_t size = 1;
    for (const std::int64_t s : tile.size) size *= s;
    cut += expect_partition(nest, tile) < size ? 1 : 0;
    if (HasFailure()) return;
  }
  EXPECT_GT(cut, 50);
}

TEST(VtaUsefulSteps, PaddingStaysWhereAnotherInstructionCostsMore) {
  const ConvAxis axis{.output = 4, .filter = 3, .pad_before = 1, .pad_after = 1};
  const Nest nest = nest_of_conv({.in_channels = 16, .out_channels = 16, .axes = {axis, axis}});
  // 16 pixels and 9 taps in 144 steps. Rows in pieces of 3, 4 and 3 pixels: 10 · 12 steps, 24 fewer
  // for two more instructions of 8. Columns as well: 10 · 10, 20 fewer for six more.
  const std::vector<Tile> parts =
      useful_parts(padded_axes(nest), {std::vector<std::int64_t>(nest.loops(), 0), nest.trips});
  EXPECT_EQ(parts.size(), 3u);
}

}  // namespace
}  // namespace tileloom::target::vta
