// explore-fusion, as a user meets it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

namespace {

using Json = nlohmann::json;

Output explore(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"explore-fusion", "fsrcnn", "--arch", "meta_prototype_df"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return folder.tileloom(arguments);
}

TEST(ExploreFusion, ThePublishedBestPointAndAllFiles) {
  const Folder folder;
  const Output run =
      explore(folder, {"--tiles", "4x72,full", "--as-published", "--out", "out", "--csv", "p.csv"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("least energy: cached 4x72: 1.814 mJ, 18.48 M cycles\n"
                         "  over layer by layer: energy 11.17x, latency 1.57x\n"),
            std::string::npos)
      << run.out;
  const Json json = Json::parse(folder.read("out/fusion.json"));
  EXPECT_EQ(json["schema"], "tileloom.fusion/1");
  EXPECT_EQ(json["points"].size(), 6u);
  EXPECT_EQ(json["complete"], true);
  EXPECT_EQ(json["least_energy"]["latency_cycles"], 18484958);
  EXPECT_EQ(json["least_energy"]["stacks"][0]["tiles"], 1920);
  EXPECT_NE(folder.read("out/fusion.svg").find("<svg"), std::string::npos);
  EXPECT_NE(folder.read("out/fusion.html").find("tile pyramid"), std::string::npos);
  EXPECT_NE(folder.read("p.csv").find("fsrcnn,Meta_prototype_DF,fully_cached,4,72,"),
            std::string::npos);
}

TEST(ExploreFusion, AnOnnxModelOnACommonArchitecture) {
  const Folder folder;
  const Output run = folder.tileloom({"explore-fusion", std::string(TILELOOM_SOURCE_DIR) + "/models/fsrcnn.onnx",
                                      "--arch", "meta_prototype_df", "--tiles", "60x72,full", "--modes",
                                      "cached", "--json", "a.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("part 1 of 1: '/Conv' to '/Conv_6', 7 of 8 operators, 63.6 % of the "
                         "multiply-accumulates"),
            std::string::npos)
      << run.out;
  EXPECT_NE(run.out.find("1 operators are no layers of DeFiNES; the first, /ConvTranspose: its "
                         "output is not indexed loop by loop"),
            std::string::npos)
      << run.out;
  const Json json = Json::parse(folder.read("a.json"));
  EXPECT_EQ(json["points"].size(), 2u);
  EXPECT_EQ(json["points"][1]["tile"], Json({960, 540}));
}

TEST(ExploreFusion, AStoppedRunGoesOnWhereItWasAndSaysTheSame) {
  const Folder folder;
  const std::vector<std::string> first = {"--tiles", "4x4", "--partial", "p", "--json", "a.json"};
  const std::vector<std::string> both = {"--tiles", "4x4,60x72", "--partial", "p", "--json",
                                         "b.json"};
  EXPECT_EQ(explore(folder, first).code, 0);
  folder.write("p", folder.read("p") + "{\"key\": torn");  // as a crash would leave it
  const std::string known = folder.read("p");
  EXPECT_EQ(explore(folder, both).code, 0);
  EXPECT_EQ(folder.read("p").substr(0, known.size()), known);
  const Output fresh = explore(folder, {"--tiles", "4x4,60x72", "--threads", "1", "--json", "c.json"});
  EXPECT_EQ(fresh.code, 0);
  EXPECT_EQ(folder.read("b.json"), folder.read("c.json"));
}

// Points were added to whatever file was named.
TEST(ExploreFusion, AFileOfSomethingElseIsNotWrittenTo) {
  const Folder folder;
  folder.write("notes.txt", "mine\n");
  const Output run = explore(folder, {"--tiles", "full", "--partial", "notes.txt"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "notes.txt:1:1: this is no file of explored points, and would be written to: name "
            "another file, or one that is not there yet\n");
  EXPECT_EQ(folder.read("notes.txt"), "mine\n");
  const Output into = explore(folder, {"--tiles", "full", "--partial", "."});
  EXPECT_EQ(into.code, 2);
  EXPECT_EQ(into.err, ".: this is a folder: name a file, or one that is not there yet\n");
}

TEST(ExploreFusion, EveryMistakeIsNamedAtOnce) {
  const Folder folder;
  const Output run = explore(folder, {"--tiles", "1y1", "--modes", "cachd", "--depth", "5,3,99",
                                      "--repair", "optional-id"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "tile '1y1' is not a size: write WIDTHxHEIGHT with numbers from 1, as 60x72, or full\n"
            "unknown mode 'cachd': did you mean 'cached'?\n"
            "the cut after layer 3 does not follow the one after layer 5: give every cut once, in "
            "the order of the network\n"
            "no layer of 'fsrcnn' has the id 99: cut after a layer from -1 to 7\n"
            "unknown repair 'optional-id': did you mean 'optional-ids'?\n");
  EXPECT_EQ(folder.entries(), std::vector<std::string>{});
  const Output depth = explore(folder, {"--depth", "deep"});
  EXPECT_EQ(depth.code, 2);
  EXPECT_EQ(depth.err,
            "depth 'deep' is not known: use auto, single, layer-by-layer, or ids of the layers to "
            "cut after, as 5,11\n");
}

TEST(ExploreFusion, ANetworkThatCannotBeTiledIsRefused) {
  const Folder folder;
  folder.write("two.json", R"({"name": "two", "layers": [
 {"id": -1, "dims": {"B": 1, "K": 1, "OY": 4, "OX": 4}, "bits": 8},
 {"id": 0, "equation": "O[b][k][oy][ox]+=W[k][c]*I[b][c][ox][oy]", "relations": [],
  "dims": {"B": 1, "K": 2, "C": 1, "OY": 4, "OX": 4}, "inputs": {"W": [], "I": [-1]},
  "constant_operands": ["W"], "precision": {"O": 16, "O_final": 8, "W": 8, "I": 8}},
 {"id": 1, "equation": "O[b][k][oy][ox]+=W[k][c]*I[b][c][ox][oy]", "relations": [],
  "dims": {"B": 1, "K": 2, "C": 1, "OY": 4, "OX": 4}, "inputs": {"W": [], "I": [-1]},
  "constant_operands": ["W"], "precision": {"O": 16, "O_final": 8, "W": 8, "I": 8}}],
 "spatial_mapping_per_arch": {}})");
  const Output run =
      folder.tileloom({"explore-fusion", "two.json", "--arch", "meta_prototype_df"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "'two' has 2 outputs (layers 0, 1), DeFiNES tiles one: leave the layers that lead to "
            "the others out of the file\n"
            "'two' does not say how its layers are unrolled on 'Meta_prototype_DF': add the "
            "machine to spatial_mapping_per_arch in the network's file\n");
}

}  // namespace
