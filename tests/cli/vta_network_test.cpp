#include <gtest/gtest.h>

#include "program.hpp"
#include "tileloom/io/npy/npy.hpp"

namespace {

const std::string kNetworks = TILELOOM_SOURCE_DIR "/models/";

TEST(VtaNetworkCommands, AReducedResNet18RunsBitExactWithItsLayersInTheTrace) {
  const Folder folder;
  const Output compiled =
      folder.tileloom({"compile", kNetworks + "resnet18_qdq.onnx", "--target", "vta", "--bind",
                       "input:2=32", "--bind", "input:3=32", "--check", "-o", "net.tlp"});
  ASSERT_EQ(compiled.code, 0) << compiled.err;
  EXPECT_NE(compiled.out.find("simulated three times, each unit first: 0 of 3000 elements differ "
                              "from the integer reference, no race\n"),
            std::string::npos)
      << compiled.out;
  folder.write("x.npy", tileloom::io::npy_text({{1, 3, 32, 32}, std::vector<std::int8_t>(3072, 7)}));
  const Output run =
      folder.tileloom({"run", "net.tlp", "--input", "x.npy", "--output", "y.npy", "--report", "r.json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 2 + 23 + 2) << run.out;
  EXPECT_NE(folder.read("r.json").find("\"kind\": \"max pool\""), std::string::npos);
  const auto result = tileloom::io::parse_npy(folder.read("y.npy"), "y.npy");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->shape, (std::vector<std::int64_t>{1, 1000, 1, 1}));
  const Output trace = folder.tileloom({"trace", "net.tlp", "--out", "t.json"});
  ASSERT_EQ(trace.code, 0) << trace.err;
  EXPECT_NE(folder.read("t.json").find("\"args\":{\"name\":\"layers\"}"), std::string::npos);
}

TEST(VtaNetworkCommands, MistakesNameTheNodeAndTheReason) {
  const Folder folder;
  const Output lrn = folder.tileloom({"compile", kNetworks + "alexnet.onnx", "-o", "a.tlp"});
  EXPECT_EQ(lrn.code, 2);
  EXPECT_NE(lrn.err.find("cannot run as integers: this operator has no integer form here"),
            std::string::npos)
      << lrn.err;
  const Output blocks = folder.tileloom({"compile", kNetworks + "resnet18.onnx", "--bind",
                                         "input:2=32", "--bind", "input:3=32", "--shape",
                                         "1x16x32", "-o", "b.tlp"});
  EXPECT_EQ(blocks.code, 3) << blocks.err;
  EXPECT_NE(blocks.err.find("1x16x32: layers pass blocks of 32 channels and take blocks of 16"),
            std::string::npos)
      << blocks.err;
  const Output target = folder.tileloom({"compile", kNetworks + "resnet18.onnx", "--bind",
                                         "input:2=32", "--bind", "input:3=32", "--target",
                                         "vta:1x16x32", "-o", "b.tlp"});
  EXPECT_EQ(target.code, 3) << target.err;
  EXPECT_NE(target.err.find("1x16x32: layers pass"), std::string::npos) << target.err;
  EXPECT_FALSE(folder.has("a.tlp") || folder.has("b.tlp"));
}

TEST(VtaNetworkCommands, OptionsWithoutAnEffectAreRefused) {
  const Folder folder;
  const Output network = folder.tileloom({"compile", kNetworks + "resnet18.onnx", "--fixed", "--shift",
                                          "3", "-o", "a.tlp"});
  EXPECT_EQ(network.code, 2);
  EXPECT_EQ(network.err,
            "--shift is for single operators only: leave it out, or name an operator with --layer\n"
            "--fixed is for single operators only: leave it out, or name an operator with --layer\n");
  folder.write("p.yaml", "matmul: {M: 2, N: 2, K: 2}\n");
  const Output one = folder.tileloom({"compile", "p.yaml", "--check", "-o", "a.tlp"});
  EXPECT_EQ(one.code, 2);
  EXPECT_EQ(one.err,
            "--check is for whole networks only: leave it out; 'tileloom run' simulates the program\n");
  EXPECT_FALSE(folder.has("a.tlp"));
}

}  // namespace
