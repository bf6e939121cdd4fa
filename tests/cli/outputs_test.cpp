// A command that writes several files writes all of them or none.

#include <gtest/gtest.h>

#include "program.hpp"

namespace {

const std::string kSmallNetwork = TILELOOM_SOURCE_DIR "/tests/onnx_models/activations.onnx";

/// A folder with a problem and another folder, `taken`, whose name no file can have.
class Outputs : public testing::Test {
 protected:
  Outputs() {
    folder_.write("p.yaml", "name: conv\nconv: {K: 2, C: 3, P: 2, Q: 2, R: 1, S: 1}\n");
    std::filesystem::create_directory(folder_.path() / "taken");
    before_ = folder_.entries();
  }

  /// The run ends with what is wrong with `taken` and leaves nothing behind.
  void expect_nothing_written(const std::vector<std::string>& arguments) const {
    const Output run = folder_.tileloom(arguments);
    EXPECT_EQ(run.code, 2);
    EXPECT_EQ(run.err,
              "taken: cannot write: Is a directory: choose a path that is not a folder\n");
    EXPECT_EQ(folder_.entries(), before_);
  }

  Folder folder_;
  std::vector<std::string> before_;
};

TEST_F(Outputs, OfCompile) {
  expect_nothing_written({"compile", "p.yaml", "-o", "new/p.tlp", "--json", "taken"});
}

TEST_F(Outputs, OfRun) {
  ASSERT_EQ(folder_.tileloom({"compile", "p.yaml", "-o", "p.tlp"}).code, 0);
  before_ = folder_.entries();
  expect_nothing_written({"run", "p.tlp", "--json", "r.json", "--output", "taken"});
}

TEST_F(Outputs, OfMap) {
  const std::vector<std::string> map{"map",    "--problem",  "p.yaml",    "--arch",
                                     "unit",   "--no-cache", "--mapping", "m.tree",
                                     "--csv",  "m.csv",      "--page",    "taken"};
  expect_nothing_written(map);
  expect_nothing_written({"map", "--problem", "p.yaml", "--arch", "simba", "--no-cache",
                          "--profile", "timeloop", "--budget", "100", "--mapping", "m.tree",
                          "--json", "taken"});
}

TEST_F(Outputs, OfCoSearch) {
  expect_nothing_written({"co-search", "--problem", "p.yaml", "--arch", "unit", "--lanes", "16",
                          "--budget", "200", "--machine", "m.yaml", "--json", "taken"});
}

/// The folder of --out is there, as it is while they search; no report is in it.
TEST_F(Outputs, OfScheduleAndCompare) {
  EXPECT_EQ(folder_.tileloom({"schedule", kSmallNetwork, "--arch", "unit", "--no-cache",
                              "--mapper", "random", "--budget", "50", "--out", "out", "--json",
                              "taken"})
                .code,
            2);
  EXPECT_FALSE(folder_.has("out/schedule.json"));
  EXPECT_EQ(folder_.tileloom({"compare", "--problem", "p.yaml", "--arch", "unit", "--mappers",
                              "random", "--budget", "50", "--seeds", "1", "--out", "out", "--json",
                              "taken"})
                .code,
            2);
  EXPECT_FALSE(folder_.has("out/comparison.json"));
}

TEST_F(Outputs, TwoOfOnePathAreRefused) {
  const Output run = folder_.tileloom({"map", "--problem", "p.yaml", "--arch", "unit",
                                       "--no-cache", "--mapping", "m", "--json", "m"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err, "m: two files are to be written here: give each a path of its own\n");
  EXPECT_EQ(folder_.entries(), before_);
}

}  // namespace
