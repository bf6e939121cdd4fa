#include "tileloom/target/registry.hpp"

#include <gtest/gtest.h>

namespace tileloom::target {
namespace {

TEST(Targets, VtaTakesAShapeAndBufferSizes) {
  const auto config = vta_machine("vta:4x16x32,inp=16KiB,uop=8192");
  ASSERT_TRUE(config);
  EXPECT_EQ(vta::shape_text(*config), "4x16x32");
  EXPECT_EQ(vta::depth(*config, vta::Memory::input), 16 * 1024 / (4 * 16));
  EXPECT_EQ(vta::depth(*config, vta::Memory::micro_op), 2048);
  EXPECT_EQ(vta::depth(*config, vta::Memory::weight), 256 * 1024 / (16 * 32));
}

TEST(Targets, SizesOfBuffersCountWhereverTheShapeStands) {
  for (const char* words : {"vta:2x8x8,wgt=64KiB,acc=32KiB", "vta:wgt=64KiB,acc=32KiB,2x8x8"}) {
    const auto config = vta_machine(words);
    ASSERT_TRUE(config) << to_string(config.error());
    EXPECT_EQ(vta::depth(*config, vta::Memory::weight), 1024);
    EXPECT_EQ(vta::depth(*config, vta::Memory::accumulator), 512);
  }
  EXPECT_FALSE(vta_machine("vta:256x256x256"));
  EXPECT_TRUE(vta_machine("vta:256x256x256,acc=1MiB,inp=256KiB"));
}

TEST(Targets, AMatrixUnitMayHaveAnyShape) {
  const auto target = find_target("gemm:3x5x7");
  ASSERT_TRUE(target && *target);
  EXPECT_EQ((*target)->instruction.name, "vta_gemm_3x5x7");
  EXPECT_EQ(lanes((*target)->instruction), 105);
  EXPECT_FALSE((*target)->vta.has_value());
}

TEST(Targets, EveryMistakeIsReported) {
  const auto config = vta_machine("vta:3x16x16,imp=16KiB,wgt=100");
  ASSERT_FALSE(config);
  EXPECT_EQ(to_string(config.error()),
            "'3x16x16' is no shape of a GEMM core: write BATCHxBLOCK_INxBLOCK_OUT in powers of two "
            "up to 256, as 1x16x16\n"
            "VTA has no buffer 'imp': did you mean 'inp'?\n"
            "'wgt=100' is no size of the wgt buffer: write a power of two, such as 'inp=32KiB'\n");
  EXPECT_EQ(to_string(find_target("gemm:8x8")->error()),
            "'8x8' is no shape of a matrix unit: write ROWSxCOLUMNSxSUMS, as gemm:8x8x64\n");
  EXPECT_FALSE(find_target("vnni_1x16x4").has_value());
}

TEST(Targets, AScratchpadWithoutTwoEntriesIsNoMachine) {
  const auto config = vta_machine("vta:inp=16,acc=64");
  ASSERT_FALSE(config);
  EXPECT_EQ(to_string(config.error()),
            "vta 1x16x16: the inp buffer of 16 bytes has no two entries of 16 bytes: use other "
            "buffers or another GEMM core\n"
            "vta 1x16x16: the acc buffer of 64 bytes has no two entries of 64 bytes: use other "
            "buffers or another GEMM core\n");
}

}  // namespace
}  // namespace tileloom::target
