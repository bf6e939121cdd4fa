#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"
#include "tileloom/io/npy/npy.hpp"

namespace {

/// A program of one word, FINISH.
const std::string kFinish("\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
const std::string kHeader = "{\"format\": \"vta-program-image\", \"version\": 1,\n";

TEST(VtaCommands, RunReportsAProgramThatOnlyEnds) {
  const Folder folder;
  folder.write("p/image.json", kHeader + "\"program\": {\"file\": \"p.bin\"}, \"regions\": []}");
  folder.write("p/p.bin", kFinish);
  const Output run = folder.tileloom({"run", "p", "--report", "r.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(folder.read("r.json").find("\"finish\": 1"), std::string::npos);
  const Output text = folder.tileloom({"disassemble", "p/image.json"});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.out, "finish\n");
}

TEST(VtaCommands, EveryMistakeOfAnImageIsReported) {
  const Folder folder;
  folder.write("image.json", kHeader +
                                 "\"config\": {\"LOG_BLOK\": 4},\n"
                                 "\"program\": {\"file\": \"p.bin\"},\n"
                                 "\"regions\": [{\"name\": \"a\", \"address\": \"0x10z\", \"size\": 4},\n"
                                 " {\"name\": \"a\", \"address\": 4096, \"size\": 1, \"file\": \"p.bin\"}],\n"
                                 "\"expect\": [{\"region\": \"b\", \"file\": \"p.bin\"}]}");
  folder.write("p.bin", kFinish);
  const Output run = folder.tileloom({"run", "image.json"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "image.json:2:24: unknown key \"LOG_BLOK\": did you mean 'LOG_BLOCK'?\n"
            "image.json:4:38: cannot read \"0x10z\" as a number: write an integer, or a text such as "
            "\"0x1000\"\n"
            "image.json:5:11: a second region called \"a\": names must be unique\n"
            "image.json:5:52: the file has 16 bytes, the region 1: make the region larger or the "
            "file shorter\n"
            "image.json:6:23: no region is called \"b\": did you mean 'a'?\n");
}

TEST(VtaCommands, ATruncatedProgramAndUnknownWordsAreReported) {
  const Folder folder;
  folder.write("image.json",
               kHeader + "\"program\": {\"file\": \"p.bin\", \"count\": 3}, \"regions\": []}");
  folder.write("p.bin", std::string(1, 7).append(kFinish, 1).append(kFinish).append(1, 3));
  const Output run = folder.tileloom({"run", "image.json"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "image.json:2:21: the program has 33 bytes, no multiple of 16: the file is truncated or "
            "no program\n"
            "image.json:2:39: count is 3, but the file has 2 instructions: the file is truncated or "
            "the count is wrong\n"
            "p.bin: insn 0: unknown opcode 7: the words are 0x0000000000000007 "
            "0x0000000000000000\n");
}

/// A 1x1 convolution of 3 to 2 channels over 2x2 pixels.
const std::string kPointwise = "name: conv\nconv: {K: 2, C: 3, P: 2, Q: 2, R: 1, S: 1}\n";
const tileloom::io::Int8Array kWeights{{2, 3, 1, 1}, {1, 2, 3, -4, 5, -6}};
const tileloom::io::Int8Array kInput{{1, 3, 2, 2}, {10, 20, 30, 40, 1, 2, 3, 4, -5, 6, -7, 8}};

TEST(VtaCommands, CompileAndRunGiveTheConvolution) {
  const Folder folder;
  folder.write("conv.yaml", kPointwise);
  folder.write("w.npy", tileloom::io::npy_text(kWeights));
  folder.write("x.npy", tileloom::io::npy_text(kInput));
  const Output compiled = folder.tileloom(
      {"compile", "conv.yaml", "--weights", "w.npy", "--shift", "1", "-o", "p.tlp", "--json", "p.json"});
  ASSERT_EQ(compiled.code, 0) << compiled.err;
  const Output run = folder.tileloom(
      {"run", "p.tlp", "--input", "x.npy", "--output", "y.npy", "--report", "r.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  const auto result = tileloom::io::parse_npy(folder.read("y.npy"), "y.npy");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->shape, (std::vector<std::int64_t>{1, 2, 2, 2}));
  // Channel 0: 10 + 2 - 15 = -3, 20 + 4 + 18 = 42, 30 + 6 - 21 = 15, 40 + 8 + 24 = 72; halved.
  // Channel 1: -40 + 5 + 30 = -5, -80 + 10 - 36 = -106, -120 + 15 + 42 = -63, -160 + 20 - 48 = -188.
  EXPECT_EQ(result->values, (std::vector<std::int8_t>{-2, 21, 7, 36, -3, -53, -32, -94}));
  EXPECT_EQ(folder.tileloom({"trace", "p.tlp", "--out", "t.json"}).code, 0);
  EXPECT_NE(folder.read("t.json").find("wait for loaded data (l2g)"), std::string::npos);
  // What compile says of the program is what a run finds.
  const auto said = nlohmann::json::parse(folder.read("p.json"));
  const auto found = nlohmann::json::parse(folder.read("r.json"));
  EXPECT_EQ(said["schema"], "tileloom.vta_program/1");
  EXPECT_EQ(said["subject"], "conv");
  EXPECT_EQ(said["shape"], "1x16x16");
  EXPECT_EQ(said["gemm_steps"], found["profile"]["gemm_counter"]);
  EXPECT_EQ(said["timing"], found["timing"]);
  EXPECT_EQ(said["tensors"].back()["shape"], nlohmann::json({1, 2, 2, 2}));
}

TEST(VtaCommands, AFileCalledVtaIsNoTarget) {
  const Folder folder;
  folder.write("conv.yaml", kPointwise);
  for (const std::string name : {"vta", "vta:1x8x8"}) {
    folder.write(name, "");
    const Output run = folder.tileloom({"compile", "conv.yaml", "--target", name, "-o", "p.tlp"});
    EXPECT_EQ(run.code, 0) << run.err;
  }
}

TEST(VtaCommands, AShapeBesideAFileIsRefused) {
  const Folder folder;
  folder.write("conv.yaml", kPointwise);
  const Output run = folder.tileloom({"compile", "conv.yaml", "--target", "mine.yaml", "--shape",
                                      "1x16x16", "-o", "p.tlp"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "--shape does not go with a --target that is a file: leave it out: the file names its "
            "GEMM core\n");
}

TEST(VtaCommands, AProgramOfAnEarlierVersionIsRefused) {
  const Folder folder;
  folder.write("conv.yaml", kPointwise);
  ASSERT_EQ(folder.tileloom({"compile", "conv.yaml", "-o", "p.tlp"}).code, 0);
  std::string program = folder.read("p.tlp");
  const std::size_t version = program.find("\"version\": 3");
  ASSERT_NE(version, std::string::npos);
  program[version + 11] = '1';
  folder.write("old.tlp", program);
  const Output run = folder.tileloom({"run", "old.tlp"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "old.tlp/host.json:3:13: version 1 of the program's format, not 3: write the program "
            "again with 'tileloom compile'\n");
}

TEST(VtaCommands, AProgramAndItsJsonNeedAFileEach) {
  const Folder folder;
  folder.write("conv.yaml", kPointwise);
  const Output run = folder.tileloom({"compile", "conv.yaml", "-o", "p.tlp", "--json", "p.tlp"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err, "--json and --out name the same file: write the program to a file of its own\n");
  EXPECT_FALSE(folder.has("p.tlp"));
}

TEST(VtaCommands, BadInputsOfCompileAndRunAreReported) {
  const Folder folder;
  folder.write("conv.yaml", kPointwise);
  folder.write("x.npy", tileloom::io::npy_text({{1, 3, 2, 1}, {1, 2, 3, 4, 5, 6}}));
  ASSERT_EQ(folder.tileloom({"compile", "conv.yaml", "-o", "p.tlp"}).code, 0);
  const Output shape = folder.tileloom({"run", "p.tlp", "--input", "x.npy"});
  EXPECT_EQ(shape.code, 2);
  EXPECT_EQ(shape.err,
            "x.npy: shape (1, 3, 2, 1), but I has (1, 3, 2, 2): give the tensor in its own shape\n");
  const std::string program = folder.read("p.tlp");
  folder.write("cut.tlp", program.substr(0, 520));
  const Output cut = folder.tileloom({"run", "cut.tlp"});
  EXPECT_EQ(cut.code, 2);
  EXPECT_TRUE(cut.err.starts_with("cut.tlp: the program is truncated: program.bin has 8 of "))
      << cut.err;
  std::string lanes = program;  // the map of I in blocks of 0 bytes, not 256
  lanes[lanes.find("wgt.map.bin") + 513] = 0;
  folder.write("lanes.tlp", lanes);
  const Output map = folder.tileloom({"run", "lanes.tlp"});
  EXPECT_EQ(map.code, 2);
  EXPECT_EQ(map.err,
            "lanes.tlp/host.json:15:11: the map is missing or cut off: write the program again with "
            "'tileloom compile'\n");
  const Output core = folder.tileloom({"compile", "conv.yaml", "--shape", "3x3", "-o", "q.tlp"});
  EXPECT_EQ(core.code, 2);
  EXPECT_EQ(core.err,
            "'3x3' is no shape of a GEMM core: write BATCHxBLOCK_INxBLOCK_OUT in powers of two up to "
            "256, as 1x16x16\n");
  EXPECT_FALSE(folder.has("q.tlp"));
}

TEST(VtaCommands, AScratchpadThatIsTooSmallIsReported) {
  const Folder folder;
  folder.write("conv.yaml", "name: conv\nconv: {K: 16, C: 16, P: 4, Q: 4, R: 3, S: 5}\n");
  const Output none = folder.tileloom({"compile", "conv.yaml", "--target", "vta:inp=16", "-o", "p.tlp"});
  EXPECT_EQ(none.code, 2);
  EXPECT_EQ(none.err,
            "vta 1x16x16: the inp buffer of 16 bytes has no two entries of 16 bytes: use other "
            "buffers or another GEMM core\n");
  // A window of 3 x 5 pixels and of as many weights, in 8 entries of 16 and of 256 bytes.
  const Output small = folder.tileloom(
      {"compile", "conv.yaml", "--fixed", "--target", "vta:inp=128,wgt=2KiB", "-o", "p.tlp"});
  EXPECT_EQ(small.code, 3);
  EXPECT_EQ(small.err,
            "conv: the smallest tile takes 15 entries of the inp scratchpad, which has 8: use a "
            "larger buffer or a smaller GEMM core\n"
            "conv: the smallest tile takes 15 entries of the wgt scratchpad, which has 8: use a "
            "larger buffer or a smaller GEMM core\n");
  EXPECT_FALSE(folder.has("p.tlp"));
  // Without the recipe windows are cut.
  EXPECT_EQ(folder.tileloom({"compile", "conv.yaml", "--target", "vta:inp=128,wgt=2KiB", "-o", "p.tlp"})
                .code,
            0);
}

TEST(VtaCommands, AnOperatorThatIsNoProductOfTwoInputsHasNoProgramOfItsOwn) {
  const Folder folder;
  folder.write("pool.yaml",
               "name: pool\n"
               "einsum:\n"
               "  ranks: {c: 8, p: 4, r: 2}\n"
               "  inputs: [{tensor: I, axes: [c, 2*p + r]}]\n"
               "  output: {tensor: O, axes: [c, p]}\n"
               "  function: copy\n"
               "  reduction: max\n");
  folder.write("add.yaml",
               "name: add\n"
               "einsum:\n"
               "  ranks: {c: 8, p: 4}\n"
               "  inputs: [{tensor: A, axes: [c, p]}, {tensor: B, axes: [c, p]}]\n"
               "  output: {tensor: O, axes: [c, p]}\n"
               "  function: add\n"
               "  reduction: none\n");
  for (const std::string name : {"pool", "add"}) {
    for (const std::string option : {"--seed=1", "--fixed"}) {
      const Output run = folder.tileloom({"compile", name + ".yaml", option, "-o", "p.tlp"});
      EXPECT_EQ(run.code, 3);
      EXPECT_EQ(run.err, name + " cannot be embedded: " + name +
                             " is no sum of products of two inputs: compile a convolution or a "
                             "matrix product, or the whole network, in which pools and additions "
                             "follow the products\n");
    }
  }
  EXPECT_FALSE(folder.has("p.tlp"));
}

TEST(VtaCommands, BenchEmbeddingComparesBothStrategies) {
  const Folder folder;
  folder.write("layers.csv",
               "set,idx,app,W,H,C,N,K,S,R,pad_w,pad_h,stride_w,stride_h\n"
               "a,0,x,20,20,1,1,16,3,3,0,0,1,1\n");
  const Output run = folder.tileloom({"bench-embedding", "--target", "vta", "--shape", "1x16x16",
                                      "--layers", "layers.csv", "--json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("\"name\": \"a_0\""), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("\"speedup\": "), std::string::npos);
  const Output both =
      folder.tileloom({"bench-embedding", "--layers", "layers.csv", "--json", "b.json"});
  EXPECT_EQ(both.code, 0) << both.err;
  EXPECT_EQ(both.out.find("operator "), 0U) << both.out;
  EXPECT_EQ(folder.read("b.json").find("{\n \"target\": \"vta\""), 0U);
  const Output check =
      folder.tileloom({"bench-embedding", "--layers", "layers.csv", "--check"});
  EXPECT_EQ(check.code, 0) << check.out;
}

}  // namespace
