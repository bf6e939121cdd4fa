#include <gtest/gtest.h>

#include "program.hpp"

namespace {

constexpr const char* kFirstLayer = R"(name: first
conv: {N: 1, C: 3, K: 16, P: 8, Q: 8, R: 3, S: 3}
)";

TEST(Embed, TheBestEmbeddingsAndWhatTheFirstOneDoes) {
  const Folder folder;
  folder.write("first.yaml", kFirstLayer);
  const Output run =
      folder.tileloom({"embed", "first.yaml", "--target", "vta", "--json", "e.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  // 8·8 pixels · 3 columns; 8 rows of blocks for 10 columns; (1280 + 768 + 1024) / 8 cycles.
  EXPECT_EQ(run.out,
            R"(first on vta_gemm_1x16x16: 476 embeddings, all of them

#  lanes                       steps  utilised     data  weights  result  packed at run time  cycles
----------------------------------------------------------------------------------------------------
1  y = K·16, z = C·3 R·3         192    56.2 %  1.2 KiB    768 B   1 KiB             2.2 KiB     384
2  y = K·16~ = fused(C, R, S)    128    84.4 %    2 KiB    512 B   1 KiB               3 KiB     448

transformations of the first
  tile K by 16 into y
  tile C by 3 into z
  tile R by 3 into z
  leave 7 of the 16 lanes of z idle
  pack the data as [8, 10][1, 16], copying elements (im2col)
  keep the data's axis Q + S: windows are addressed, not copied
  pack the weights as [3][16, 16]
  pack the result as [8, 8][1, 16]
)");
  EXPECT_NE(folder.read("e.json").find("\"schema\": \"tileloom.embedding/1\""), std::string::npos);
}

TEST(Embed, EmbeddingsIntoAUnitOfOnesOwnAreExecuted) {
  const Folder folder;
  folder.write("first.yaml", kFirstLayer);
  folder.write("unit.yaml", R"(name: unit
source: ours
lanes: {x: 2, y: 4, z: 6}
data: {index: [x, z], bits: 8, memory: a}
weights: {index: [y, z], bits: 8, memory: b}
result: {index: [x, y], bits: 32, memory: c}
)");
  const Output run = folder.tileloom({"embed", "first.yaml", "--target", "unit.yaml", "--check"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find(" embeddings executed, 0 wrong\n"), std::string::npos) << run.out;
}

TEST(Embed, ExactTilesOfThreeChannelsAreProvedInfeasible) {
  const Folder folder;
  folder.write("first.yaml", kFirstLayer);
  const Output run =
      folder.tileloom({"embed", "first.yaml", "--target", "vta", "--tiles", "exact", "--no-idle"});
  EXPECT_EQ(run.code, 3);
  EXPECT_EQ(run.out,
            "first on vta_gemm_1x16x16: infeasible: z has 16 lanes, but tiles that divide C·R·S = "
            "3·3·3 fill at most 1 of them: padding would allow it\n");
}

TEST(Embed, EveryMistakeIsReported) {
  const Folder folder;
  folder.write("first.yaml", kFirstLayer);
  const Output run = folder.tileloom(
      {"embed", "firs.yaml", "--target", "vnni_1x16x5", "--ranking", "step", "--tiles", "odd"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(
      run.err,
      "firs.yaml: cannot read: No such file or directory: check the path and its permissions\n"
      "unknown instruction 'vnni_1x16x5': did you mean 'vnni_1x16x4'?\n"
      "unknown ranking 'step': did you mean 'steps'?\n"
      "unknown tiles 'odd': known: padded, within, exact\n");
}

}  // namespace
