// --constraints, as a user meets it.

#include <gtest/gtest.h>

#include <sstream>

#include "program.hpp"

namespace {

const std::string kModel = std::string(TILELOOM_SOURCE_DIR) + "/models/alexnet.onnx";

std::vector<std::string> schedule(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"schedule", kModel,     "--arch", "unit",      "--mapper",
                                        "random",   "--budget", "20",     "--no-cache"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST(Constraints, EveryMappingObeysThem) {
  const Folder folder;
  folder.write("rules.yaml", "constraints:\n  - at: x\n    only: [K]\n  - at: y\n    only: []\n");
  const Output run = folder.tileloom(schedule({"--constraints", "rules.yaml", "--out", "out"}));
  EXPECT_EQ(run.code, 0) << run.err;
  std::istringstream lines(folder.read("out/network.txt"));
  int spatial = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_EQ(line.find(" on y"), std::string::npos) << line;
    if (line.find(" on x") == std::string::npos) continue;
    ++spatial;
    EXPECT_NE(line.find("spatial "), std::string::npos) << line;
    EXPECT_NE(line.find(".K in "), std::string::npos) << line;
  }
  EXPECT_GT(spatial, 0) << "some mapping should use the axis that is left";
}

TEST(Constraints, MistakesHaveTheirPlace) {
  const Folder folder;
  folder.write("rules.yaml", "constraints:\n  - at: z\n    loops: {K: 0}\n");
  const Output run = folder.tileloom(schedule({"--constraints", "rules.yaml"}));
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "rules.yaml:2:9: unknown memory or axis 'z': did you mean 'x'?\n"
            "rules.yaml:3:16: 'K' is 0: it must be at least 1\n");
}

TEST(Constraints, AMissingFile) {
  const Output run = Folder().tileloom(schedule({"--constraints", "no.yaml"}));
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(
      run.err,
      "no.yaml: cannot read: No such file or directory: check the path and its permissions\n");
}

}  // namespace
