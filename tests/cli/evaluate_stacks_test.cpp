// What `schedule --fusion` writes is a mapping like any other: it can be checked, costed again and
// executed.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

namespace {

const std::string kNet = TILELOOM_SOURCE_DIR "/tests/onnx_models/conv_net_opset13.onnx";

TEST(EvaluateStacks, AFusedScheduleIsCostedAgainAndConfirmedByItsExecution) {
  const Folder folder;
  const Output scheduled =
      folder.tileloom({"schedule", kNet, "--arch", "unit", "--fusion", "exact", "--budget", "200",
                       "--no-cache", "--out", "out"});
  ASSERT_EQ(scheduled.code, 0) << scheduled.err;
  const nlohmann::json schedule = nlohmann::json::parse(folder.read("out/fused.json"));
  ASSERT_TRUE(schedule["stacks"][0].contains("tiles"));
  const auto given = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"evaluate", kNet, "--arch", "unit", "--mapping",
                                       "out/network.txt"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return folder.tileloom(arguments);
  };

  const Output plain = given({"--json", "plain.json"});
  ASSERT_EQ(plain.code, 0) << plain.err;
  const nlohmann::json again = nlohmann::json::parse(folder.read("plain.json"));
  EXPECT_EQ(again["cycles"], schedule["cycles"]);
  EXPECT_EQ(again["picojoules"], schedule["picojoules"]);
  EXPECT_EQ(again["tree"], folder.read("out/network.txt"));
  EXPECT_TRUE(again["layer_by_layer"].is_null());
  EXPECT_FALSE(again.contains("replay"));

  const Output executed = given({"--replay", "--json", "executed.json"});
  ASSERT_EQ(executed.code, 0) << executed.err << executed.out;
  const nlohmann::json replay = nlohmann::json::parse(folder.read("executed.json"))["replay"];
  EXPECT_TRUE(replay["agrees"]);
  EXPECT_GT(replay["elements"], 0);
  EXPECT_EQ(replay["wrong_elements"], 0);

  const Output stalling = given({"--latency", "stalling", "--json", "stalling.json"});
  EXPECT_EQ(stalling.err,
            "out/network.txt: operators share loops or run at the same time: only mappings of "
            "operators one after the other are explained, or costed by another profile or latency "
            "model; 'evaluate' without --profile and --latency says what stacks cost\n");
  EXPECT_EQ(stalling.code, 2);
  EXPECT_FALSE(folder.has("stalling.json"));
}

TEST(EvaluateReplay, ConfirmsAnOperatorOnItsOwnInBothLatencyModels) {
  const Folder folder;
  folder.write("conv.yaml", "conv: {K: 4, C: 2, P: 4, Q: 2, R: 3, S: 3}\n");
  const Output map = folder.tileloom({"map", "--problem", "conv.yaml", "--arch", "eyeriss",
                                      "--no-cache", "--mapping", "best.tree"});
  ASSERT_EQ(map.code, 0) << map.err;
  for (const std::string model : {"overlapped", "stalling"}) {
    const Output run =
        folder.tileloom({"evaluate", "--problem", "conv.yaml", "--arch", "eyeriss", "--mapping",
                         "best.tree", "--replay", "--latency", model, "--json", "e.json"});
    ASSERT_EQ(run.code, 0) << run.err;
    const nlohmann::json json = nlohmann::json::parse(folder.read("e.json"));
    EXPECT_TRUE(json["replay"]["agrees"]) << run.out;
    EXPECT_EQ(json["replay"]["elements"], 4 * 4 * 2);
    EXPECT_EQ(json["replay"]["parts"][0]["cycles"], json["totals"]["cycles"]);
  }
  const Output other = folder.tileloom({"evaluate", "--problem", "conv.yaml", "--arch", "eyeriss",
                                        "--mapping", "best.tree", "--replay", "--profile",
                                        "timeloop"});
  EXPECT_EQ(other.err,
            "--replay executes what the mapping means here, not in Timeloop: leave out --replay or "
            "--profile timeloop\n");
  EXPECT_EQ(other.code, 2);
}

}  // namespace
