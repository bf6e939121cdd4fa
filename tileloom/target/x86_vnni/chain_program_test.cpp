#include "tileloom/target/x86_vnni/chain_program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tileloom/io/yaml/read_instruction.hpp"
#include "tileloom/target/x86_vnni/library.hpp"

namespace tileloom::x86_vnni {
namespace {

ConvAxis axis(std::int64_t input, std::int64_t filter, std::int64_t stride) {
  const std::int64_t pad = filter / 2;
  return {.output = (input + 2 * pad - filter) / stride + 1,
          .filter = filter,
          .stride = stride,
          .pad_before = pad,
          .input = input};
}

/// 3 channels of 21 x 19, a stride, a maximum, channels by themselves, and 1 x 1 filters.
ConvChain small_chain() {
  ConvChain chain;
  const auto add = [&](std::int64_t in, std::int64_t out, std::int64_t groups, bool maximum,
                       ConvAxis rows, ConvAxis columns) {
    chain.layers.push_back(
        {fmt::format("l{}", chain.layers.size()),
         maximum,
         {.in_channels = in, .out_channels = out, .groups = groups, .axes = {rows, columns}}});
  };
  add(3, 20, 1, false, axis(21, 3, 1), axis(19, 3, 1));
  add(20, 20, 20, true, axis(21, 3, 2), axis(19, 3, 2));
  add(20, 16, 1, false, axis(11, 5, 1), axis(10, 5, 1));
  add(16, 16, 16, false, axis(11, 3, 1), axis(10, 3, 1));
  add(16, 33, 1, false, axis(11, 1, 1), axis(10, 1, 1));
  return chain;
}

/// One layer by its definition.
std::vector<std::uint8_t> plain(const ChainLayer& layer, const std::vector<std::uint8_t>& data,
                                const std::vector<std::int8_t>& weights, int shift) {
  const ConvShape& s = layer.shape;
  const ConvAxis& y = s.axes[0];
  const ConvAxis& x = s.axes[1];
  const std::int64_t in_group = s.in_channels / s.groups, out_group = s.out_channels / s.groups;
  std::vector<std::uint8_t> result;
  for (std::int64_t p = 0; p < y.output; ++p) {
    for (std::int64_t q = 0; q < x.output; ++q) {
      for (std::int64_t k = 0; k < s.out_channels; ++k) {
        std::int64_t sum = 0;
        for (std::int64_t r = 0; r < y.filter; ++r) {
          for (std::int64_t t = 0; t < x.filter; ++t) {
            const std::int64_t row = p * y.stride + r - y.pad_before;
            const std::int64_t column = q * x.stride + t - x.pad_before;
            if (row < 0 || row >= y.input || column < 0 || column >= x.input) continue;
            for (std::int64_t c = 0; c < in_group; ++c) {
              const std::int64_t channel = k / out_group * in_group + c;
              const auto value = static_cast<std::int64_t>(data[static_cast<std::size_t>(
                  (row * x.input + column) * s.in_channels + channel)]);
              if (layer.maximum) {
                sum = std::max(sum, value);
              } else {
                const std::int64_t at = ((k * y.filter + r) * x.filter + t) * in_group + c;
                sum += value * weights[static_cast<std::size_t>(at)];
              }
            }
          }
        }
        const std::int64_t byte =
            layer.maximum ? sum : std::clamp<std::int64_t>(sum >> shift, 0, 255);
        result.push_back(static_cast<std::uint8_t>(byte));
      }
    }
  }
  return result;
}

TEST(ChainProgram, blocks_of_any_length_cores_and_tiles_compute_the_layers) {
  if (const std::string why = missing_instruction(); !why.empty()) GTEST_SKIP() << why;
  const Result<Instruction> vnni = load_instruction("vnni_1x16x4");
  ASSERT_TRUE(vnni);
  Result<ChainProgram> program = ChainProgram::build(small_chain(), *vnni, "c++");
  ASSERT_TRUE(program) << to_string(program.error());
  std::vector<std::uint8_t> data = program->image();
  std::vector<std::vector<std::uint8_t>> expected;
  for (std::size_t l = 0; l < 5; ++l) {
    data = plain(program->chain().layers[l], data, program->weights(l), program->shift(l));
    expected.push_back(data);
    program->run({.first = l, .last = l + 1});
    ASSERT_EQ(program->output(l), data) << "layer " << l << " by itself";
    EXPECT_GT(std::ranges::count_if(data, [](std::uint8_t b) { return b > 0 && b < 255; }),
              static_cast<std::ptrdiff_t>(data.size() / 10));
  }
  for (const std::int64_t cores : {1, 2}) {
    for (const std::int64_t tiles : {1, 3, 20}) {  // 20: some parts are empty
      for (std::size_t first = 0; first < 4; ++first) {
        program->forget();
        for (std::size_t l = 0; l < first; ++l) program->run({.first = l, .last = l + 1});
        program->run({.first = first, .last = 5, .cores = cores, .tiles = tiles});
        ASSERT_EQ(program->output(4), expected[4]) << first << " on " << cores << " in " << tiles;
      }
    }
  }
}

TEST(ChainProgram, a_chain_of_nothing_says_what_stands_in_its_way) {
  if (const std::string why = missing_instruction(); !why.empty()) GTEST_SKIP() << why;
  const Result<ChainProgram> program = ChainProgram::build({{}, "/Gather"}, {}, "c++");
  ASSERT_FALSE(program);
  EXPECT_EQ(to_string(program.error()),
            "nothing can be measured: /Gather is no convolution: only a chain of convolutions and "
            "maxima at the beginning is\n");
}

// A 3x3 window with stride 2 and one row of padding: outputs 2 … 4 read rows 3 … 9.
TEST(ConvChain, rows_needed_by_hand) {
  const ChainLayer layer{"l", false, {.axes = {axis(21, 3, 2), axis(21, 3, 2)}}};
  EXPECT_EQ(rows_needed(layer, {2, 5}), (Interval{3, 10}));
  EXPECT_EQ(rows_needed(layer, {0, 1}), (Interval{-1, 2}));
}

}  // namespace
}  // namespace tileloom::x86_vnni
