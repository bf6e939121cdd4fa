// validate, import and export as a user meets them.

#include <gtest/gtest.h>

#include <string>

#include "program.hpp"

namespace {

const std::string kReference =
    std::string(TILELOOM_SOURCE_DIR) + "/tests/papers/timeloop/reference.json";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ValidateVerb, AgreementIsExitCodeZero) {
  const Folder folder;
  const Output run = folder.tileloom({"validate", kReference, "--json", "report.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(contains(run.out, "profile timeloop, 26 cases")) << run.out;
  EXPECT_TRUE(contains(run.out, "Every figure agrees.")) << run.out;
  EXPECT_TRUE(contains(folder.read("report.json"), "\"agree\": true"));
}

TEST(ValidateVerb, BadInputIsExitCodeTwoAndAllFilesAreReported) {
  const Folder folder;
  folder.write("a.json", "{\"profile\": \"zigzag\"}");
  folder.write("b.json", "{\"profile\": ");
  const Output run = folder.tileloom({"validate", "a.json", "b.json", "c.json"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_TRUE(contains(run.err, "a.json:1:13: unknown profile 'zigzag': ")) << run.err;
  EXPECT_TRUE(contains(run.err, "b.json:1:13: the JSON text ends too early")) << run.err;
  EXPECT_TRUE(contains(run.err, "c.json")) << run.err;
}

constexpr const char* kMachine = R"(architecture:
  version: 0.4
  nodes:
  - !Component {name: DRAM, class: DRAM, attributes: {datawidth: 8}}
  - !Component {name: buffer, class: SRAM, attributes: {entries: 64, datawidth: 8}}
  - !Component {name: mac, class: intmac, spatial: {meshX: 4}, attributes: {datawidth: 8}}
)";
constexpr const char* kTimeloopProblem = R"(problem:
  version: 0.4
  shape:
    dimensions: [M, K]
    data_spaces:
    - {name: Weights, projection: [[[M]], [[K]]]}
    - {name: Inputs, projection: [[[K]]]}
    - {name: Outputs, projection: [[[M]]], read_write: true}
  instance: {M: 8, K: 4}
)";
constexpr const char* kMapping = R"(mapping:
- {target: DRAM, type: temporal, factors: M=2}
- {target: buffer, type: temporal, factors: K=4}
- {target: buffer, type: spatial, factors: M=4}
)";

TEST(ImportVerb, TimeloopFilesBecomeAMachineAProblemAndATreeWithTimeloopsFigures) {
  const Folder folder;
  folder.write("arch.yaml", kMachine);
  folder.write("problem.yaml", kTimeloopProblem);
  folder.write("mapping.yaml", kMapping);
  const Output run = folder.tileloom({"import", "timeloop", "arch.yaml", "problem.yaml",
                                      "mapping.yaml", "--out", "out", "--json", "cost.json"});
  ASSERT_EQ(run.code, 0) << run.err;
  // 2 · 4 steps on all four MACs
  EXPECT_TRUE(contains(run.out, "8 cycles, 100.00 % of the MACs")) << run.out;
  EXPECT_EQ(folder.read("out/mapping.tree"),
            "store Weights, Inputs, Outputs in DRAM\n"
            "for M in 4\n"
            "  store Weights, Inputs, Outputs in buffer\n"
            "  for K in 1\n"
            "    spatial M in 1 on mac_x\n"
            "      compute problem\n");
  EXPECT_TRUE(contains(folder.read("cost.json"), "\"cycles\": 8"));

  const Output back = folder.tileloom({"export", "timeloop", "out/mapping.tree", "--arch",
                                       "out/architecture.yaml", "--problem", "out/problem.yaml"});
  ASSERT_EQ(back.code, 0) << back.err;
  EXPECT_TRUE(contains(back.out,
                       "  - target: buffer\n    type: spatial\n    factors: M=4 K=1\n"
                       "    permutation: MK\n    split: 1\n"))
      << back.out;
}

TEST(ImportVerb, MistakesOfAllFilesArePrinted) {
  const Folder folder;
  folder.write("arch.yaml", "architecture: {version: 0.4}\n");
  folder.write("problem.yaml", "problem: {}\n");
  const Output run = folder.tileloom({"import", "timeloop", "arch.yaml", "problem.yaml"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "arch.yaml:1:15: the architecture has neither 'nodes' nor 'subtree': version 0.4 has a "
            "list 'nodes:'\n"
            "problem.yaml:1:10: the problem has no 'shape': add it\n");
}

/// m.tree, a mapping of a small product, as Timeloop's.
Output exported(const Folder& folder, const std::string& arch) {
  folder.write("problem.yaml", "matmul: {M: 4, N: 6, K: 4}\n");
  return folder.tileloom(
      {"export", "timeloop", "m.tree", "--arch", arch, "--problem", "problem.yaml"});
}

// What a machine costs is no part of a mapping. The Store of W stands below a loop over M, which does
// not move its tile: Timeloop's level keeps I and W and loops over M and K.
TEST(ExportVerb, PricesAndLoopsThatMoveNothingAreNoObstacle) {
  const Folder folder;
  folder.write("machine.yaml",
               "name: two-prices\n"
               "source: invented for this test\n"
               "machine:\n"
               "  - memory: DRAM\n"
               "    energy: {read: 1 pJ, write: 2 pJ}\n"
               "  - memory: Buffer\n"
               "    size: 1 KiB\n"
               "    energy: 1 pJ\n"
               "  - fanout: {x: 2}\n"
               "    hop_energy: 1 pJ/bit\n"
               "  - compute: mac\n"
               "    mac_energy: 1 pJ\n");
  folder.write("m.tree",
               "store A, B, O in DRAM\n"
               "for N in 3\n"
               "  store A, O in Buffer\n"
               "  for M in 1\n"
               "    store B in Buffer\n"
               "    for K in 1\n"
               "      for N in 1\n"
               "        compute problem\n");
  const Output run = exported(folder, "machine.yaml");
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  EXPECT_TRUE(contains(run.out, "factors: M=4 N=3 K=4")) << run.out;
}

// Eyeriss' scratchpads stand side by side: in a chain of levels that of weights is the outer one,
// whichever Store comes first.
TEST(ExportVerb, StoresWithoutALoopBetweenThemHaveNoOrder) {
  const Folder folder;
  folder.write("m.tree",
               "store A, B, O in DRAM\n"
               "for K in 2\n"
               "  store O in GlobalBuffer\n"
               "  for M in 2\n"
               "    spatial K in 1 on x\n"
               "      store A in InputSpad\n"
               "      store B in WeightSpad\n"
               "      for M in 1\n"
               "        for N in 1\n"
               "          compute problem\n");
  const Output run = exported(folder, "eyeriss");
  EXPECT_EQ(run.code, 0) << run.err;
}

TEST(ExportVerb, ARankAlongXAndYIsRefused) {
  const Folder folder;
  folder.write("m.tree",
               "store A, B, O in DRAM\n"
               "store O in GlobalBuffer\n"
               "spatial K in 2 on x\n"
               "  spatial K in 1 on y\n"
               "    store B in WeightSpad\n"
               "    for M in 1\n"
               "      for N in 1\n"
               "        compute problem\n");
  const Output run = exported(folder, "eyeriss");
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "GlobalBuffer unrolls K along both X and Y, Timeloop's mapping has one factor for "
            "each: Timeloop cannot express this\n");
}

TEST(ExportVerb, WhatTimeloopCannotSayIsRefusedWithReasons) {
  const Folder folder;
  folder.write("m.tree", "compute problem\n");
  const Output run = exported(folder, "unit");
  EXPECT_EQ(run.code, 2);
  EXPECT_TRUE(contains(run.err, "no loop walks the last 6 of rank N: Timeloop cannot express this"))
      << run.err;
}

constexpr const char* kProduct = "name: mm\nmatmul: {M: 256, N: 160, K: 64}\n";

TEST(EvaluateVerb, WhatFitsIsTimeloopsToSayUnderItsProfile) {
  const Folder folder;
  folder.write("p.yaml", kProduct);
  // 40,960 sums, unfinished: 24 bits each are 122,880 of the buffer's 65,536 B; as words they fit.
  folder.write("m.tree",
               "store A, B, O in DRAM\n"
               "for K in 32\n"
               "  store O in GlobalBuffer\n"
               "  for M in 1\n"
               "    for N in 1\n"
               "      for K in 1\n"
               "        compute mm\n");
  std::vector<std::string> words{"evaluate", "--problem", "p.yaml", "--arch", "simba",
                                 "--mapping", "m.tree"};
  EXPECT_EQ(folder.tileloom(words).code, 3);
  words.insert(words.end(), {"--profile", "timeloop"});
  const Output run = folder.tileloom(words);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(contains(run.out, "By Timeloop's conventions: 2621440 cycles")) << run.out;
}

TEST(MapVerb, ProfileTimeloopFindsAMappingThatEvaluateScoresTheSame) {
  const Folder folder;
  folder.write("p.yaml", kProduct);
  const Output run =
      folder.tileloom({"map", "--problem", "p.yaml", "--arch", "simba", "--profile", "timeloop",
                       "--objective", "latency", "--mapping", "m.tree", "--json", "m.json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(contains(run.out, "Least latency by Timeloop's conventions.")) << run.out;
  EXPECT_TRUE(contains(folder.read("m.json"), "\"schema\": \"tileloom.timeloop_mapping/1\""));
  const Output again = folder.tileloom({"evaluate", "--problem", "p.yaml", "--arch", "simba",
                                        "--mapping", "m.tree", "--profile", "timeloop"});
  ASSERT_EQ(again.code, 0) << again.err;
  const std::size_t figures = run.out.find("By Timeloop's conventions: ");
  ASSERT_NE(figures, std::string::npos) << run.out;
  EXPECT_EQ(run.out.substr(figures, again.out.size()), again.out);
}

/// Without loops over M at DRAM the plainest mapping needs more of M2 than it holds.
TEST(MapVerb, ASearchUnderConstraintsThatEndsEarlyProvesNothing) {
  const Folder folder;
  folder.write("p.yaml", "name: mm\nmatmul: {M: 16, N: 1, K: 1}\n");
  folder.write("a.yaml",
               "name: small\n"
               "source: invented for this test\n"
               "machine:\n"
               "  - memory: DRAM\n"
               "    energy: 64 pJ\n"
               "  - memory: M1\n"
               "    size: 64 B\n"
               "    energy: 4 pJ\n"
               "  - fanout: {x: 4}\n"
               "  - memory: M2\n"
               "    size: 8 B\n"
               "    energy: 1 pJ\n"
               "  - compute: mac\n"
               "    precision: 8 bit\n"
               "    mac_energy: 1 pJ\n");
  folder.write("rules.yaml",
               "constraints:\n"
               "  - at: DRAM\n"
               "    loops: {M: 1}\n"
               "  - at: M1\n"
               "    bypass: [inputs, weights, outputs]\n"
               "  - at: M2\n"
               "    keep: inputs\n");
  std::vector<std::string> words{"map",           "--problem",  "p.yaml",    "--arch",
                                 "a.yaml",        "--profile",  "timeloop",  "--constraints",
                                 "rules.yaml",    "--json",     "m.json",    "--budget"};
  words.push_back("1");
  const Output early = folder.tileloom(words);
  EXPECT_EQ(early.code, 3) << early.err;
  EXPECT_TRUE(contains(folder.read("m.json"), "\"status\": \"budget_spent\"")) << early.out;
  words.back() = "100";
  const Output longer = folder.tileloom(words);
  EXPECT_EQ(longer.code, 0) << longer.out << longer.err;
}

/// Fanouts may be as large as 10^9.
TEST(MapVerb, ProfileTimeloopBoundsHugeFanoutsAtOnce) {
  const Folder folder;
  folder.write("p.yaml", "name: mm\nmatmul: {M: 4, N: 16, K: 16}\n");
  folder.write("a.yaml",
               "name: wide\n"
               "source: invented for this test\n"
               "machine:\n"
               "  - memory: DRAM\n"
               "    energy: 64 pJ\n"
               "  - fanout: {x: 999999937}\n"
               "  - memory: M1\n"
               "    size: 64 B\n"
               "    energy: 4 pJ\n"
               "  - compute: mac\n"
               "    precision: 8 bit\n"
               "    mac_energy: 1 pJ\n");
  const Output run = folder.tileloom({"map", "--problem", "p.yaml", "--arch", "a.yaml", "--profile",
                                      "timeloop", "--budget", "10"});
  EXPECT_EQ(run.code, 0) << run.out << run.err;
}

TEST(MapVerb, ProfileTimeloopNamesEverythingItCannotDo) {
  const Folder folder;
  folder.write("p.yaml", kProduct);
  const Output run = folder.tileloom({"map", "--problem", "p.yaml", "--arch", "simba", "--profile",
                                      "timeloop", "--mapper", "gamma", "--imperfect"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "--profile timeloop does not go with --mapper gamma: leave out --mapper\n"
            "--profile timeloop does not go with --imperfect: leave it out: Timeloop's model has "
            "no partial tiles\n");
  const Output unknown = folder.tileloom(
      {"map", "--problem", "p.yaml", "--arch", "simba", "--profile", "timelop"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_EQ(unknown.err, "unknown profile 'timelop': did you mean 'timeloop'?\n");
}

}  // namespace
