// co-search: the sizes of a machine and a mapping, as a user meets them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

namespace {

using Json = nlohmann::json;

const char* const kLayer = "R,S,P,Q,C,K,N,name\n3,3,14,14,64,64,1,conv\n";

TEST(CoSearch, TheMachineWrittenRunsTheMappingWrittenAtTheValueStated) {
  const Folder folder;
  folder.write("layer.csv", kLayer);
  const Output run = folder.tileloom(
      {"co-search", "--layers",  "layer.csv", "--arch",    "gamma_edge", "--objective", "latency",
       "--area",    "100000",    "--lanes",   "300",       "--buffer",   "L2=20000",    "--budget",
       "2000",      "--machine", "m.yaml",    "--mapping", "m.txt",      "--json",      "c.json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("machine        given   at most"), std::string::npos) << run.out;
  const Json found = Json::parse(folder.read("c.json"));
  EXPECT_EQ(found["schema"], "tileloom.co_search/1");
  EXPECT_EQ(found["limits"]["capacity_bits"]["L2"], 160'000);
  EXPECT_LE(found["found"]["area_um2"], 100'000.0);
  EXPECT_LE(found["found"]["lanes"], 300);
  EXPECT_GT(found["found"]["lanes"], 168);  // more than the machine given: it need not be as large
  EXPECT_LE(found["found"]["capacity_bits"]["L2"], 160'000);
  EXPECT_EQ(found["mapping"], folder.read("m.txt"));

  const Output again = folder.tileloom({"evaluate", "--layers", "layer.csv", "--arch", "m.yaml",
                                        "--mapping", "m.txt", "--json", "e.json"});
  ASSERT_EQ(again.code, 0) << again.err;
  const Json layer = Json::parse(folder.read("e.json"))["layers"][0]["evaluation"];
  EXPECT_EQ(layer["cycles"], found["cycles"]);
  EXPECT_EQ(layer["energy_pj"], found["energy_pj"]);
}

TEST(CoSearch, AllMistakesAtOnce) {
  const Folder folder;
  folder.write("layers.csv", "R,S,P,Q,C,K,N\n1,1,4,4,4,4,1\n1,1,4,4,4,8,1\n");
  const Output run =
      folder.tileloom({"co-search", "--layers", "layers.csv", "--arch", "gamma_edge", "--buffer",
                       "L3=64", "--buffer", "L2=lots", "--buffer", "DRAM=1"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "--buffer L3=64: 'L3' is no memory of gamma_edge whose size is searched: all but the "
            "outermost are; `tileloom inspect` lists them\n"
            "--buffer L2=lots is not MEMORY=BYTES with at least one byte: write for example "
            "--buffer L2=65536\n"
            "--buffer DRAM=1: 'DRAM' is no memory of gamma_edge whose size is searched: all but "
            "the outermost are; `tileloom inspect` lists them\n"
            "co-search sizes a machine for one operator, but there are 2: choose one with --layer "
            "NAME\n");
  folder.write("layer.csv", kLayer);
  const Output free =
      folder.tileloom({"co-search", "--layers", "layer.csv", "--arch", "gamma_edge"});
  EXPECT_EQ(free.code, 2);
  EXPECT_EQ(free.err,
            "co-search has no limit: the largest machine would win: give --area UM2, --lanes N, or "
            "--buffer MEMORY=BYTES\n");
}

TEST(CoSearch, AnAreaForNoLaneIsInfeasibleAndWritesNoMachine) {
  const Folder folder;
  folder.write("layer.csv", kLayer);
  const Output run = folder.tileloom({"co-search", "--layers", "layer.csv", "--arch", "gamma_edge",
                                      "--area", "282", "--machine", "m.yaml", "--json", "c.json"});
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.out.find("infeasible: the smallest machine takes 282.2 um2, more than the 282.0 "
                         "um2 allowed\n"),
            std::string::npos)
      << run.out;
  EXPECT_EQ(Json::parse(folder.read("c.json"))["status"], "infeasible");
  EXPECT_FALSE(folder.has("m.yaml"));
}

}  // namespace
