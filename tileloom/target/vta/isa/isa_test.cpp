#include <gtest/gtest.h>

#include "tileloom/support/random.hpp"
#include "tileloom/target/vta/isa/assembly.hpp"
#include "tileloom/target/vta/isa/encode.hpp"

namespace tileloom::target::vta {
namespace {

struct Golden {
  const char* text;
  Word128 word;
};

// Encodings that apache/tvm-vta at d4a15f62 executes (default configuration).
const Golden kGolden[] = {
    {"load inp sram=3 dram=0x12 y=5 x=7 stride=11 pad=1,2,2,3 push_next",
     {0x0000000048000d40, 0x3221000b00070005}},
    {"load wgt sram=0 dram=0x40 y=1 x=18 stride=18 pop_next push_next",
     {0x00000001000000d0, 0x0000001200120001}},
    {"load uop sram=8 dram=0x401 y=1 x=1 stride=1", {0x0000001004002000, 0x0000000100010001}},
    {"load acc sram=100 dram=0x80 y=1 x=24 stride=24", {0x0000000200019180, 0x0000001800180001}},
    {"load uop y=0 pop_prev", {0x0000000000000008, 0x0000000000000000}},
    {"gemm uop=1..19 iter=14x14 dst=14/1 src=16/1 wgt=0/0 pop_prev push_prev",
     {0x001c00700260012a, 0x000000020400080e}},
    {"gemm reset uop=0..1 iter=14x14 dst=14/1", {0x001c007000200082, 0x000000000000080e}},
    {"alu shr use_imm imm=9 uop=0..1 iter=14x14 dst=14/1 src=14/1",
     {0x001c007000200004, 0x0009b0020380080e}},
    {"alu max use_imm imm=-127 uop=0..1 iter=14x14 dst=14/1 src=14/1 push_next",
     {0x001c007000200044, 0xff8190020380080e}},
    {"alu add uop=0..1 iter=1x24 dst=0/1 src=0/1", {0x0030000800200004, 0x0000200200000800}},
    {"store out sram=0 dram=0x700 y=1 x=196 stride=196 pop_prev push_prev",
     {0x0000001c00000229, 0x000000c400c40001}},
    {"finish pop_next", {0x0000000000000013, 0x0000000000000000}},
};

TEST(VtaEncoding, EqualsThePublishedWords) {
  for (const Golden& golden : kGolden) {
    const auto program = assemble(golden.text, "golden", Config{});
    ASSERT_TRUE(program) << to_string(program.error());
    ASSERT_EQ(program->size(), 1U);
    const Word128 word = encode(Config{}, program->front());
    EXPECT_EQ(word.low, golden.word.low) << golden.text;
    EXPECT_EQ(word.high, golden.word.high) << golden.text;
    const auto back = decode(Config{}, golden.word);
    ASSERT_TRUE(back) << golden.text << ": " << back.error();
    EXPECT_EQ(*back, program->front()) << golden.text;
  }
}

TEST(VtaEncoding, OfAMicroOpPutsItsWeightIndexOnTop) {
  EXPECT_EQ(encode(Config{}, MicroOp{2, 35, 7}), 0x01c11802U);
  EXPECT_EQ(decode_micro_op(Config{}, 0x01c11802), (MicroOp{2, 35, 7}));
}

/// A number of `bits` random bits.
std::int64_t draw(Random& random, int bits) {
  return static_cast<std::int64_t>(random.next() >> (64 - bits));
}

Move random_move(Random& random) {
  return {static_cast<Memory>(random.below(kMemories)),
          draw(random, 16),
          draw(random, 32),
          draw(random, 16),
          draw(random, 16),
          draw(random, 16),
          draw(random, 4),
          draw(random, 4),
          draw(random, 4),
          draw(random, 4)};
}

Instruction random_instruction(Random& random, const FieldWidths& w) {
  const Tokens tokens{draw(random, 1) == 1, draw(random, 1) == 1, draw(random, 1) == 1,
                      draw(random, 1) == 1};
  const auto factors = [&](int bits) { return Factors{draw(random, bits), draw(random, bits)}; };
  const LoopNest loops{draw(random, w.micro_op), draw(random, w.micro_op + 1), draw(random, 14),
                       draw(random, 14)};
  switch (random.below(5)) {
    case 0:
      return {tokens, Load{random_move(random)}};
    case 1:
      return {tokens, Store{random_move(random)}};
    case 2:
      return {tokens, Gemm{draw(random, 1) == 1, loops, factors(w.accumulator), factors(w.input),
                           factors(w.weight)}};
    case 3:
      return {tokens, Alu{static_cast<AluOp>(random.below(5)), draw(random, 1) == 1,
                          random.between(INT16_MIN, INT16_MAX), draw(random, 1) == 1, loops,
                          factors(w.accumulator), factors(w.accumulator)}};
    default:
      return {tokens, Finish{}};
  }
}

TEST(VtaEncoding, IsReadBackAsItWasWrittenWhateverTheShape) {
  Random random(3);
  for (const char* shape : {"1x16x16", "1x32x32", "4x16x16", "16x16x16", "2x32x8"}) {
    const auto config = config_of_shape(shape);
    ASSERT_TRUE(config) << to_string(config.error());
    for (int i = 0; i < 400; ++i) {
      const Instruction instruction = random_instruction(random, field_widths(*config));
      const auto back = decode(*config, encode(*config, instruction));
      ASSERT_TRUE(back) << back.error();
      EXPECT_EQ(*back, instruction) << to_text(instruction);
    }
  }
}

TEST(VtaEncoding, RefusesWhatIsNoInstruction) {
  EXPECT_EQ(decode(Config{}, {7, 0}).error(), "unknown opcode 7");
  EXPECT_EQ(decode(Config{}, {0x380, 0}).error(), "unknown memory id 7");
  EXPECT_EQ(decode(Config{}, {4, std::uint64_t{5} << 44}).error(), "unknown ALU operation 5");
  EXPECT_EQ(decode(Config{}, {3, 1}).error(), "fill bits are not 0");
  EXPECT_EQ(decode(Config{}, {2 | std::uint64_t{1} << 63, 0}).error(), "fill bits are not 0");
  EXPECT_EQ(decode(Config{}, {std::uint64_t{1} << 58, 0}).error(), "fill bits are not 0");
}

TEST(VtaConfig, BatchOf16LeavesSevenIndexBitsToActivationsAndAccumulators) {
  const auto config = config_of_shape("16x16x16");
  ASSERT_TRUE(config);
  EXPECT_EQ(element_bytes(*config, Memory::input), 256);
  EXPECT_EQ(element_bytes(*config, Memory::accumulator), 1024);
  EXPECT_EQ(element_bytes(*config, Memory::output), 256);
  EXPECT_EQ(depth(*config, Memory::input), 128);
  EXPECT_EQ(depth(*config, Memory::accumulator), 128);
  EXPECT_EQ(depth(*config, Memory::output), 128);
  EXPECT_EQ(depth(*config, Memory::weight), 1024);
}

// 2x8x8: entries of 16 (INP), 64 (WGT) and 64 (ACC) bytes; 11 + 12 + 11 index bits are two more
// than a micro-op has. Every halving takes the buffer with the most entries.
TEST(VtaConfig, BuffersOfSmallShapesAreHalvedUntilInstructionsAddressThem) {
  const auto config = config_of_shape("2x8x8");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(depth(*config, Memory::accumulator), 1024);
  EXPECT_EQ(depth(*config, Memory::input), 2048);
  EXPECT_EQ(depth(*config, Memory::weight), 2048);
  for (const char* shape : {"1x1x1", "8x1x1", "1x4x4", "1x256x1", "256x1x1", "1x1x256"}) {
    const auto small = config_of_shape(shape);
    EXPECT_TRUE(small) << shape << (small ? "" : to_string(small.error()));
  }
}

TEST(VtaConfig, SaysWhyAMachineCannotBe) {
  Config config;
  EXPECT_TRUE(unsupported(config).empty());
  config.log_uop_buff_size = 16;  // 8 + 14 + 15 + 28 = 65 bits
  config.log_inp_width = 4;
  ASSERT_EQ(unsupported(config).size(), 1U);
  config.log_inp_width = 3;
  ASSERT_EQ(unsupported(config).size(), 1U);
  EXPECT_EQ(unsupported(config).front(),
            "the loop part of a GEMM instruction needs 65 bits and has 64: use smaller buffers");
  EXPECT_EQ(to_string(config_of_shape("1x16").error()),
            "'1x16' is no shape of a GEMM core: write BATCHxBLOCK_INxBLOCK_OUT in powers of two up "
            "to 256, as 1x16x16\n");
  EXPECT_FALSE(config_of_shape("3x16x16"));
  EXPECT_FALSE(config_of_shape("1x16x16x"));
}

TEST(VtaAssembly, IsReadBackAsItWasWritten) {
  Random random(4);
  const FieldWidths widths = field_widths(Config{});
  for (int i = 0; i < 2000; ++i) {
    const Instruction instruction = random_instruction(random, widths);
    if (!violations(Config{}, instruction).empty()) continue;
    const auto back = assemble(to_text(instruction) + "  # comment\n", "text", Config{});
    ASSERT_TRUE(back) << to_string(back.error());
    EXPECT_EQ(back->front(), instruction);
  }
}

TEST(VtaAssembly, ReportsEveryMistakeWithItsPlace) {
  const auto program = assemble(
      "load inp sram=2040 x=9 y=1\n"
      "gem uop=0..1\n"
      "  alu shr imm=x uop=0..1 wobble\n"
      "store inp x=1 push_next\n",
      "p.s", Config{});
  ASSERT_FALSE(program);
  EXPECT_EQ(
      to_string(program.error()),
      "p.s:1:1: SRAM access inp[2040,2049) exceeds its 2048 entries: see the instruction set\n"
      "p.s:2:1: unknown instruction 'gem': did you mean 'gemm'?\n"
      "p.s:3:11: cannot read 'imm=x': write imm=NUMBER\n"
      "p.s:3:26: 'wobble' is no field of this instruction: the fields of every instruction "
      "stand in target/vta/isa/assembly.hpp\n"
      "p.s:4:1: store from inp: only OUT can be stored: see the instruction set\n"
      "p.s:4:1: the store unit has no next unit to exchange tokens with: see the instruction "
      "set\n");
}

}  // namespace
}  // namespace tileloom::target::vta
