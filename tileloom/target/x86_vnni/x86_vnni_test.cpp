#include <gtest/gtest.h>

#include "tileloom/io/yaml/read_instruction.hpp"
#include "tileloom/reference/evaluate_operator.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/x86_vnni/channels_last.hpp"
#include "tileloom/target/x86_vnni/choose.hpp"
#include "tileloom/target/x86_vnni/emit.hpp"
#include "tileloom/target/x86_vnni/library.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::x86_vnni {
namespace {

Instruction vnni() { return load_instruction("vnni_1x16x4").value_or(Instruction{}); }

Operator conv(const ConvShape& shape) {
  return channels_last(one_conv("conv", shape, {}).operators[OperatorId{0}]);
}

/// Every kind that the plan distinguishes: one channel, channels that are no multiple of 4 or 16,
/// stride, dilation, padding, groups, depthwise, one and three axes, a product.
std::vector<Operator> operators() {
  const ConvAxis three{.output = 7, .filter = 3, .pad_before = 1, .pad_after = 1};
  return {
      conv({.out_channels = 32,
            .axes = {{.output = 9, .filter = 5, .stride = 2},
                     {.output = 17, .filter = 10, .stride = 2}}}),
      conv({.batch = 2, .in_channels = 3, .out_channels = 20, .axes = {three, three}}),
      conv({.in_channels = 64, .out_channels = 80, .axes = {three, three}}),
      conv({.in_channels = 8, .out_channels = 16, .axes = {{.output = 6}, {.output = 5}}}),
      conv({.in_channels = 6,
            .out_channels = 5,
            .axes = {{.output = 5, .filter = 3, .dilation = 2},
                     {.output = 6, .filter = 2, .dilation = 3}}}),
      conv({.in_channels = 24,
            .out_channels = 36,
            .groups = 3,
            .axes = {three, {.output = 30, .filter = 2}}}),
      conv({.in_channels = 5, .out_channels = 5, .groups = 5, .axes = {three, three}}),
      conv({.in_channels = 10,
            .out_channels = 18,
            .axes = {{.output = 40, .filter = 4, .pad_before = 2}}}),
      conv({.in_channels = 4,
            .out_channels = 17,
            .axes = {{.output = 3, .filter = 2}, three, three}}),
      // Rows of the filter beside one another; results that see padding only.
      conv({.batch = 2,
            .out_channels = 32,
            .axes = {{.output = 9, .filter = 5, .stride = 2, .pad_before = 1, .input = 19},
                     {.output = 31, .filter = 5, .stride = 2, .pad_before = 2, .input = 60}}}),
      conv({.in_channels = 2,
            .out_channels = 20,
            .axes = {{.output = 30, .filter = 3, .dilation = 2, .pad_before = 3, .input = 28},
                     {.output = 40, .filter = 3, .pad_before = 1, .input = 40}}}),
      conv({.batch = 2,
            .in_channels = 8,
            .out_channels = 16,
            .axes = {{.output = 7, .stride = 2, .pad_before = 3, .input = 7},
                     {.output = 7, .filter = 2, .stride = 2, .pad_before = 4, .input = 5}}}),
      one_matmul("product", {.m = 19, .n = 33, .k = 21}, {}).operators[OperatorId{0}],
  };
}

/// Values that use all of the range of a byte.
template <class T>
std::vector<T> random_bytes(std::int64_t count, Random& random) {
  std::vector<T> bytes;
  for (std::int64_t i = 0; i < count; ++i) bytes.push_back(static_cast<T>(random.below(256)));
  return bytes;
}

std::vector<double> as_values(const auto& bytes) { return {bytes.begin(), bytes.end()}; }

// Deep Speech's first layer: z holds 4 filter columns, 5 of them fill S = 20 exactly, 5 rows: 25
// steps per pixel and 16 channels, as many as 100 points need. Nothing is copied.
TEST(X86Vnni, one_channel_is_read_in_place) {
  const Operator op = conv({.out_channels = 32,
                            .axes = {{.output = 79, .filter = 5, .stride = 2},
                                     {.output = 341, .filter = 20, .stride = 2}}});
  const auto chosen = choose(op, vnni());
  ASSERT_TRUE(chosen) << chosen.error();
  EXPECT_EQ(to_text(op, vnni(), chosen->embedding), "y = K·16, z = S·4");
  EXPECT_FALSE(chosen->plan.copied);
  EXPECT_EQ(weight_bytes(chosen->plan), 2 * 25 * 64);
}

TEST(X86Vnni, channels_last_reorders_axes_and_ranks) {
  const Operator op = conv(
      {.in_channels = 3, .out_channels = 2, .axes = {{.output = 4, .filter = 2}, {.output = 5}}});
  std::string ranks;
  for (const Rank& rank : op.ranks) ranks += rank.name;
  EXPECT_EQ(ranks, "NPQKRSC");
  EXPECT_EQ(op.inputs[0].axes[3].extent, 3);
  EXPECT_EQ(op.output.axes[3].extent, 2);
}

/// Emits, compiles and runs every operator, and compares with its definition.
void compare_with_definitions(const Instruction& instruction) {
  const std::int64_t lanes = vector_lanes(instruction);
  std::vector<Choice> choices;
  std::string source;
  const std::vector<Operator> all = operators();
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto chosen = choose(all[i], instruction);
    ASSERT_TRUE(chosen) << i << ": " << chosen.error();
    // The large and the small case of cache use, whatever the sizes.
    chosen->plan.channels_inside = i % 2 == 0;
    chosen->plan.streamed = i == 2;  // 80 channels: whole blocks
    const std::string unit = emit(chosen->plan, "kernel" + std::to_string(i));
    // One compilation for all: each in a namespace of its own.
    source += "#include <immintrin.h>\nnamespace n" + std::to_string(i) + " {\n" + unit + "}\n";
    choices.push_back(std::move(*chosen));
  }
  const Result<Library> library = Library::build(source, "c++", lanes);
  ASSERT_TRUE(library) << to_string(library.error());
  Random random(4);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Operator& op = all[i];
    std::vector<std::uint8_t> data = random_bytes<std::uint8_t>(elements(op.inputs[0]), random);
    const auto weights = random_bytes<std::int8_t>(elements(op.inputs[1]), random);
    reference::TensorValues values{{op.inputs[0].tensor, as_values(data)},
                                   {op.inputs[1].tensor, as_values(weights)}};
    values[op.output.tensor].resize(static_cast<std::size_t>(elements(op.output)));
    data.resize(data.size() + 4);
    const auto packed =
        pack_weights(choices[i].op, instruction, choices[i].embedding, choices[i].plan, weights);
    ASSERT_EQ(static_cast<std::int64_t>(packed.size()), weight_bytes(choices[i].plan));
    std::vector<int> room(static_cast<std::size_t>(elements(op.output)) + 16, -1);
    int* const aligned =
        room.data() + (64 - reinterpret_cast<std::uintptr_t>(room.data()) % 64) / 4;
    std::vector<std::uint8_t> scratch(static_cast<std::size_t>(data_bytes(choices[i].plan) + 64));
    library->kernel("kernel" + std::to_string(i))(data.data(), packed.data(), aligned,
                                                  scratch.data());
    const std::vector<int> result(aligned, aligned + elements(op.output));
    EXPECT_EQ(as_values(result), reference::evaluate_operator(op, values))
        << i << ": " << to_text(choices[i].op, instruction, choices[i].embedding);
  }
}

TEST(X86Vnni, emitted_code_computes_every_kind_of_operator) {
  if (const std::string why = missing_instruction(); !why.empty()) GTEST_SKIP() << why;
  compare_with_definitions(vnni());
}

// AVX-VNNI, or where it is missing the same registers with AVX-512 VL.
TEST(X86Vnni, eight_lanes_compute_the_same) {
  if (const std::string why = missing_instruction(8); !why.empty()) GTEST_SKIP() << why;
  compare_with_definitions(load_instruction("vnni_1x8x4").value_or(Instruction{}));
}

TEST(X86Vnni, a_compiler_that_fails_is_named) {
  const Result<Library> library = Library::build("int", "no-such-compiler");
  ASSERT_FALSE(library);
  EXPECT_EQ(
      to_string(library.error()),
      "'no-such-compiler' could not compile the emitted code: : name a C++ compiler for x86-64 "
      "that knows AVX-512 VNNI\n");
}

}  // namespace
}  // namespace tileloom::x86_vnni
