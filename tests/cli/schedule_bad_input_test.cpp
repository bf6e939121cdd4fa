// What can go wrong around a schedule: its options, its folder, and a second run at once.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

namespace {

using Json = nlohmann::json;

const std::string kConv1d = TILELOOM_SOURCE_DIR "/tests/onnx_models/conv_1d.onnx";

Output schedule(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"schedule",   kConv1d,     "--arch", "unit",
                                        "--no-cache", "--budget", "100"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return folder.tileloom(arguments);
}

TEST(ScheduleBadInput, WithoutMistakesTheFolderHoldsTheReport) {
  const Folder folder;
  const Output run = schedule(folder, {"--out", "out"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(folder.has("out/schedule.json"));
  EXPECT_TRUE(folder.has("out/schedule.csv"));
}

TEST(ScheduleBadInput, UnknownNamesAreReportedTogether) {
  const Folder folder;
  const Output run =
      schedule(folder, {"--mapper", "exactt", "--objective", "speed", "--out", "out"});
  EXPECT_EQ(run.err,
            "unknown objective 'speed': known: latency, energy, edp\n"
            "unknown mapper 'exactt': did you mean 'exact'?\n");
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(folder.entries(), std::vector<std::string>{});
}

TEST(ScheduleBadInput, FusionHasANameAndExcludesAPipeline) {
  const Folder folder;
  Output run = schedule(folder, {"--fusion", "some"});
  EXPECT_EQ(run.err,
            "unknown fusion 'some': layer by layer is none, the best stacks exact, DeFiNES' "
            "stacks defines\n");
  EXPECT_EQ(run.code, 2);
  run = schedule(folder, {"--fusion", "exact", "--pipeline"});
  EXPECT_EQ(run.err, "--pipeline cannot be fused: leave one of --pipeline and --fusion out\n");
  EXPECT_EQ(run.code, 2);
  run = schedule(folder, {"--fusion", "defines", "--patience", "9"});
  EXPECT_EQ(run.err, "--patience is of --fusion exact: add --fusion exact, or leave it out\n");
  EXPECT_EQ(run.code, 2);
  run = schedule(folder, {"--fusion", "exact", "--patience", "-1"});
  EXPECT_EQ(run.err, "--patience is -1, must be at least 0: 0 tries the grid of sizes alone\n");
  EXPECT_EQ(run.code, 2);
}

TEST(ScheduleBadInput, FusionExactReportsStacks) {
  const Folder folder;
  const Output run = schedule(folder, {"--fusion", "exact", "--patience", "9", "--out", "out"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("stacks by exact"), std::string::npos) << run.out;
  EXPECT_TRUE(folder.has("out/fused.json"));
  EXPECT_TRUE(folder.has("out/network.txt"));
}

TEST(ScheduleBadInput, FusionExactShowsAFrontAsTableJsonAndPage) {
  const Folder folder;
  Output run = schedule(folder, {"--fusion", "exact", "--out", "out", "--objective",
                                 "pareto,dram-traffic,peak-memory"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("best compromises"), std::string::npos) << run.out;
  const Json front = Json::parse(folder.read("out/fused.json"))["front"];
  EXPECT_EQ(front["complete"], true);
  ASSERT_GE(front["points"].size(), 1u);
  EXPECT_GT(front["points"][0]["outer_memory_bits"], 0);
  EXPECT_GT(front["points"][0]["inner_memories_bits"], 0);
  EXPECT_NE(folder.read("out/report.html").find("all operators, in stacks"), std::string::npos);
  run = schedule(folder, {"--fusion", "exact", "--objective", "pareto,speed"});
  EXPECT_EQ(run.err,
            "unknown objective 'pareto,speed': behind pareto may stand, each once: dram-traffic, "
            "peak-memory\n");
  EXPECT_EQ(run.code, 2);
  run = schedule(folder, {"--objective", "pareto"});
  EXPECT_EQ(run.err,
            "--objective pareto is an objective of 'map' and 'schedule --fusion exact' only: choose "
            "latency, energy, edp, or two of them with a comma\n");
}

// Stacks timed by one model were set against layers timed by the other: gains beyond all measure.
TEST(ScheduleBadInput, StacksAreTimedByOneLatencyModelOnly) {
  const Folder folder;
  for (const std::string fusion : {"exact", "defines"}) {
    const Output run = schedule(folder, {"--fusion", fusion, "--latency", "stalling", "--json", "s"});
    EXPECT_EQ(run.err,
              "stacks cannot be timed by --latency stalling: leave out --latency, or --fusion: layer "
              "by layer only\n");
    EXPECT_EQ(run.code, 2);
    EXPECT_FALSE(folder.has("s"));
  }
}

TEST(ScheduleBadInput, APipelineIsForMapperGammaAndTwoMetrics) {
  const Folder folder;
  Output run = schedule(folder, {"--pipeline", "--mapper", "exact"});
  EXPECT_EQ(
      run.err,
      "--pipeline cannot be searched by mapper 'exact': use --mapper gamma, or leave --mapper "
      "out\n");
  EXPECT_EQ(run.code, 2);
  run = schedule(folder, {"--pipeline", "--objective", "edp"});
  EXPECT_EQ(run.err,
            "--pipeline cannot be searched for 'edp': its objective is latency,energy or another "
            "pair that begins with latency or energy\n");
  EXPECT_EQ(run.code, 2);
  run = schedule(folder, {"--pipeline"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("pipeline: a result every "), std::string::npos) << run.out;
}

TEST(ScheduleBadInput, AFolderThatIsAFile) {
  const Folder folder;
  folder.write("out", "mine");
  const Output run = schedule(folder, {"--out", "out/deeper"});
  EXPECT_EQ(run.err,
            "out/deeper: cannot create folder: Not a directory: choose a folder that can be "
            "written\n");
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(folder.read("out"), "mine");
}

TEST(ScheduleBadInput, ADiskThatFillsUp) {
  const Folder folder;
  std::filesystem::create_directory(folder.path() / "out");
  std::filesystem::create_symlink("/dev/full", folder.path() / "out/schedule.json");
  const Output run = schedule(folder, {"--out", "out"});
  EXPECT_EQ(run.err,
            "out/schedule.json: cannot write: No space left on device: choose another place\n");
  EXPECT_EQ(run.code, 2);
}

TEST(ScheduleBadInput, TwoRunsAtOnceInOneFolder) {
  const Folder folder;
  ASSERT_EQ(schedule(folder, {"--out", "out"}).code, 0);
  const std::string before = folder.read("out/schedule.json");
  // Hold the folder as another run does.
  const int other = ::open((folder.path() / "out/.tileloom.lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(other, 0);
  ASSERT_EQ(::flock(other, LOCK_EX | LOCK_NB), 0);
  const Output run = schedule(folder, {"--out", "out", "--objective", "energy"});
  EXPECT_EQ(run.err,
            "out: another run is writing to this folder: wait until it has ended or choose another "
            "folder\n");
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(folder.read("out/schedule.json"), before);
  ::close(other);
  EXPECT_EQ(schedule(folder, {"--out", "out", "--objective", "energy"}).code, 0);
}

TEST(ScheduleBadInput, AnUnknownOperatorIsListedAsUnmapped) {
  const Folder folder;
  const Output run =
      folder.tileloom({"schedule", TILELOOM_SOURCE_DIR "/tests/onnx_models/unknown_operator.onnx",
                       "--arch", "unit", "--no-cache"});
  EXPECT_NE(run.out.find("unmapped: #0 (FluxCapacitor): no rule for operator FluxCapacitor"),
            std::string::npos)
      << run.out;
  // It is all there is: zero cycles would be no answer.
  EXPECT_NE(run.out.find("infeasible: nothing can be scheduled: 1 of 1 nodes are unmapped, no "
                         "other has work\n"),
            std::string::npos)
      << run.out;
  EXPECT_EQ(run.code, 3) << run.err;
}

}  // namespace
