#include "tileloom/target/vta/simulator/simulate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tileloom/target/vta/simulator/order.hpp"
#include "tileloom/target/vta/simulator/test_image.hpp"

namespace tileloom::target::vta {
namespace {

constexpr Unit kUnitsInTurn[] = {Unit::compute, Unit::load, Unit::store};

std::int8_t at(const std::string& bytes, int i) {
  return static_cast<std::int8_t>(bytes[static_cast<std::size_t>(i)]);
}

/// The line `number` of a program without the word.
std::string without(std::string text, int number, const std::string& word) {
  std::size_t line = 0;
  for (int i = 0; i < number; ++i) line = text.find('\n', line) + 1;
  const std::size_t at = text.find(word, line);
  EXPECT_LT(at, text.find('\n', line));
  return text.erase(at, word.size());
}

bool warned(const RunReport& report, const std::string& warning) {
  return std::find(report.warnings.begin(), report.warnings.end(), warning) !=
         report.warnings.end();
}

TEST(VtaSimulate, TwoTilesEqualThePlainProductWhateverUnitStarts) {
  Image image = two_tiles_image();
  std::string expected;
  for (int n = 0; n < 2; ++n) {
    for (int j = 0; j < 16; ++j) {
      int sum = 0;
      for (int k = 0; k < 16; ++k) {
        sum += at(image.regions[1].content, n * 16 + k) *
               at(image.regions[2].content, n * 256 + j * 16 + k);
      }
      expected += static_cast<char>(sum & 0xff);
    }
  }
  image.expected = {{"out", "expect_out.bin", 0, expected}};
  for (Unit start : kUnitsInTurn) {
    const RunReport report = simulate(image, {.start = start}).report;
    EXPECT_EQ(report.status, RunStatus::ok);
    EXPECT_TRUE(report.warnings.empty()) << report.warnings.front();
    EXPECT_EQ(report.instructions, (InstructionCounts{4, 2, 3, 0, 1}));
    EXPECT_EQ(report.profile.gemm_steps, 2);
    EXPECT_EQ(report.profile.reset_steps, 2);
    EXPECT_EQ(report.profile.loaded_bytes, (std::array<std::int64_t, kMemories>{8, 512, 32}));
    EXPECT_EQ(report.profile.stored_bytes, 32);
    ASSERT_EQ(report.comparisons.size(), 1U);
    EXPECT_EQ(report.comparisons[0], (Comparison{"out", 32, 0, -1}));
  }
  image.expected[0].content[20] ^= 1;
  const RunReport report = simulate(image).report;
  EXPECT_EQ(report.status, RunStatus::mismatch);
  EXPECT_EQ(report.comparisons[0], (Comparison{"out", 32, 1, 20}));
}

TEST(VtaSimulate, AWeightLoadThatDoesNotWaitIsARace) {
  const Image good = two_tiles_image();
  Image image = good;
  image.program = *assemble(without(two_tiles(), 6, " pop_next"), "p", Config{});
  for (Unit start : kUnitsInTurn) {
    const RunReport report = simulate(image, {.start = start}).report;
    EXPECT_TRUE(report.races);
    EXPECT_TRUE(warned(report, "tokens left over in a dependency queue"));
    EXPECT_TRUE(warned(report, "race wgt/read-after-write x1")) << report.warnings.back();
    EXPECT_TRUE(warned(report, "first race: insn 4: wgt[0] read-after-write"));
    EXPECT_FALSE(simulate(image, {.start = start, .races = false}).report.races);
  }
}

TEST(VtaSimulate, AResetThatDoesNotWaitForTheStoreIsARaceOfTheAccumulator) {
  Image image = two_tiles_image();
  image.program = *assemble(
      "load uop sram=0 dram=0x400 x=2 stride=2\n"
      "gemm reset uop=0..1 push_next\n"
      "store out sram=0 dram=0x500 x=1 stride=1 pop_prev push_prev\n"
      "gemm reset uop=0..1\n"
      "finish pop_next\n",
      "p", Config{});
  const RunReport compute_first = simulate(image, {.start = Unit::compute}).report;
  EXPECT_TRUE(warned(compute_first, "race acc/read-after-write x1"));
  EXPECT_TRUE(
      warned(compute_first, "store of an entry last written by a reset: hardware differs x1"));
}

TEST(VtaSimulate, ALoadOfWhatIsStoredWaitsForTheStore) {
  const auto program = [](const std::string& sync, const std::string& wait,
                          const std::string& finish) {
    Image image = two_tiles_image();
    image.program = *assemble(
        "load uop sram=0 dram=0x400 x=2 stride=2\n"
        "load inp sram=0 dram=0x200 x=2 stride=2\n"
        "load wgt sram=0 dram=0x30 x=1 stride=1 push_next\n"
        "gemm reset uop=0..1\n"
        "gemm uop=0..1 pop_prev push_next\n"
        "store out sram=0 dram=0x500 x=1 stride=1 pop_prev push_prev\n" +
            sync + "load inp sram=4 dram=0x500 x=2 stride=2" + wait + " push_next\n" +
            "finish pop_prev" + finish + "\n",
        "p", Config{});
    return image;
  };
  const Image good = program("load uop sram=0 dram=0 x=0 pop_next push_prev\n", " pop_next", "");
  const Image bad = program("", "", " pop_next");
  for (Unit start : kUnitsInTurn) {
    const RunReport report = simulate(good, {.start = start}).report;
    EXPECT_TRUE(report.warnings.empty()) << report.warnings.front();
    EXPECT_TRUE(report.errors.empty()) << report.errors.front();
    // Two elements are loaded, one is stored.
    EXPECT_TRUE(warned(simulate(bad, {.start = start}).report, "race dram out/write-after-read x1"));
  }
}

TEST(VtaSimulate, AMissingTokenIsADeadlockAndSaysWhoWaits) {
  Image image = two_tiles_image();
  image.program = *assemble(without(two_tiles(), 2, " push_next"), "p", Config{});
  const RunReport report = simulate(image).report;
  EXPECT_EQ(report.status, RunStatus::unordered);
  EXPECT_EQ(report.errors,
            std::vector<std::string>{"deadlock; waiting: compute@4 load@6 store@5"});
  EXPECT_EQ(report.warnings, std::vector<std::string>{"token underflow: insn 7 pops token 2 of l2g, "
                                                      "the program pushes 1"});
}

TEST(VtaSimulate, FinishMustWaitForTheLastStore) {
  Image image = two_tiles_image();
  image.program = *assemble(without(two_tiles(), 9, " pop_next"), "p", Config{});
  const RunReport report = simulate(image).report;
  EXPECT_EQ(report.status, RunStatus::unordered);
  EXPECT_EQ(report.errors,
            std::vector<std::string>{"FINISH does not wait for the last store (insn 8): hand it a "
                                     "token of that instruction, directly or along a chain"});
}

TEST(VtaSimulate, EveryInvalidInstructionIsReportedBeforeTheRun) {
  Image image = two_tiles_image();
  std::get<Store>(image.program[5].operation).dram_base = 0x47000 / 16;
  std::get<Gemm>(image.program[7].operation).loops.micro_op_end = 5;
  std::get<Gemm>(image.program[4].operation).source = {0, 700};
  std::get<Gemm>(image.program[4].operation).loops.iter_inner = 4;
  image.program.pop_back();
  image.regions[3].address = 0x3800;
  const RunReport report = simulate(image).report;
  EXPECT_EQ(report.status, RunStatus::invalid);
  EXPECT_EQ(report.errors,
            (std::vector<std::string>{
                "regions wgt [0x3000,0x4000) and acc [0x3800,0x4800) overlap",
                "a program ends with its only FINISH; this one has 0 and does not end with it",
                "insn 4: index inp[2100] exceeds its 2048 entries",
                "insn 5: DRAM access [0x47000,0x47010) outside any region",
                "insn 7: micro-op 2 was never loaded"}));
}

TEST(VtaSimulate, TheAluWrapsShiftsBothWaysAndKnowsSigns) {
  // Lanes 0..3 of one accumulator, and 3 in every lane of another.
  std::vector<std::int32_t> values{-5, 7, INT32_MAX, INT32_MIN};
  values.resize(16, 0);
  values.resize(32, 3);
  const auto result = [&](const std::string& op) {
    Image image = small_image("load uop sram=0 dram=0x400 x=1 stride=1\n"
                              "load acc sram=0 dram=0x100 x=2 stride=2\n"
                              "alu " + op + " uop=0..1 push_next\n"
                              "store out sram=0 dram=0x500 x=1 stride=1 pop_prev push_prev\n"
                              "finish pop_next\n",
                              {{0, op.find("imm") == std::string::npos ? 1 : 0, 0}});
    image.regions[3].content = bytes_of(values);
    const RunResult run = simulate(image);
    EXPECT_TRUE(run.report.errors.empty());
    std::vector<int> lanes;
    for (int i = 0; i < 4; ++i) lanes.push_back(at(run.regions[4], i));
    return lanes;
  };
  EXPECT_EQ(result("add"), (std::vector<int>{-2, 10, 2, 3}));
  EXPECT_EQ(result("shr use_imm imm=1"), (std::vector<int>{-3, 3, -1, 0}));
  EXPECT_EQ(result("shr use_imm imm=-2"), (std::vector<int>{-20, 28, -4, 0}));
  EXPECT_EQ(result("max use_imm imm=0"), (std::vector<int>{0, 7, -1, 0}));
  EXPECT_EQ(result("min"), (std::vector<int>{-5, 3, 3, 0}));
  EXPECT_EQ(result("mul use_imm imm=-3"), (std::vector<int>{15, -21, 3, 0}));
}

TEST(VtaSimulate, ALoadPadsAllFourSides) {
  // A 2 x 2 tile of a 4-wide image, pads 1 top, 0 bottom, 2 left, 1 right: 5 entries per row.
  Image image = small_image(
      "load uop sram=0 dram=0x400 x=1 stride=1\n"
      "load wgt sram=0 dram=0x30 x=1 stride=1\n"
      "load inp sram=0 dram=0x205 y=2 x=2 stride=4 pad=1,0,2,1 push_next\n"
      "gemm reset uop=0..1 iter=1x15 dst=0/1\n"
      "gemm uop=0..1 iter=1x15 dst=0/1 src=0/1 wgt=0/0 pop_prev push_next\n"
      "store out sram=0 dram=0x500 x=15 stride=15 pop_prev push_prev\n"
      "finish pop_next\n",
      {{0, 0, 0}});
  for (int i = 0; i < 64 * 16; ++i) image.regions[1].content += static_cast<char>(i / 16 + 1);
  for (int i = 0; i < 256; ++i) image.regions[2].content += static_cast<char>(i % 17 == 0);
  const RunResult run = simulate(image);
  ASSERT_EQ(run.report.status, RunStatus::ok);
  const std::vector<int> expected{0, 0, 0, 0, 0, 0, 0, 6, 7, 0, 0, 0, 10, 11, 0};
  for (int e = 0; e < 15; ++e) {
    EXPECT_EQ(at(run.regions[4], e * 16), expected[static_cast<std::size_t>(e)]) << e;
  }
  EXPECT_EQ(run.report.profile.loaded_bytes[2], 64);
}

TEST(VtaSimulate, AccumulatorsHitAgainWithinThreeStepsAreCounted) {
  // 6 steps on 2 accumulators: all but the first two hit one of the three steps before.
  Image image = small_image(
      "load uop sram=0 dram=0x400 x=2 stride=2\n"
      "load inp sram=0 dram=0x200 x=1 stride=1\n"
      "load wgt sram=0 dram=0x30 x=1 stride=1 push_next\n"
      "gemm reset uop=0..2\n"
      "gemm uop=0..2 iter=1x3 pop_prev push_next\n"
      "store out sram=0 dram=0x500 x=2 stride=2 pop_prev push_prev\n"
      "finish pop_next\n",
      {{0, 0, 0}, {1, 0, 0}});
  EXPECT_EQ(simulate(image).report.close_reuse, 4);
}

TEST(VtaOrder, CountsTokensAndFollowsChains) {
  const Order result = order(two_tiles_image().program);
  EXPECT_FALSE(result.deadlock);
  EXPECT_FALSE(result.finish_unordered);
  EXPECT_EQ(result.tokens_left, 0);
  EXPECT_EQ(result.most_outstanding, 1);
  EXPECT_EQ(result.before[6], (Clock{2, 3, 0}));  // the second weight load waits for the first GEMM
  EXPECT_EQ(result.before[9], (Clock{3, 4, 2}));
}

}  // namespace
}  // namespace tileloom::target::vta
