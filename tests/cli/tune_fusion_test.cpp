// tune-fusion: one command, as a user meets it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "program.hpp"

namespace {

using Json = nlohmann::json;

std::string model(const std::string& name) {
  return std::string(TILELOOM_SOURCE_DIR) + "/models/" + name + ".onnx";
}

TEST(TuneFusion, TableJsonAndPageOfEveryStrategyAndTheCalibrationRemembered) {
  const Folder folder;
  const std::vector<std::string> arguments = {
      "tune-fusion", model("alexnet"), "--arch", "mlu100",  "--json",
      "f.json",      "--out",          "out",    "--cache", "c"};
  const Output run = folder.tileloom(arguments);
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("alexnet on mlu100: 19 operators in 15 units, 32 cores"),
            std::string::npos)
      << run.out;
  const Json json = Json::parse(folder.read("f.json"));
  EXPECT_EQ(json["schema"], "tileloom.tune_fusion/1");
  EXPECT_FALSE(json["calibration"]["cached"]);
  std::set<std::string> names;
  for (const auto& [name, strategy] : json["strategies"].items()) {
    names.insert(name);
    EXPECT_GE(strategy["evaluations"], 1) << name;
    std::int64_t cycles = 0;
    std::int64_t simulated = 0;
    std::size_t units = 0;
    for (const Json& block : strategy["blocks"]) {
      cycles += block["cycles"].get<std::int64_t>();
      simulated += block["simulated_cycles"].get<std::int64_t>();
      units += block["units"].size();
    }
    EXPECT_EQ(strategy["cycles"], cycles) << name;
    EXPECT_EQ(strategy["simulated_cycles"], simulated) << name;
    EXPECT_EQ(units, json["units"].size()) << name;
    EXPECT_GE(strategy["cycles"], json["strategies"]["optimal"]["cycles"]) << name;
  }
  EXPECT_EQ(names, (std::set<std::string>{"none", "fixed_cores", "dynamic_cores", "all_fused",
                                          "fixed_blocks", "dlfusion", "brute_force", "optimal"}));
  EXPECT_NE(folder.read("out/fusion.html").find("<h2>Blocks on the network</h2>"),
            std::string::npos);

  EXPECT_EQ(folder.read("out/network.txt"), json["strategies"]["optimal"]["tree"]);
  const auto with_tree = [&](const std::string& verb) {
    return folder.tileloom(
        {verb, model("alexnet"), "--arch", "mlu100", "--mapping", "out/network.txt"});
  };
  const Output check = with_tree("check");
  EXPECT_EQ(check.code, 0) << check.err;
  const Output evaluate = with_tree("evaluate");
  EXPECT_EQ(evaluate.code, 2);
  EXPECT_EQ(evaluate.err,
            "out/network.txt: operators run at the same time, or a stack on several cores: only "
            "operators and stacks one after the other on one core are costed here; 'check' says "
            "whether this mapping is legal, 'tune-fusion' what its own cost\n");
  const Output explain = with_tree("explain");
  EXPECT_EQ(explain.code, 2);
  EXPECT_EQ(explain.err,
            "out/network.txt: operators share loops or run at the same time: only mappings of "
            "operators one after the other are explained, or costed by another profile or latency "
            "model; 'evaluate' without --profile and --latency says what stacks cost\n");

  const Output again = folder.tileloom(arguments);
  ASSERT_EQ(again.code, 0);
  const Json second = Json::parse(folder.read("f.json"));
  EXPECT_TRUE(second["calibration"]["cached"]);
  EXPECT_EQ(second["strategies"]["optimal"]["blocks"], json["strategies"]["optimal"]["blocks"]);
  EXPECT_EQ(second["strategies"]["dlfusion"]["blocks"], json["strategies"]["dlfusion"]["blocks"]);
}

