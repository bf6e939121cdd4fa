#include "tileloom/report/schedule/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tileloom/report/schedule/example_schedule_test.hpp"

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;

Json document(const Example& example) {
  return Json::parse(schedule_json(example.workload, example.arch, example.schedule));
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& item : object.items()) names.push_back(item.key());
  return names;
}

TEST(Json, NamesItsSchemaFirstAndKeepsTheOrderOfKeys) {
  EXPECT_EQ(
      keys(document(example())),
      (std::vector<std::string>{"schema", "tool", "model", "architecture", "objective", "mapper",
                                "latency_model", "status", "reasons", "totals", "machine", "layers",
                                "coverage"}));
  EXPECT_EQ(document(example())["schema"], "tileloom.schedule/1");
}

TEST(Json, TotalsHaveHandWorkedFigures) {
  const Json totals = document(example())["totals"];
  EXPECT_EQ(totals["layers"], 4);
  EXPECT_EQ(totals["layers_without_mapping"], 1);
  EXPECT_EQ(totals["cycles"], 296);
  EXPECT_EQ(totals["energy_pj"], 50784.0);
  EXPECT_EQ(totals["seconds"], 296e-9);
  EXPECT_EQ(totals["bound"].dump(), R"({"cycles":208,"energy_pj":3000.0})");
  EXPECT_EQ(
      totals["energy"]["memories"][1].dump(),
      R"({"memory":"DRAM","role":"weight","reads_pj":11200.0,"writes_pj":0.0,"network_pj":0.0})");
}

TEST(Json, EveryStoreOfALayerHasItsCountsAndEnergy) {
  const Json fc1 = document(example())["layers"][0];
  EXPECT_EQ(fc1["evaluation"]["stores"][5].dump(),
            R"({"tensor":"O.fc1","memory":"Buffer","role":"output","instances":1,"tile":4,)"
            R"("fills":0,"reads":0,"updates":32,"update_reads":28,"drains":4,"deliveries":32,)"
            R"("reads_pj":88.0,"writes_pj":96.0,"network_pj":0.0})");
  EXPECT_EQ(fc1["evaluation"]["ports"][0].dump(),
            R"({"memory":"DRAM","port":"read","bits":320.0,"cycles":20})");
  EXPECT_EQ(fc1["evaluation"]["occupancy"][1].dump(),
            R"({"memory":"Buffer","used_bits":416,"capacity_bits":8192,"buffers":[)"
            R"({"tensor":"I.fc1","bits":64},{"tensor":"W.fc1","bits":256},)"
            R"({"tensor":"O.fc1","bits":96}]})");
}

TEST(Json, ALayerSaysHowItWasMapped) {
  const Json fc2 = document(example())["layers"][1];
  EXPECT_EQ(fc2["same_as"], "fc1");
  EXPECT_EQ(fc2["status"], "feasible");
  EXPECT_EQ(fc2["gap"], 1.0);
  EXPECT_EQ(fc2["tree"],
            "store I.fc2, W.fc2, O.fc2 in DRAM\n"
            "store I.fc2, W.fc2, O.fc2 in Buffer\n"
            "spatial fc2.K in 1 on pe\n"
            "  for fc2.M in 1\n"
            "    for fc2.C in 1\n"
            "      compute fc2\n");
  EXPECT_EQ(fc2["path"][0].dump(),
            R"({"node":"store","tensor":"I.fc2","memory":"DRAM","keep":"overlap"})");
  EXPECT_EQ(fc2["path"][6].dump(), R"({"node":"loop","rank":"K","tile":1,"trips":4,"axis":"pe"})");
}

TEST(Json, ALayerWithoutAMappingSaysWhy) {
  const Json huge = document(example())["layers"][3];
  EXPECT_EQ(huge["status"], "infeasible");
  EXPECT_EQ(huge["reason"], "Buffer needs 9000 bits, but holds 8192");
  EXPECT_TRUE(huge["tree"].is_null());
  EXPECT_TRUE(huge["evaluation"].is_null());
  EXPECT_TRUE(huge["gap"].is_null());
}

TEST(Json, StallsAreListedWhereTheModelCountsThem) {
  Example small = example();
  cost::Latency& latency = small.schedule.layers[0].result.evaluation->latency;
  latency.stalls = cost::StallBreakdown{.compute = 8,
                                        .lane_ports = 0.5,
                                        .turns = {{MemoryId{1}, std::nullopt, 3}},
                                        .first_fill = 20,
                                        .last_drain = 2};
  const Json layers = document(small)["layers"];
  EXPECT_EQ(layers[0]["evaluation"]["stalls"].dump(),
            R"({"compute":8.0,"lane_ports":0.5,"turns":[{"memory":"Buffer","port":null,)"
            R"("cycles":3.0}],"first_fill":20.0,"last_drain":2.0})");
  EXPECT_TRUE(layers[1]["evaluation"]["stalls"].is_null());
}

TEST(Json, LargestCountsStayExact) {
  Example small = example();
  small.schedule.layers[0].result.evaluation->counts.stores[0].reads =
      std::numeric_limits<std::int64_t>::max();
  EXPECT_NE(schedule_json(small.workload, small.arch, small.schedule)
                .find("\"reads\": 9223372036854775807,"),
            std::string::npos);
}

TEST(Json, NamesThatAreNoUtf8DoNotBreakIt) {
  Example small = example();
  small.workload.operators[OperatorId{0}].name = "a\xff";
  EXPECT_EQ(document(small)["layers"][0]["name"], "a\xef\xbf\xbd");
}

TEST(Json, CoverageListsEveryNode) {
  const Json coverage = document(example())["coverage"];
  EXPECT_EQ(coverage["nodes"][5].dump(),
            R"({"node":"odd","type":"NonZero","status":"unmapped","operators":[],)"
            R"("note":"its output has no fixed size","macs":0,"bits_moved":1904})");
  EXPECT_EQ(coverage["summary"][0]["macs"], 2832);
}

}  // namespace
}  // namespace tileloom::report
