// Options that whoever searches has no use for are refused, before anything is searched.

#include <gtest/gtest.h>

#include "program.hpp"

namespace {

const std::string kNetwork = TILELOOM_SOURCE_DIR "/tests/onnx_models/activations.onnx";

/// Everything such a run prints.
std::string refused(const Folder& folder, const std::vector<std::string>& arguments) {
  const Output run = folder.tileloom(arguments);
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_FALSE(folder.has("answer.json"));
  return run.err;
}

std::string refused_map(const std::vector<std::string>& options) {
  const Folder folder;
  folder.write("p.yaml", "matmul: {M: 4, N: 4, K: 4}\n");
  std::vector<std::string> arguments{"map",    "--problem",  "p.yaml", "--arch",
                                     "unit",   "--no-cache", "--json", "answer.json"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return refused(folder, arguments);
}

TEST(UnheededOptions, OfOtherMappersAreRefusedAllAtOnce) {
  EXPECT_EQ(refused_map({"--levels", "2", "--as-published"}),
            "--as-published means nothing to mapper exact: leave it out: it is for mapper gamma or "
            "cosa\n"
            "--levels means nothing to mapper exact: leave it out: it is for mapper gamma\n");
  EXPECT_EQ(refused_map({"--mapper", "exact", "--solver", "cbc"}),
            "--solver means nothing to mapper exact: leave it out: it is for mapper cosa\n");
  EXPECT_EQ(refused_map({"--mapper", "gamma", "--published", "ties", "--imperfect"}),
            "--imperfect means nothing to mapper gamma: leave it out: it is for mapper exact or "
            "random\n"
            "--published means nothing to mapper gamma: leave it out: it is for mapper cosa\n");
  EXPECT_EQ(refused_map({"--mapper", "cosa", "--valid-samples", "0", "--dataflow", "dla"}),
            "--dataflow means nothing to mapper cosa: leave it out: it is for mapper gamma\n"
            "--valid-samples means nothing to mapper cosa: leave it out: it is for mapper random or "
            "timeloop_random or timeloop_hybrid\n");
  EXPECT_EQ(refused_map({"--mapper", "timeloop_random", "--imperfect"}),
            "--imperfect means nothing to mapper timeloop_random: leave it out: it is for mapper "
            "exact or random\n");
  EXPECT_EQ(refused_map({"--mapper", "annealing", "--levels", "3"}),
            "--levels means nothing to mapper annealing: leave it out: it is for mapper gamma\n");
}

TEST(UnheededOptions, OfAnUnknownMapperAreNotJudged) {
  EXPECT_EQ(refused_map({"--mapper", "gama", "--levels", "2"}),
            "unknown mapper 'gama': did you mean 'gamma'?\n");
}

TEST(UnheededOptions, WhatAnotherOptionSaysAlreadyIsRefused) {
  EXPECT_EQ(refused_map({"--mapper", "gamma", "--dataflow", "dla", "--levels", "2"}),
            "--dataflow says how many levels of parallelism there are: leave out --levels or "
            "--dataflow\n");
  EXPECT_EQ(refused_map({"--mapper", "cosa", "--as-published", "--published", "ties"}),
            "--as-published means all that --published can name: leave one of them out\n");
}

TEST(UnheededOptions, ASecondObjectiveThatIsTheFirstIsRefused) {
  EXPECT_EQ(refused_map({"--objective", "latency,latency"}),
            "objective 'latency,latency' names latency twice: behind the comma stands what decides "
            "among equals: another metric, or nothing\n");
}

TEST(UnheededOptions, OfVerbsThatDoNotSearchByTheMapperAlone) {
  const Folder folder;
  folder.write("p.yaml", "matmul: {M: 4, N: 4, K: 4}\n");
  EXPECT_EQ(refused(folder, {"co-search", "--problem", "p.yaml", "--arch", "unit", "--lanes", "16",
                             "--dataflow", "dla", "--json", "answer.json"}),
            "--dataflow means nothing to co-search: leave it out: it is for mapper gamma\n");
  EXPECT_EQ(refused(folder, {"schedule", kNetwork, "--arch", "unit", "--no-cache", "--pipeline",
                             "--imperfect", "--json", "answer.json"}),
            "--imperfect means nothing to --pipeline: leave it out: it is for mapper exact or "
            "random\n");
  EXPECT_EQ(refused(folder, {"compare", "--problem", "p.yaml", "--arch", "unit", "--mappers",
                             "random,cosa", "--levels", "2", "--valid-samples", "3", "--json",
                             "answer.json"}),
            "--levels means nothing to the mappers random, cosa: leave it out: it is for mapper "
            "gamma\n");
  EXPECT_EQ(refused(folder, {"explain", "--problem", "p.yaml", "--arch", "unit", "--mapping",
                             "m.tree", "--imperfect"}),
            "--imperfect means nothing to a mapping that is given: leave it out: it is for mapper "
            "exact or random\n");
}

}  // namespace
