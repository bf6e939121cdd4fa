#include "tileloom/target/x86_vnni/network_program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tileloom/io/onnx/test_model.hpp"
#include "tileloom/io/yaml/read_instruction.hpp"
#include "tileloom/target/x86_vnni/image_rows.hpp"
#include "tileloom/target/x86_vnni/library.hpp"

namespace tileloom::x86_vnni {
namespace {

using onnx_test::imported;

/// 3 channels of 21 x 19: strides, a maximum, an average, channels by themselves, groups, residual
/// sums that cross other layers, a concatenation, the mean of the image and a fully connected
/// layer; the image is turned before and the result squashed after, which no layer does.
Workload small_network() {
  return imported(
      "(float[1,21,19,3] t, float[20,3,3,3] w0, float[16,20,5,5] w1, float[16,1,3,3] w2, "
      "float[33,16,1,1] w3, float[33,16,3,3] w4, float[12,11,2,2] w5, float[12,45] w6) => "
      "(float[1,12] y) { "
      "x = Transpose <perm = [0, 3, 1, 2]> (t) "
      "a = Conv <pads = [1,1,1,1]> (x, w0) "
      "b = MaxPool <kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]> (a) "
      "c = Conv <pads = [2,2,2,2]> (b, w1) "
      "d = Conv <pads = [1,1,1,1], group = 16> (c, w2) "
      "e = Conv (d, w3) f = Conv <pads = [1,1,1,1]> (c, w4) g = Add (e, f) "
      "h = AveragePool <kernel_shape = [2,3], strides = [1,2], pads = [0,1,0,0]> (g) "
      "i = Conv <strides = [2,2], group = 3> (g, w5) "
      "j = Conv <strides = [2,2], group = 3> (g, w5) k = Add (i, j) "
      "l = MaxPool <kernel_shape = [2,1], strides = [2,1]> (h) m = Concat <axis = 1> (k, l) "
      "n = GlobalAveragePool (m) o = Flatten (n) p = Gemm <transB = 1> (o, w6) y = Softmax (p) }");
}

struct Values {
  const NetworkProgram& program;
  std::map<TensorId, std::vector<std::uint8_t>> made;

