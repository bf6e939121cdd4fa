#include <gtest/gtest.h>

#include "program.hpp"
#include "tileloom/support/version.hpp"

namespace {

TEST(CommandLine, VersionIsOneLine) {
  const Output run = Folder().tileloom({"--version"});
  EXPECT_EQ(run.code, 0);
  EXPECT_EQ(run.out, std::string("tileloom ") + tileloom::kVersion + "\n");
  EXPECT_EQ(run.err, "");
}

TEST(CommandLine, HelpGoesToStandardOutput) {
  const Output run = Folder().tileloom({"--help"});
  EXPECT_EQ(run.code, 0);
  EXPECT_NE(run.out.find("Usage: tileloom [OPTIONS]"), std::string::npos) << run.out;
  EXPECT_EQ(run.err, "");
}

TEST(CommandLine, AnUnknownVerbIsTheUsersMistake) {
  const Output run = Folder().tileloom({"wibble"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_TRUE(run.err.starts_with("unknown command 'wibble': known: ")) << run.err;
  EXPECT_EQ(Folder().tileloom({"shedule"}).err,
            "unknown command 'shedule': did you mean 'schedule'?\n");
}

TEST(CommandLine, NoVerbIsTheUsersMistake) {
  const Output run = Folder().tileloom({});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err, "A subcommand is required\nRun with --help for more information.\n");
}

}  // namespace
