#include "tileloom/workload/receptive_field.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom {
namespace {

TensorId activation(Workload& net, const std::vector<std::int64_t>& shape, TensorKind kind) {
  return net.tensors.push_back({"t" + std::to_string(net.tensors.size()), shape, 8, kind});
}

/// Appends a convolution of one channel that reads `input`.
TensorId add_conv(Workload& net, TensorId input, const ConvAxis& rows, const ConvAxis& columns,
                  TensorKind kind = TensorKind::intermediate) {
  const TensorId weight =
      activation(net, {1, 1, rows.filter, columns.filter}, TensorKind::constant);
  const TensorId output = activation(net, {1, 1, rows.output, columns.output}, kind);
  net.operators.push_back(make_conv("c" + std::to_string(net.operators.size()),
                                    {.axes = {rows, columns}}, {}, input, weight, output));
  return output;
}

std::vector<OperatorId> all_operators(const Workload& net) {
  std::vector<OperatorId> all;
  for (const OperatorId id : ids<OperatorId>(net.operators.size())) all.push_back(id);
  return all;
}

Workload stack(std::int64_t size, int layers) {
  Workload net;
  const ConvAxis same{.output = size, .filter = 3, .pad_before = 1, .input = size, .pad_after = 1};
  TensorId last = activation(net, {1, 1, size, size}, TensorKind::input);
  for (int i = 0; i < layers; ++i) last = add_conv(net, last, same, same);
  net.tensors[last].kind = TensorKind::output;
  return net;
}

/// Positions computed, all layers and parts.
std::int64_t work(const Workload& net, std::int64_t row_parts, std::int64_t column_parts) {
  const NetworkField field = network_field(net);
  const Block block = make_block(net, all_operators(net));
  const PartField rows = part_field(field, block, SplitAxis::rows, row_parts);
  const PartField columns = part_field(field, block, SplitAxis::columns, column_parts);
  std::int64_t total = 0;
  for (std::size_t op = 0; op < block.operators.size(); ++op) {
    for (const Interval& r : rows.ranks[op]) {
      for (const Interval& c : columns.ranks[op]) total += r.length() * c.length();
    }
  }
  return total;
}

struct HaloVector {
  bool grid;  ///< 4 row parts x 8 column parts; else rows only
  std::int64_t size, cores;
  int layers;
  std::int64_t work, useful;
};

// L stacked 3x3 stride-1 convolutions with padding 1 on a size x size map, from the published unit
// vectors of issue 6 (halo_redundancy.json): integers counted by hand-written enumeration there.
constexpr std::array<HaloVector, 60> kHalos = {{
    {false, 112, 4, 1, 112, 112},      {false, 112, 4, 2, 230, 224},
    {false, 112, 4, 3, 354, 336},      {false, 112, 4, 4, 484, 448},
    {false, 112, 4, 6, 762, 672},      {false, 112, 4, 8, 1064, 896},
    {false, 112, 16, 1, 112, 112},     {false, 112, 16, 2, 254, 224},
    {false, 112, 16, 3, 426, 336},     {false, 112, 16, 4, 628, 448},
    {false, 112, 16, 6, 1122, 672},    {false, 112, 16, 8, 1736, 896},
    {false, 112, 32, 1, 112, 112},     {false, 112, 32, 2, 286, 224},
    {false, 112, 32, 3, 522, 336},     {false, 112, 32, 4, 820, 448},
    {false, 112, 32, 6, 1598, 672},    {false, 112, 32, 8, 2616, 896},
    {false, 56, 8, 1, 56, 56},         {false, 56, 8, 2, 126, 112},
    {false, 56, 8, 3, 210, 168},       {false, 56, 8, 4, 308, 224},
    {false, 56, 8, 6, 546, 336},       {false, 56, 8, 8, 840, 448},
    {false, 56, 32, 1, 56, 56},        {false, 56, 32, 2, 174, 112},
    {false, 56, 32, 3, 353, 168},      {false, 56, 32, 4, 592, 224},
    {false, 56, 32, 6, 1246, 336},     {false, 56, 32, 8, 2128, 448},
    {false, 28, 32, 1, 28, 28},        {false, 28, 32, 2, 110, 56},
    {false, 28, 32, 3, 244, 84},       {false, 28, 32, 4, 428, 112},
    {false, 28, 32, 6, 938, 168},      {false, 28, 32, 8, 1624, 224},
    {false, 14, 16, 1, 14, 14},        {false, 14, 16, 2, 54, 28},
    {false, 14, 16, 3, 118, 42},       {false, 14, 16, 4, 204, 56},
    {false, 14, 16, 6, 434, 84},       {false, 14, 16, 8, 728, 112},
    {true, 112, 32, 1, 12544, 12544},  {true, 112, 32, 2, 27412, 25088},
    {true, 112, 32, 3, 44772, 37632},  {true, 112, 32, 4, 64792, 50176},
    {true, 112, 32, 6, 113484, 75264}, {true, 112, 32, 8, 174832, 100352},
    {true, 56, 32, 1, 3136, 3136},     {true, 56, 32, 2, 7476, 6272},
    {true, 56, 32, 3, 13188, 9408},    {true, 56, 32, 4, 20440, 12544},
    {true, 56, 32, 6, 40236, 18816},   {true, 56, 32, 8, 68208, 25088},
    {true, 28, 32, 1, 784, 784},       {true, 28, 32, 2, 2212, 1568},
    {true, 28, 32, 3, 4452, 2352},     {true, 28, 32, 4, 7672, 3136},
    {true, 28, 32, 6, 17498, 4704},    {true, 28, 32, 8, 32676, 6272},
}};

TEST(ReceptiveField, all_60_published_halo_vectors_exactly) {
  for (const HaloVector& v : kHalos) {
    const Workload net = stack(v.size, v.layers);
    // Rows of a row split are counted as rows, not positions.
    const std::int64_t expected = v.grid ? v.work : v.work * v.size;
    EXPECT_EQ(work(net, v.grid ? 4 : v.cores, v.grid ? 8 : 1), expected)
        << v.size << " / " << v.cores << ", " << v.layers << " layers";
    EXPECT_EQ(v.useful, v.layers * v.size * (v.grid ? v.size : 1));
  }
}

// Output rows 4..7 of 8 with stride 2, filter 3, padding 1 need input rows 7..15 of 16; those, with
// dilation 2 and filter 3 without padding, rows 7..19 of 20.
TEST(ReceptiveField, stride_and_dilation_by_hand) {
  Workload net;
  const TensorId in = activation(net, {1, 1, 20, 1}, TensorKind::input);
  const ConvAxis one{};
  const TensorId middle =
      add_conv(net, in, {.output = 16, .filter = 3, .dilation = 2, .input = 20}, one);
  add_conv(net, middle, {.output = 8, .filter = 3, .stride = 2, .pad_before = 1, .input = 16}, one,
           TensorKind::output);
  const Block block = make_block(net, all_operators(net));
  const PartField parts = part_field(network_field(net), block, SplitAxis::rows, 2);
  EXPECT_EQ(parts.ranks[1][1], (Interval{4, 8}));
  EXPECT_EQ(parts.ranks[0][1], (Interval{7, 16}));
  EXPECT_EQ(parts.tensors[0][1], (Interval{7, 20}));
  EXPECT_EQ(parts.ranks[0][0], (Interval{0, 8}));
  EXPECT_EQ(parts.tensors[0][0], (Interval{0, 12}));
}

// A branch with a 5-wide and one with a 1-wide filter that are read by two results: the common
// input must reach as far as the wider one.
TEST(ReceptiveField, branches_need_the_hull) {
  Workload net;
  const TensorId in = activation(net, {1, 1, 12, 1}, TensorKind::input);
  const ConvAxis one{};
  const TensorId stem = add_conv(net, in, {.output = 12, .input = 12}, one);
  add_conv(net, stem, {.output = 12, .filter = 5, .pad_before = 2, .input = 12, .pad_after = 2},
           one, TensorKind::output);
  add_conv(net, stem, {.output = 12, .input = 12}, one, TensorKind::output);
  const Block block = make_block(net, all_operators(net));
  ASSERT_EQ(block.outputs.size(), 2u);
  const PartField parts = part_field(network_field(net), block, SplitAxis::rows, 3);
  EXPECT_EQ(parts.ranks[0][1], (Interval{2, 10}));
  EXPECT_EQ(parts.ranks[1][1], (Interval{4, 8}));
  EXPECT_EQ(parts.ranks[2][1], (Interval{4, 8}));
}

/// The rows that one layer reads for these of its output: the least and the largest index over all
/// taps, cut to what exists.
Interval visit(const ConvAxis& layer, Interval wanted) {
  std::set<std::int64_t> seen;
  for (std::int64_t p = wanted.begin; p < wanted.end; ++p) {
    for (std::int64_t r = 0; r < layer.filter; ++r) {
      seen.insert(p * layer.stride + r * layer.dilation - layer.pad_before);
    }
  }
  if (seen.empty()) return {};
  return {std::max<std::int64_t>(*seen.begin(), 0),
          std::min(*seen.rbegin() + 1, input_size(layer))};
}

// [1, 4, 1, 5] from 4 groups of one channel: the output has rows of extent 1 beside K of extent 1.
// Were the columns also taken for rows, the positions would be counted 25 times instead of 5.
TEST(ReceptiveField, no_rank_runs_along_two_axes) {
  Workload net;
  const TensorId x = activation(net, {1, 4, 2, 4}, TensorKind::input);
  const TensorId w = activation(net, {4, 1, 3, 1}, TensorKind::constant);
  const TensorId y = activation(net, {1, 4, 1, 5}, TensorKind::output);
  net.operators.push_back(make_conv("c",
                                    {.in_channels = 4,
                                     .out_channels = 4,
                                     .groups = 4,
                                     .axes = {{.filter = 3, .pad_before = 1, .input = 2},
                                              {.output = 5, .pad_before = 1, .input = 4}}},
                                    {}, x, w, y));
  const OperatorField field = network_field(net).operators[OperatorId{0}];
  EXPECT_EQ(field.extent, (PerSplit<std::int64_t>{1, 4, 1, 5}));
  EXPECT_FALSE(field.rank[static_cast<std::size_t>(SplitAxis::rows)]);
}

TEST(ReceptiveField, equal_to_visiting_every_tap_on_500_random_pairs) {
  Random random(5);
  int checked = 0;
  while (checked < 500) {
    const auto axis = [&](std::int64_t output) {
      return ConvAxis{.output = output,
                      .filter = random.between(1, 5),
                      .stride = random.between(1, 3),
                      .dilation = random.between(1, 2),
                      .pad_before = random.between(0, 2),
                      .pad_after = random.between(0, 2)};
    };
    const ConvAxis second = axis(random.between(2, 12));
    if (input_size(second) < 1) continue;
    const ConvAxis first = axis(input_size(second));
    if (input_size(first) < 1) continue;
    Workload net;
    const TensorId in = activation(net, {1, 1, input_size(first), 1}, TensorKind::input);
    add_conv(net, add_conv(net, in, first, {}), second, {}, TensorKind::output);
    const Block block = make_block(net, all_operators(net));
    const std::int64_t parts = random.between(1, 5);
    const PartField field = part_field(network_field(net), block, SplitAxis::rows, parts);
    for (std::int64_t p = 0; p < parts; ++p) {
      const Interval middle = visit(second, even_part(second.output, parts, p));
      const auto at = static_cast<std::size_t>(p);
      ASSERT_EQ(field.ranks[0][at].length(), middle.length());
      ASSERT_EQ(field.tensors[0][at].length(), visit(first, middle).length());
    }
    ++checked;
  }
}

}  // namespace
}  // namespace tileloom
