// Every verb around mappings as it is meant to be used, with figures worked by hand.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

namespace {

using Json = nlohmann::json;

const std::string kModels = TILELOOM_SOURCE_DIR "/tests/onnx_models/";

/// 4 · 2 · 4 · 2 · 3 · 3 = 576 multiply-accumulates.
const std::string kConv = "name: conv\nconv: {K: 4, C: 2, P: 4, Q: 2, R: 3, S: 3}\n";

/// Everything in DRAM, one point at a time.
const std::string kPlain =
    "store I, W, O in DRAM\n"
    "for K in 1\n"
    "  for C in 1\n"
    "    for P in 1\n"
    "      for Q in 1\n"
    "        for R in 1\n"
    "          for S in 1\n"
    "            compute conv\n";

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Json json_of(const Folder& folder, const std::string& file) {
  return Json::parse(folder.read(file));
}

/// `unit` has 16 lanes: 576 / 16 = 36 cycles at least. The mapping that `map` writes is legal, and
/// `evaluate` gives it the same figures.
TEST(Map, WritesAMappingThatChecksAndEvaluatesToTheSame) {
  const Folder folder;
  folder.write("conv.yaml", kConv);
  const Output map =
      folder.tileloom({"map", "--problem", "conv.yaml", "--arch", "unit", "--no-cache", "--mapping",
                       "best.tree", "--json", "map.json"});
  EXPECT_EQ(map.code, 0) << map.err;
  EXPECT_TRUE(holds(map.out, "conv on unit, least edp, mapper exact\n")) << map.out;
  EXPECT_TRUE(holds(map.out, "\n36 cycles = 36.00 ns at 1000 MHz, 1.00x the bound")) << map.out;
  EXPECT_TRUE(holds(map.out, "\nmapping\n" + folder.read("best.tree"))) << map.out;

  const Output check = folder.tileloom(
      {"check", "--problem", "conv.yaml", "--arch", "unit", "--mapping", "best.tree"});
  EXPECT_EQ(check.out, "legal: the mapping obeys every rule and fits\n") << check.err;
  EXPECT_EQ(check.code, 0);

  const Output evaluate = folder.tileloom({"evaluate", "--problem", "conv.yaml", "--arch", "unit",
                                           "--mapping", "best.tree", "--json", "evaluate.json"});
  EXPECT_EQ(evaluate.code, 0) << evaluate.err;
  const Json mapped = json_of(folder, "map.json")["totals"];
  const Json evaluated = json_of(folder, "evaluate.json")["totals"];
  EXPECT_EQ(mapped["cycles"], 36);
  EXPECT_EQ(evaluated["cycles"], 36);
  EXPECT_EQ(evaluated["energy_pj"], mapped["energy_pj"]);
}

TEST(Map, MoreThreadsThanCoresAreNoWarning) {
  const Folder folder;
  folder.write("problem.yaml", "matmul: {M: 4, N: 6, K: 4}\n");
  const Output run = folder.tileloom({"map", "--problem", "problem.yaml", "--arch", "unit",
                                      "--threads", "1024", "--no-cache"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.err.find("Warning"), std::string::npos) << run.err;
}

TEST(Map, MapsEveryLineOfATable) {
  const Folder folder;
  folder.write("two.csv", "name,R,S,P,Q,C,K,N\nwide,1,1,4,4,8,8,1\ntall,3,3,2,2,4,4,1\n");
  const Output run = folder.tileloom(
      {"map", "--layers", "two.csv", "--arch", "unit", "--no-cache", "--json", "out.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  const Json layers = json_of(folder, "out.json")["layers"];
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0]["name"], "wide");
  EXPECT_EQ(layers[0]["macs"], 1024);
  EXPECT_EQ(layers[1]["name"], "tall");
  EXPECT_EQ(layers[1]["macs"], 576);
}

/// Every point reads I and W and updates O; 32 of the 576 updates are first and read no partial
/// sum: 576 + 576 + (576 + 544) accesses and 576 operations of 1 pJ = 2848 pJ; one lane.
TEST(Evaluate, CountsAPlainMapping) {
  const Folder folder;
  folder.write("conv.yaml", kConv);
  folder.write("plain.tree", kPlain);
  const Output run = folder.tileloom({"evaluate", "--problem", "conv.yaml", "--arch", "unit",
                                      "--mapping", "plain.tree", "--json", "out.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(holds(run.out, "\n576 cycles = 576.0 ns at 1000 MHz, 16x the bound")) << run.out;
  const Json json = json_of(folder, "out.json");
  EXPECT_EQ(json["totals"]["cycles"], 576);
  EXPECT_EQ(json["totals"]["energy_pj"], 2848);
  EXPECT_EQ(json["latency_model"], "overlapped");
  EXPECT_EQ(json["status"], "feasible");
}

/// One word per cycle out of DRAM, and a buffer that cannot fill while it is used.
const std::string kNarrow =
    "name: narrow\n"
    "source: invented for this test\n"
    "machine:\n"
    "  - memory: DRAM\n"
    "    bandwidth: {read: 1 words/cycle}\n"
    "    energy: 1 pJ\n"
    "  - memory: Buffer\n"
    "    size: 64 words\n"
    "    energy: 1 pJ\n"
    "  - compute: mac\n"
    "    precision: 8 bit\n"
    "    mac_energy: 1 pJ\n";

Output evaluate_narrow(const Folder& folder, const std::vector<std::string>& more) {
  folder.write("four.yaml", "name: conv\nconv: {K: 1, C: 1, P: 4, Q: 1, R: 1, S: 1}\n");
  folder.write("narrow.yaml", kNarrow);
  folder.write("a.tree",
               "store I, W, O in DRAM\n"
               "store W in Buffer\n"
               "for P in 1\n"
               "  store I in Buffer\n"
               "  compute conv\n");
  std::vector<std::string> arguments{"evaluate", "--problem",   "four.yaml",
                                     "--arch",   "narrow.yaml", "--mapping",
                                     "a.tree",   "--json",      "out.json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return folder.tileloom(arguments);
}

// 4 steps of compute, 1 + 4 words through the port: 5 cycles if they overlap perfectly. In truth
// the weight comes in cycle 1, then every input is awaited for a cycle and used for one: 1 + 4 · 2
// = 9.
TEST(Evaluate, LatencyStallingWaitsForBuffersThatAreNotDoubled) {
  const Folder folder;
  EXPECT_EQ(evaluate_narrow(folder, {}).code, 0);
  EXPECT_EQ(json_of(folder, "out.json")["totals"]["cycles"], 5);
  const Output run = evaluate_narrow(folder, {"--latency", "stalling"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(holds(run.out, "conv on narrow, least edp, mapper given, latency stalling\n"));
  const Json json = json_of(folder, "out.json");
  EXPECT_EQ(json["latency_model"], "stalling");
  EXPECT_EQ(json["totals"]["cycles"], 9);
}

// Where the two models do not differ: 576 reads of I and of W, 576 updates of O, 544 of them after a
// read of the partial sum; one of unit's 16 lanes works.
TEST(Evaluate, ProfileTimeloopGivesTimeloopsFigures) {
  const Folder folder;
  folder.write("conv.yaml", kConv);
  folder.write("plain.tree", kPlain);
  const Output run =
      folder.tileloom({"evaluate", "--problem", "conv.yaml", "--arch", "unit", "--mapping",
                       "plain.tree", "--profile", "timeloop", "--json", "out.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(holds(run.out,
                    "By Timeloop's conventions: 576 cycles, 6.25 % of the MACs in use, 2848 pJ\n"))
      << run.out;
  const Json json = json_of(folder, "out.json");
  EXPECT_EQ(json["schema"], "tileloom.timeloop_cost/1");
  EXPECT_EQ(json["figures"]["cycles"], 576);
}

TEST(Evaluate, WhatTimeloopCannotExpressIsRefused) {
  const Folder folder;
  folder.write("conv.yaml", kConv);
  folder.write("plain.tree", kPlain);
  folder.write("uneven.yaml",
               "name: uneven\n"
               "source: invented for this test\n"
               "machine:\n"
               "  - memory: DRAM\n"
               "    energy: {read: 1 pJ, write: 2 pJ}\n"
               "  - compute: mac\n"
               "    mac_energy: 1 pJ\n");
  const Output run =
      folder.tileloom({"evaluate", "--problem", "conv.yaml", "--arch", "uneven.yaml", "--mapping",
                       "plain.tree", "--profile", "timeloop"});
  EXPECT_EQ(run.err,
            "DRAM reads for 1 pJ and writes for 2 pJ, Timeloop has one price: Timeloop cannot "
            "express this\n");
  EXPECT_EQ(run.code, 2);
}

TEST(Evaluate, UnknownModelsOfCostAreTheUsersMistake) {
  const Folder folder;
  const Output run = evaluate_narrow(folder, {"--latency", "stallin", "--profile", "timelop"});
  EXPECT_EQ(run.err,
            "unknown profile 'timelop': did you mean 'timeloop'?\n"
            "unknown latency model 'stallin': did you mean 'stalling'?\n");
  EXPECT_EQ(run.code, 2);
  const Output both = evaluate_narrow(folder, {"--latency", "stalling", "--profile", "timeloop"});
  EXPECT_EQ(both.err,
            "the profile timeloop has no latency model 'stalling': leave out --latency: Timeloop's "
            "own is overlapped\n");
  EXPECT_EQ(both.code, 2);
}

TEST(Explain, NamesTheLoopsBehindACount) {
  const Folder folder;
  folder.write("conv.yaml", kConv);
  folder.write("plain.tree", kPlain);
  const Output run =
      folder.tileloom({"explain", "--problem", "conv.yaml", "--arch", "unit", "--mapping",
                       "plain.tree", "--tensor", "W", "--memory", "DRAM"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.out,
            "conv (Conv) on unit: 576 cycles, 2.848 nJ\n"
            "\n"
            "W in DRAM (weight): tile of 72 elements, 1 instance\n"
            "  576 reads\n"
            "             x 4  for K in 1 (4 trips): each trip needs another part of W\n"
            "             x 2  for C in 1 (2 trips): each trip needs another part of W\n"
            "             x 4  for P in 1 (4 trips): W comes again in each trip\n"
            "             x 2  for Q in 1 (2 trips): W comes again in each trip\n"
            "             x 3  for R in 1 (3 trips): each trip needs another part of W\n"
            "             x 3  for S in 1 (3 trips): each trip needs another part of W\n"
            "  576.0 pJ\n"
            "        576.0 pJ  reads: 4608 bits / 8 per access x 1 pJ; source: given in the "
            "architecture file\n");
}

TEST(Explain, WithoutAMappingTakesTheBestAndRemembersIt) {
  const Folder folder;
  folder.write("conv.yaml", kConv);
  const auto explain = [&] {
    return folder.tileloom({"explain", "--problem", "conv.yaml", "--arch", "unit", "--cache",
                            "cache", "--json", "out.json"});
  };
  const Output first = explain();
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_TRUE(holds(first.out, "conv (Conv) on unit: 36 cycles, ")) << first.out;
  EXPECT_EQ(json_of(folder, "out.json")["layers"][0]["from_cache"], false);
  EXPECT_EQ(explain().out, first.out);
  EXPECT_EQ(json_of(folder, "out.json")["layers"][0]["from_cache"], true);
}

/// Two convolutions with the same weights, and their product, all on 8 bits: 192 B each in, 108 B
/// of weights, 144 B out. When the first runs, both inputs, the weights and its result are at home.
TEST(Schedule, HomesThatDoNotFitTogetherAreAnAnswer) {
  const Folder folder;
  folder.write("small.yaml",
               "name: small\n"
               "source: invented for this test\n"
               "machine:\n"
               "  - memory: DRAM\n"
               "    size: 600 words\n"
               "    energy: 1 pJ\n"
               "  - compute: mac\n"
               "    precision: 8 bit\n"
               "    mac_energy: 1 pJ\n");
  const Output run = folder.tileloom({"schedule", kModels + "conv_shared_weight.onnx", "--arch",
                                      "small.yaml", "--no-cache", "--json", "out.json"});
  EXPECT_EQ(run.code, 3) << run.err;
  const std::string reason =
      "a: DRAM holds 636 B of 600 B: left 192 B + w 108 B + a 144 B + right 192 B: the tensors "
      "that "
      "live at the same time need a DRAM of 636 B";
  EXPECT_TRUE(holds(run.out, "infeasible: " + reason + "\n")) << run.out;
  const Json json = json_of(folder, "out.json");
  EXPECT_EQ(json["status"], "infeasible");
  EXPECT_EQ(json["reasons"], Json::array({reason}));
}

TEST(Schedule, LaunchesAreInTheLatency) {
  const Folder folder;
  folder.write("slow.yaml",
               "name: slow\n"
               "source: invented for this test\n"
               "launch: 100 cycles\n"
               "machine:\n"
               "  - memory: DRAM\n"
               "    energy: 1 pJ\n"
               "  - compute: mac\n"
               "    mac_energy: 1 pJ\n");
  const Output run = folder.tileloom({"schedule", kModels + "conv_shared_weight.onnx", "--arch",
                                      "slow.yaml", "--no-cache", "--json", "out.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  // 2 · (4 · 6 · 6 · 3 · 3 · 3) = 7776 multiply-accumulates, 144 products, 3 launches.
  EXPECT_EQ(json_of(folder, "out.json")["totals"]["cycles"], 7776 + 144 + 300);
  EXPECT_EQ(json_of(folder, "out.json")["totals"]["dispatch_cycles"], 300);
  EXPECT_TRUE(holds(run.out, "\n300 of the cycles start operators and synchronise cores\n"));
}

TEST(Schedule, LatencyStallingTimesTheSameMappings) {
  const Folder folder;
  folder.write("narrow.yaml", kNarrow);
  const auto schedule = [&](const std::string& model) {
    const Output run =
        folder.tileloom({"schedule", kModels + "conv_1d.onnx", "--arch", "narrow.yaml", "--budget",
                         "200", "--no-cache", "--latency", model, "--json", "out.json"});
    EXPECT_EQ(run.code, 0) << run.err;
    return json_of(folder, "out.json");
  };
  const Json overlapped = schedule("overlapped");
  const Json stalling = schedule("stalling");
  EXPECT_EQ(stalling["latency_model"], "stalling");
  EXPECT_EQ(stalling["layers"][0]["tree"], overlapped["layers"][0]["tree"]);
  EXPECT_GT(stalling["totals"]["cycles"], overlapped["totals"]["cycles"]);
  EXPECT_NE(stalling["status"], "optimal");
}

/// A search that would take for ever; the first words on stderr are its progress.
const std::vector<std::string> kEndless{
    "map",      "--problem",     "conv.yaml",  "--arch",     "simba",  "--mapper", "random",
    "--budget", "1000000000000", "--no-cache", "--progress", "--json", "out.json"};

TEST(Interrupt, CtrlCGivesTheBestSoFar) {
  const Folder folder;
  folder.write("conv.yaml", "name: conv\nconv: {K: 64, C: 64, P: 56, Q: 56, R: 3, S: 3}\n");
  const Output run = tileloom_interrupted(folder.path(), kEndless);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(holds(run.err, "0/1 operators, ")) << run.err;
  EXPECT_TRUE(holds(run.err, "  conv: best ")) << run.err;
  EXPECT_TRUE(holds(run.out, "stopped early: the best found so far\n")) << run.out;
  const Json json = json_of(folder, "out.json");
  EXPECT_NE(json["status"], "optimal");
  EXPECT_GT(json["totals"]["cycles"], 0);
}

TEST(MapVerb, OptimalSaysWhatItLeavesOutWhereSizesHaveFewDivisors) {
  const Folder folder;
  const std::string line =
      "\noptimal is among tiles that divide their sizes; sizes like M = 13 have few of them: "
      "--imperfect tries others.\n";
  const auto map = [&](const std::string& problem, const std::string& option) {
    folder.write("p.yaml", problem);
    return folder.tileloom({"map", "--problem", "p.yaml", "--arch", "unit", option}).out;
  };
  EXPECT_TRUE(holds(map("matmul: {M: 13, N: 4, K: 4}\n", "--no-cache"), line));
  EXPECT_FALSE(holds(map("matmul: {M: 12, N: 4, K: 4}\n", "--no-cache"), "optimal is among"));
  EXPECT_FALSE(holds(map("matmul: {M: 13, N: 4, K: 4}\n", "--imperfect"), "optimal is among"));
}

}  // namespace