TEST(TuneFusion, ABatchWithBlocksAtTheSameTimeIsNeverSlowerThanTheOptimumRepeated) {
  const Folder folder;
  const Output run = folder.tileloom({"tune-fusion", model("alexnet"), "--arch", "mlu100",
                                      "--batch", "4", "--json", "f.json", "--out", "out",
                                      "--cache", "c"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("pipelined (optimal), 4 images: "), std::string::npos) << run.out;
  EXPECT_NE(folder.read("out/fusion.html").find("<h2>4 images, blocks at the same time</h2>"),
            std::string::npos);
  const Json json = Json::parse(folder.read("f.json"));
  const Json& found = json["strategies"]["pipelined"];
  EXPECT_EQ(found["images"], 4);
  EXPECT_GE(found["gain"], 1.0);
  EXPECT_GE(found["gain_over_one_block_at_a_time"], 1.0);
  std::size_t units = 0;
  double cycles = 0;
  for (const Json& segment : found["segments"]) {
    cycles += segment["cycles"].get<double>();
    std::int64_t cores = 0;
    for (const Json& stage : segment["stages"]) {
      units += stage["units"].size();
      cores += stage["cores"].get<std::int64_t>();
    }
    EXPECT_LE(cores, 32);
    if (segment["kind"] == "launched_per_image") continue;
    // (M11) of what the segment says of itself: a launch takes 2000 cycles.
    EXPECT_NEAR(segment["cycles"].get<double>(),
                2000 + segment["load_cycles"].get<double>() + segment["fill_cycles"].get<double>() +
                    3 * segment["interval_cycles"].get<double>(),
                4);
  }
  EXPECT_EQ(units, json["units"].size());
  EXPECT_NEAR(found["cycles"].get<double>(), cycles, 10);
  EXPECT_NEAR(found["simulated_cycles"].get<double>(), cycles, 0.05 * cycles);
}

TEST(TuneFusion, ABatchOfNothingIsRefused) {
  const Folder folder;
  const Output run =
      folder.tileloom({"tune-fusion", model("alexnet"), "--arch", "mlu100", "--batch", "0"});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("--batch"), std::string::npos) << run.err;
}

TEST(TuneFusion, AllMistakesAtOnce) {
  const Folder folder;
  const Output run =
      folder.tileloom({"tune-fusion", "none.onnx", "--arch", "mlu1000", "--bind", "batch"});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("mlu1000"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("--bind batch is not NAME=SIZE"), std::string::npos) << run.err;
}

TEST(TuneFusion, NeitherAMachineNorThisOneIsNamed) {
  const Folder folder;
  const Output run = folder.tileloom({"tune-fusion", model("alexnet")});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("no architecture is given: name one with --arch, or measure this machine "
                         "with --measure cpu"),
            std::string::npos)
      << run.err;
}

TEST(TuneFusion, WhatTheProcessorCannotMeasureIsNamed) {
  const Folder folder;
  const Output run = folder.tileloom({"tune-fusion", model("gpt2_prefill"), "--measure", "cpu"});
  EXPECT_EQ(run.code, 2);
  const bool no_instruction = run.err.find("no AVX-512 VNNI") != std::string::npos;
  EXPECT_TRUE(no_instruction ||
              run.err.find("nothing can be measured: the first of ") != std::string::npos)
      << run.err;
}

TEST(TuneFusion, WhatIsMeasuredHasNoFolderAndNoCalibration) {
  const Folder folder;
  for (const char* option : {"--out", "--cache", "--max-block", "--arch"}) {
    const Output run =
        folder.tileloom({"tune-fusion", model("alexnet"), "--measure", "cpu", option, "4"});
    EXPECT_EQ(run.code, 2) << option;
    EXPECT_NE(run.err.find(option), std::string::npos) << run.err;
  }
}

// 2 B per core hold not even an input, a weight and a result of one point.
TEST(TuneFusion, ALayerThatFitsOnNoCoresIsInfeasible) {
  const Folder folder;
  folder.write("small.yaml",
               "name: small\nsource: a test\nmachine:\n  - memory: DRAM\n    energy: 1 pJ\n"
               "    bandwidth: 8 B/cycle\n  - cores: 4\n  - memory: Buffer\n    size: 2 B\n"
               "    energy: 1 pJ\n  - compute: mac\n    mac_energy: 1 pJ\n    lanes: {k: 4}\n");
  const Output run =
      folder.tileloom({"tune-fusion", model("alexnet"), "--arch", "small.yaml", "--no-cache"});
  EXPECT_EQ(run.code, 3) << run.err;
  EXPECT_NE(run.out.find("alone needs more on-chip memory than a core has, however it is cut"),
            std::string::npos)
      << run.out;
}

}  // namespace
