// compare: several mappers side by side, as a user meets it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "program.hpp"

namespace {

using Json = nlohmann::json;

constexpr const char* kProblem = "name: small\nconv: {K: 4, C: 2, P: 4, Q: 4, R: 3, S: 3}\n";

Output compare(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"compare",  "--problem", "p.yaml",  "--arch", "unit",
                                        "--budget", "300",       "--seeds", "2"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return folder.tileloom(arguments);
}

/// Without what the machine's speed decides.
Json without_times(Json json) {
  if (json.is_object()) json.erase("cpu_seconds");
  if (json.is_structured()) {
    for (Json& part : json) part = without_times(part);
  }
  return json;
}

TEST(Compare, TableJsonCsvAndChartOfEveryMapper) {
  const Folder folder;
  folder.write("p.yaml", kProblem);
  const Output run = compare(folder, {"--out", "out", "--json", "c.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("small on unit, least edp: 300 evaluations per search, seeds 1 to 2"),
            std::string::npos)
      << run.out;
  const Json json = Json::parse(folder.read("c.json"));
  EXPECT_EQ(json["schema"], "tileloom.comparison/1");
  EXPECT_EQ(json["seeds"], Json({1, 2}));
  ASSERT_EQ(json["layers"].size(), 1U);
  const Json& layer = json["layers"][0];
  EXPECT_EQ(layer["floor"]["status"], "optimal");
  EXPECT_EQ(layer["reference"], layer["floor"]["value"]);
  EXPECT_GE(json["mappers"].size(), 10U);
  for (const Json& mapper : layer["mappers"]) {
    ASSERT_EQ(mapper["runs"].size(), 2U);
    for (const Json& one : mapper["runs"]) {
      EXPECT_LE(one["evaluations"], 300) << mapper["mapper"];
      ASSERT_FALSE(one["trace"].empty()) << mapper["mapper"];
      EXPECT_EQ(one["trace"].back()["value"], one["value"]);
      double before = 1e300;
      for (const Json& point : one["trace"]) {
        EXPECT_LT(point["value"], before);
        before = point["value"];
      }
    }
  }
  EXPECT_EQ(folder.read("out/comparison.csv")
                .find("layer,mapper,seed,evaluations,cpu_seconds,value,relative_to_floor\r\n"),
            0U);
  EXPECT_EQ(folder.read("out/comparison.svg").find("<svg "), 0U);
  EXPECT_EQ(folder.read("out/comparison.json"), folder.read("c.json"));
}

TEST(Compare, TheSameSeedsGiveTheSameAnswerOnAnyNumberOfThreads) {
  const Folder folder;
  folder.write("p.yaml", kProblem);
  for (const char* threads : {"1", "4"}) {
    const Output run =
        compare(folder, {"--mappers", "random,timeloop_hybrid,annealing,pso,cmaes", "--threads",
                         threads, "--json", std::string(threads) + ".json"});
    EXPECT_EQ(run.code, 0) << run.err;
  }
  EXPECT_EQ(without_times(Json::parse(folder.read("1.json"))),
            without_times(Json::parse(folder.read("4.json"))));
}

TEST(Compare, OtherSeedsAreOtherSearches) {
  const Folder folder;
  folder.write("p.yaml", kProblem);
  const Output run = compare(folder, {"--mappers", "random", "--seed", "5", "--json", "c.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  const Json json = Json::parse(folder.read("c.json"));
  EXPECT_EQ(json["seeds"], Json({5, 6}));
  const Json& runs = json["layers"][0]["mappers"][0]["runs"];
  EXPECT_NE(without_times(runs[0]["trace"]), without_times(runs[1]["trace"]));
}

TEST(Compare, WrongNamesAreReportedTogether) {
  const Folder folder;
  folder.write("p.yaml", kProblem);
  const Output run = compare(folder, {"--mappers", "randm,pso,pso", "--objective", "speed"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "unknown mapper 'randm': did you mean 'random'?\n"
            "mapper 'pso' is given twice: name every mapper once\n"
            "unknown objective 'speed': known: latency, energy, edp\n");
}

TEST(Compare, NothingToCompare) {
  const Output run = Folder().tileloom({"compare", "--arch", "unit"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err, "nothing to map: give one of MODEL, --problem FILE or --layers FILE.csv\n");
}

TEST(Compare, AnOperatorThatCannotBeMappedIsExitCode3) {
  const Folder folder;
  folder.write("p.yaml", kProblem);
  folder.write("tiny.yaml",
               "name: tiny\n"
               "source: none\n"
               "machine:\n"
               "  - memory: DRAM\n"
               "    size: 1 word\n"
               "    energy: 1 pJ/word\n"
               "  - compute: mac\n"
               "    mac_energy: 1 pJ\n");
  const Output run = folder.tileloom({"compare", "--problem", "p.yaml", "--arch", "tiny.yaml",
                                      "--mappers", "random", "--budget", "10"});
  EXPECT_EQ(run.code, 3) << run.out << run.err;
}

TEST(Compare, MapListsOperatorsWithStatusValueBoundTimeAndMapping) {
  const Folder folder;
  folder.write("p.yaml", kProblem);
  const Output run = folder.tileloom(
      {"map", "--problem", "p.yaml", "--arch", "unit", "--no-cache", "--json", "m.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  const Json json = Json::parse(folder.read("m.json"));
  ASSERT_EQ(json["operators"].size(), 1U);
  const Json& one = json["operators"][0];
  EXPECT_EQ(one["name"], "small");
  EXPECT_EQ(one["status"], "optimal");
  EXPECT_EQ(one["value"], json["totals"]["edp_pj_cycles"]);
  EXPECT_LE(one["lower_bound"], one["value"]);
  EXPECT_GT(one["seconds"], 0.0);
  EXPECT_EQ(one["mapping"], json["layers"][0]["tree"]);
}

}  // namespace
