// map --objective pareto and --imperfect, as a user meets them, with figures worked by hand.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

namespace {

using Json = nlohmann::json;

/// 4 · 2 · 4 · 2 · 3 · 3 = 576 multiply-accumulates; `unit` has 4 x 4 lanes.
constexpr const char* kSmallConv = "name: conv\nconv: {K: 4, C: 2, P: 4, Q: 2, R: 3, S: 3}\n";

Output map(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"map",    "--problem", "p.yaml",
                                        "--arch", "unit",      "--no-cache"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return folder.tileloom(arguments);
}

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(MapFront, ACompleteFrontAsTableJsonCsvAndPage) {
  const Folder folder;
  folder.write("p.yaml", kSmallConv);
  const Output run = map(folder, {"--objective", "pareto", "--json", "f.json", "--csv", "f.csv",
                                  "--page", "f.html"});
  EXPECT_EQ(run.code, 0) << run.err;
  expect_part(run.out,
              "conv on unit, best compromises of energy and latency (shown: least EDP), mapper "
              "exact\n");
  // All 16 lanes: 576 / 16 = 36 cycles; 12 of them, 3 along R or S, take 48 and fetch less.
  expect_part(run.out,
              "\nbest compromises of energy and latency: conv\n"
              "cycles    energy  EDP pJ*cyc     util\n"
              "-------------------------------------\n"
              "    36  1.552 nJ     55.87 k  100.0 %\n"
              "    48  1.360 nJ     65.28 k   75.0 %\n"
              "proved complete: no other mapping of the space is better in one of both\n");
  EXPECT_EQ(folder.read("f.csv"),
            "layer,same_as,complete,kind,cycles,energy_pj,edp_pj_cycles\r\n"
            "conv,,true,point,36,1552,55872\r\n"
            "conv,,true,point,48,1360,65280\r\n");
  const Json json = Json::parse(folder.read("f.json"));
  const Json& conv = json["operators"][0];
  EXPECT_EQ(conv["status"], "optimal");
  EXPECT_EQ(conv["front"]["complete"], true);
  EXPECT_EQ(conv["front"]["gap"], 0);
  EXPECT_EQ(conv["front"]["lower_bounds"], Json::array());
  ASSERT_EQ(conv["front"]["points"].size(), 2U);
  EXPECT_EQ(conv["mapping"], conv["front"]["points"][0]["mapping"]);
  for (const Json& point : conv["front"]["points"]) {
    folder.write("point.tree", point["mapping"]);
    const Output checked = folder.tileloom({"evaluate", "--problem", "p.yaml", "--arch", "unit",
                                            "--mapping", "point.tree", "--json", "point.json"});
    EXPECT_EQ(checked.code, 0) << checked.err;
    const Json totals = Json::parse(folder.read("point.json"))["totals"];
    EXPECT_EQ(totals["cycles"], point["cycles"]);
    EXPECT_EQ(totals["energy_pj"], point["energy_pj"]);
  }
  expect_part(folder.read("f.html"),
              R"("front":{"complete":true,"gap":0.0,"points":[{"cycles":36,"energy_pj":1552.0,)");
}

TEST(MapFront, ABudgetLeavesCornersThatBoundEveryMapping) {
  const Folder folder;
  folder.write("p.yaml", kSmallConv);
  const Output run =
      map(folder, {"--objective", "pareto", "--budget", "4", "--json", "f.json", "--csv", "f.csv"});
  EXPECT_EQ(run.code, 0) << run.err;
  expect_part(run.out,
              "not proved complete: other mappings may be better in one of both by 16x; every one "
              "has at least the cycles and energy of\n"
              "  36 cycles and 888.0 pJ\n"
              "or is no better than one of the points\n");
  const Json front = Json::parse(folder.read("f.json"))["operators"][0]["front"];
  EXPECT_EQ(front["complete"], false);
  ASSERT_EQ(front["lower_bounds"].size(), 1U);
  EXPECT_EQ(front["lower_bounds"][0]["cycles"], 36);
  // Every element once, 48 + 72 + 32 words, and 576 operations are 728 pJ; the best mapping of the
  // complete front takes 1360 pJ. A bound lies between them.
  const double energy = front["lower_bounds"][0]["energy_pj"].get<double>();
  EXPECT_NEAR(energy, 888, 1e-6);
  expect_part(folder.read("f.csv"), "\r\nconv,,false,bound,36,887.99");
}

TEST(MapFront, WhatHasNoFrontSaysSo) {
  const Folder folder;
  folder.write("p.yaml", kSmallConv);
  const Output gamma = map(folder, {"--objective", "pareto", "--mapper", "gamma"});
  EXPECT_EQ(gamma.code, 2);
  expect_part(gamma.err,
              "mapper 'gamma' finds no Pareto fronts: use --mapper exact, or an objective other "
              "than pareto\n");
  const Output pair = map(folder, {"--objective", "pareto,energy"});
  EXPECT_EQ(pair.code, 2);
  expect_part(pair.err, "unknown objective 'pareto': known: latency, energy, edp\n");
  const Output schedule =
      folder.tileloom({"schedule", TILELOOM_SOURCE_DIR "/tests/onnx_models/activations.onnx", "--arch",
                       "unit", "--objective", "pareto"});
  EXPECT_EQ(schedule.code, 2);
  EXPECT_FALSE(folder.has("schedule.json"));
}

/// 7 x 5 results of 4 products on 4 x 4 lanes: of tiles that divide only K fits an axis, 35 cycles;
/// with tiles of 2 of M on the other, 5 · 2.
TEST(MapImperfect, TilesThatDoNotDivideFillTheLanes) {
  const Folder folder;
  folder.write("p.yaml", "name: mm\nmatmul: {M: 7, N: 5, K: 4}\n");
  const Output perfect = map(folder, {"--objective", "latency"});
  EXPECT_EQ(perfect.code, 0) << perfect.err;
  expect_part(perfect.out, "\n35 cycles = 35.00 ns at 1000 MHz, 3.9x the bound of any mapping (9)");
  const Output run = map(folder, {"--objective", "latency", "--imperfect", "--json", "i.json",
                                  "--mapping", "i.tree"});
  EXPECT_EQ(run.code, 0) << run.err;
  expect_part(run.out, "\n10 cycles = 10.00 ns at 1000 MHz, 1.1x the bound of any mapping (9)");
  const Json json = Json::parse(folder.read("i.json"));
  EXPECT_EQ(json["operators"][0]["status"], "optimal");
  EXPECT_EQ(json["operators"][0]["value"], 10);
  EXPECT_EQ(json["operators"][0]["lower_bound"], 10);
  EXPECT_EQ(json["layers"][0]["space"],
            "every placement and order of the Stores, one loop per rank between neighbouring "
            "Stores, all loop orders, a tile t cut n times into tiles of ceil(t / n)");
  const Output checked = folder.tileloom(
      {"check", "--problem", "p.yaml", "--arch", "unit", "--mapping", "i.tree"});
  EXPECT_EQ(checked.code, 0) << checked.err;
}

TEST(MapImperfect, NothingFitsIsExitCodeThree) {
  const Folder folder;
  folder.write("p.yaml", kSmallConv);
  folder.write("small.yaml",
               "name: small\nsource: invented\nmachine:\n  - memory: DRAM\n    size: 8 bit\n    energy: 1 pJ\n"
               "  - compute: mac\n    precision: 8 bit\n    mac_energy: 1 pJ\n");
  for (const char* more : {"--imperfect", "--objective=pareto"}) {
    const Output run = folder.tileloom(
        {"map", "--problem", "p.yaml", "--arch", "small.yaml", "--no-cache", more});
    EXPECT_EQ(run.code, 3) << more << run.out << run.err;
    expect_part(run.out, "infeasible");
  }
}

}  // namespace