  std::int64_t at(TensorId tensor, const ImageSize& size, std::int64_t row, std::int64_t column,
                  std::int64_t channel) const {
    if (row < 0 || row >= size.rows || column < 0 || column >= size.columns) return 0;
    return made.at(
        tensor)[static_cast<std::size_t>((row * size.columns + column) * size.channels + channel)];
  }
};

/// One element of a layer's result by its definition.
std::int64_t plain(const Values& values, OperatorId id, std::int64_t p, std::int64_t q,
                   std::int64_t k) {
  const Region& region = values.program.region();
  const Layer& layer = region.layers[id];
  const ImageSize in = *image_size(region.workload.tensors[layer.inputs[0]]);
  if (layer.kind == LayerKind::addition) {
    return (values.at(layer.inputs[0], in, p, q, k) + values.at(layer.inputs[1], in, p, q, k) + 1) /
           2;
  }
  if (layer.kind == LayerKind::copy) return values.at(layer.inputs[0], in, p, q, k);
  const ConvShape& s = layer.shape;
  const ConvAxis &y = s.axes[0], &x = s.axes[1];
  const bool conv = layer.kind == LayerKind::convolution;
  const std::int64_t in_group = conv ? s.in_channels / s.groups : 1;
  const std::int64_t first = conv ? k / (s.out_channels / s.groups) * in_group : k;
  std::int64_t sum = 0, most = 0;
  for (std::int64_t r = 0; r < y.filter; ++r) {
    for (std::int64_t t = 0; t < x.filter; ++t) {
      for (std::int64_t c = 0; c < in_group; ++c) {
        const std::int64_t value =
            values.at(layer.inputs[0], in, p * y.stride + r * y.dilation - y.pad_before,
                      q * x.stride + t * x.dilation - x.pad_before, first + c);
        most = std::max(most, value);
        const std::int64_t at = ((k * y.filter + r) * x.filter + t) * in_group + c;
        sum += conv ? value * values.program.weights(id)[static_cast<std::size_t>(at)] : value;
      }
    }
  }
  if (layer.kind == LayerKind::maximum) return most;
  const std::int64_t size = y.filter * x.filter;
  if (!conv) return (2 * sum + size) / (2 * size);
  return std::clamp<std::int64_t>(sum >> values.program.shift(id), 0, 255);
}

/// All images by the layers' definitions.
Values by_definition(const NetworkProgram& program) {
  const Region& region = program.region();
  Values values{program, {}};
  for (const TensorId id : ids<TensorId>(region.workload.tensors.size())) {
    const Tensor& tensor = region.workload.tensors[id];
    if (tensor.kind == TensorKind::input && image_size(tensor)) {
      values.made[id] = program.values(id);
    }
  }
  for (const OperatorId id : ids<OperatorId>(region.layers.size())) {
    const Layer& layer = region.layers[id];
    const ImageSize out = *image_size(region.workload.tensors[layer.output]);
    std::vector<std::uint8_t>& made = values.made[layer.output];
    made.resize(static_cast<std::size_t>(out.rows * out.columns * out.channels));
    const bool copies = layer.kind == LayerKind::copy;
    const std::int64_t channels = copies ? layer.shape.in_channels : out.channels;
    for (std::int64_t i = 0; i < out.rows * out.columns; ++i) {
      for (std::int64_t k = 0; k < channels; ++k) {
        const std::int64_t to = i * out.channels + (copies ? layer.first_channel : 0) + k;
        made[static_cast<std::size_t>(to)] =
            static_cast<std::uint8_t>(plain(values, id, i / out.columns, i % out.columns, k));
      }
    }
  }
  return values;
}

std::vector<OperatorId> operators(std::size_t first, std::size_t last) {
  std::vector<OperatorId> found;
  for (std::size_t i = first; i < last; ++i) found.push_back(static_cast<OperatorId>(i));
  return found;
}

Result<NetworkProgram> program_of(const Workload& workload) {
  const Result<Instruction> vnni = load_instruction("vnni_1x16x4");
  if (!vnni) return tl::unexpected(vnni.error());
  return NetworkProgram::build(runnable_region(workload), *vnni, "c++");
}

TEST(NetworkProgram, blocks_of_any_operators_cores_and_tiles_compute_the_layers) {
  if (const std::string why = missing_instruction(); !why.empty()) GTEST_SKIP() << why;
  Result<NetworkProgram> program = program_of(small_network());
  ASSERT_TRUE(program) << to_string(program.error());
  const Region& region = program->region();
  const std::size_t count = region.layers.size();
  ASSERT_EQ(count, 16u);
  const Values expected = by_definition(*program);
  for (std::size_t i = 0; i < count; ++i) {
    const Layer& layer = region.layers[static_cast<OperatorId>(i)];
    program->run({operators(i, i + 1), 1, 1});
    if (layer.kind == LayerKind::copy) continue;
    const std::vector<std::uint8_t>& values = expected.made.at(layer.output);
    ASSERT_EQ(program->values(layer.output), values) << layer.name << " by itself";
    const auto inner = [](std::uint8_t b) { return b > 0 && b < 255; };
    EXPECT_GT(10 * std::ranges::count_if(values, inner), static_cast<std::ptrdiff_t>(values.size()))
        << layer.name;
  }
  for (const std::int64_t cores : {1, 2}) {
    for (const std::int64_t tiles : {1, 3, 20}) {  // 20: some parts are empty
      for (std::size_t cut = 0; cut < count; ++cut) {
        program->forget();
        if (cut > 0) program->run({operators(0, cut), cores, tiles});
        program->run({operators(cut, count), cores, tiles});
        // What leaves either of the two blocks was written, also where both blocks read it.
        for (std::size_t i = 0; i < count; ++i) {
          const TensorId made = region.layers[static_cast<OperatorId>(i)].output;
          const auto readers = consumers(region.workload, made);
          const bool leaves =
              readers.empty() || std::ranges::any_of(readers, [&](OperatorId reader) {
                return i < cut && index(reader) >= cut;
              });
          const bool whole = index(producers(region.workload, made).back()) < cut;
          if (!leaves || (!whole && !readers.empty())) continue;
          ASSERT_EQ(program->values(made), expected.made.at(made))
              << region.workload.tensors[made].name << ", cut at " << cut << " on " << cores
              << " in " << tiles;
        }
      }
    }
  }
}

TEST(RunnableRegion, says_which_operators_are_left_out_and_why) {
  const Region region = runnable_region(small_network());
  ASSERT_EQ(region.left_out.size(), 5u);
  EXPECT_EQ(region.left_out[0], (LeftOut{"x", "it moves elements to other places"}));
  EXPECT_EQ(region.left_out[1], (LeftOut{"y.max", "it has no windows over two axes"}));
  EXPECT_EQ(region.left_out[2], (LeftOut{"y.exp", "there is no code of bytes for it"}));
  const Workload& kept = region.workload;
  EXPECT_EQ(onnx_test::tensor_named(kept, "x").kind, TensorKind::input);
  EXPECT_EQ(onnx_test::tensor_named(kept, "w0").kind, TensorKind::constant);
  EXPECT_EQ(onnx_test::tensor_named(kept, "p").kind, TensorKind::output);
}

// Channels can be joined, rows and columns cannot, whichever input comes first; windows that see
// nothing but padding would leave a part without rows.
TEST(RunnableRegion, does_not_join_columns_nor_compute_from_padding_only) {
  const Region columns = runnable_region(
      imported("(float[1,4,8,8] x, float[4,4,1,1] w) => (float[1,4,8,16] y) "
               "{ a = Conv (x, w) b = Conv (x, w) y = Concat <axis = 3> (a, b) }"));
  for (const LeftOut& left : columns.left_out) {
    if (!left.name.starts_with("y")) continue;
    EXPECT_EQ(left.why, "it moves elements to other places");
  }
  EXPECT_GE(columns.left_out.size(), 2u);
  const Region padding = runnable_region(
      imported("(float[1,4,8,8] x, float[4,4,1,1] w) => (float[1,4,16,8] y) "
               "{ a = Conv (x, w) y = Conv <pads = [0,0,8,0]> (a, w) }"));
  ASSERT_EQ(padding.left_out.size(), 1u);
  EXPECT_EQ(padding.left_out[0],
            (LeftOut{"y", "it has no windows over two axes, or some that see padding only"}));
}

// Two runnable parts with a function between them that is not: the longer one is taken.
TEST(RunnableRegion, is_the_longest_connected_part) {
  const Region region = runnable_region(
      imported("(float[1,4,8,8] x, float[4,4,1,1] w) => (float[1,4,8,8] y) "
               "{ a = Conv (x, w) b = Erf (a) c = Conv (b, w) d = Conv (c, w) e = Add (c, d) "
               "f = Mul (e, a) y = Add (f, a) }"));
  std::string names;
  for (const Layer& layer : region.layers) names += layer.name;
  EXPECT_EQ(names, "cde");
  std::string out;
  for (const LeftOut& left : region.left_out) out += left.name + ": " + left.why + "; ";
  EXPECT_EQ(out,
            "a: a larger part is not connected to it; b: there is no code of bytes for it; "
            "f: there is no code of bytes for it; y: a larger part is not connected to it; ");
}

TEST(NetworkProgram, a_model_without_layers_says_what_stands_in_its_way) {
  if (const std::string why = missing_instruction(); !why.empty()) GTEST_SKIP() << why;
  const Result<NetworkProgram> program =
      program_of(imported("(float[1,4,8,8] x) => (float[1,4,8,8] y) { y = Erf (x) }"));
  ASSERT_FALSE(program);
  EXPECT_EQ(to_string(program.error()),
            "nothing can be measured: the first of 1 operators without code is y, there is no code "
            "of bytes for it: convolutions, fully connected layers, pooling, residual sums and "
            "concatenations of one image are measured\n");
}

// A 3x3 window with stride 2 and padding beside a 1x1: 21 rows, of which 10 · 2 + 3 − 1 are read.
TEST(PaddedImages, hold_the_widest_padding_of_all_readers) {
  const Region region = runnable_region(
      imported("(float[1,4,21,20] x, float[4,4,3,3] w, float[4,4,1,1] v) => (float[1,4,21,20] z) "
               "{ a = Relu (x) y = Conv <strides = [2,2], pads = [1,1,1,1]> (x, w) "
               "c = MaxPool <kernel_shape = [1, 1]> (y) z = Conv (x, v) }"));
  const PerId<TensorId, PaddedImage> images = padded_images(region);
  const PaddedImage& x = images[region.layers[OperatorId{0}].inputs[0]];
  EXPECT_EQ(x.size, (ImageSize{21, 20, 4}));
  EXPECT_EQ((std::vector{x.above, x.below, x.left, x.right}),
            (std::vector<std::int64_t>{1, 1, 1, 0}));
  EXPECT_EQ(x.with_padding({0, 5}), (Interval{-1, 5}));
  EXPECT_EQ(x.with_padding({5, 21}), (Interval{5, 22}));
}

}  // namespace
}  // namespace tileloom::x86_vnni
