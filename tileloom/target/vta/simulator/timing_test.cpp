#include "tileloom/target/vta/simulator/timing.hpp"

#include <gtest/gtest.h>

#include "tileloom/target/vta/simulator/test_image.hpp"

namespace tileloom::target::vta {
namespace {

std::vector<Instruction> program(const std::string& text) {
  const auto result = assemble(text, "program", Config{});
  EXPECT_TRUE(result) << to_string(result.error());
  return result ? *result : std::vector<Instruction>{};
}

std::int64_t alone(const std::string& text) {
  return duration(Config{}, program(text).front()).value;
}

TEST(VtaTiming, OneInstructionAloneTakesWhatTheInstructionSetSays) {
  EXPECT_EQ(alone("gemm uop=0..4 iter=3x5"), 60 + 7);
  EXPECT_EQ(alone("alu shr use_imm imm=1 uop=0..1 iter=3x5"), 15 + 7);
  EXPECT_EQ(alone("alu add uop=0..1 iter=3x5"), 30 + 7);
  EXPECT_EQ(alone("load inp x=0"), 2);
  EXPECT_EQ(alone("finish"), 2);
  // 3 rows of 7 entries of 16 bytes: 14 beats and a burst each.
  EXPECT_EQ(alone("load inp y=3 x=7 stride=9"), 25 + 3 * 15);
  // 18 tiles of 256 bytes: 576 beats in 3 bursts of at most 2 KiB.
  EXPECT_EQ(alone("load wgt y=1 x=18 stride=18"), 25 + 576 + 3);
  // 1 entry between 200 zeros: one write per cycle.
  EXPECT_EQ(alone("load inp y=1 x=1 stride=1 pad=15,0,5,5"), 16 * 11);
  // 196 entries of 3 cycles, 3136 bytes in 2 bursts of 6.
  EXPECT_EQ(alone("store out x=196 stride=196"), 588 + 12);
}

TEST(VtaTiming, TwoUnitsOverlapAndATokenTakesACycle) {
  const Timing timing = time(Config{}, program("load inp x=8 stride=8 push_next\n"
                                               "gemm reset uop=0..1 iter=1x50\n"
                                               "gemm uop=0..1 iter=1x100 pop_prev push_next\n"
                                               "store out x=1 stride=1 pop_prev push_prev\n"
                                               "finish pop_next\n"));
  // Load 4..46 (25 + 16 + 1); reset 5..62; GEMM 62..169; store 170..179; FINISH 180..182.
  EXPECT_EQ(timing.total.value, 182);
  EXPECT_EQ(timing.busy[static_cast<std::size_t>(Unit::load)].value, 42);
  EXPECT_EQ(timing.busy[static_cast<std::size_t>(Unit::compute)].value, 57 + 107 + 2);
  EXPECT_EQ(timing.busy[static_cast<std::size_t>(Unit::store)].value, 9);
  EXPECT_EQ(timing.read_port.value, 17);
}

TEST(VtaTiming, SaysWhatAUnitWaitsFor) {
  const Timing timing = time(Config{}, program("load inp x=8 stride=8 push_next\n"
                                               "gemm uop=0..1 pop_prev push_next\n"
                                               "store out x=1 stride=1 pop_prev push_prev\n"
                                               "finish pop_next\n"));
  ASSERT_EQ(timing.activities.size(), 4U);
  EXPECT_EQ(timing.activities[0].wait, Wait::fetch);
  EXPECT_EQ(timing.activities[1].wait_queue, TokenQueue::load_to_compute);
  EXPECT_EQ(timing.activities[1].begin.value, timing.activities[0].end.value + 1);
  EXPECT_EQ(timing.activities[2].wait_queue, TokenQueue::compute_to_store);
  EXPECT_EQ(timing.activities[3].wait_queue, TokenQueue::store_to_compute);
}

TEST(VtaTiming, MicroOpsTakeTheReadPortFromInputs) {
  const std::string inputs = "load inp x=64 stride=64\n";
  const std::int64_t apart = time(Config{}, program(inputs + "finish\n")).total.value;
  const std::int64_t shared =
      time(Config{}, program(inputs + "load uop x=40 stride=40\nfinish\n")).total.value;
  EXPECT_EQ(shared - apart, 21);  // 160 bytes: 20 beats and a burst
}

TEST(VtaTiming, MoreThan128InstructionsWaitForTheSecondFetch) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "load uop x=0\n";
  const std::int64_t total = time(Config{}, program(text + "finish\n")).total.value;
  // The second burst is asked for at cycle 4 + 128; 73 instructions of 2 beats, 25 cycles late:
  // the first of them runs at 304 and each takes 2 cycles.
  EXPECT_EQ(total, 4 + 128 + 25 + 146 + 1 + 73 * 2);
}

/// The convolution C = K = 32, 14x14, 3x3 as the reference's image conv_s1 computes it.
constexpr const char* kConvolution =
    "load uop dram=0x400 x=19 stride=19\n"
    "load inp dram=0x200 y=14 x=14 stride=14 pad=1,1,1,1\n"
    "load inp sram=256 dram=0x2c4 y=14 x=14 stride=14 pad=1,1,1,1\n"
    "load wgt dram=0x40 x=18 stride=18 push_next\n"
    "gemm reset uop=0..1 iter=14x14 dst=14/1\n"
    "gemm uop=1..19 iter=14x14 dst=14/1 src=16/1 pop_prev push_prev\n"
    "alu shr use_imm imm=9 uop=0..1 iter=14x14 dst=14/1 src=14/1\n"
    "alu max use_imm imm=-127 uop=0..1 iter=14x14 dst=14/1 src=14/1\n"
    "alu min use_imm imm=127 uop=0..1 iter=14x14 dst=14/1 src=14/1 push_next\n"
    "store out dram=0x700 x=196 stride=196 pop_prev push_prev\n"
    "load wgt dram=0x52 x=18 stride=18 pop_next push_next\n"
    "gemm reset uop=0..1 iter=14x14 dst=14/1 pop_next\n"
    "gemm uop=1..19 iter=14x14 dst=14/1 src=16/1 pop_prev\n"
    "alu shr use_imm imm=9 uop=0..1 iter=14x14 dst=14/1 src=14/1\n"
    "alu max use_imm imm=-127 uop=0..1 iter=14x14 dst=14/1 src=14/1\n"
    "alu min use_imm imm=127 uop=0..1 iter=14x14 dst=14/1 src=14/1 push_next\n"
    "store out dram=0x7c4 x=196 stride=196 pop_prev push_prev\n"
    "finish pop_next\n";

TEST(VtaTiming, TheReferenceConvolutionTakes11180Cycles) {
  EXPECT_EQ(time(Config{}, program(kConvolution)).total.value, 11180);
}

}  // namespace
}  // namespace tileloom::target::vta
