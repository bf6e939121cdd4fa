#include "tileloom/support/file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

namespace tileloom {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string pattern = (fs::temp_directory_path() / "tileloom-file-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FileTest() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::ptrdiff_t entries() const {
    return std::distance(fs::directory_iterator(folder_), fs::directory_iterator());
  }

  fs::path folder_;
};

TEST_F(FileTest, WhatIsWrittenReadsBackAndNothingElseIsLeft) {
  const std::string content("a\0b\n", 4);
  ASSERT_TRUE(write_file(path("new/deep/file"), content));
  EXPECT_EQ(read_file(path("new/deep/file")), content);
  ASSERT_TRUE(write_file(path("new/deep/file"), "shorter"));
  EXPECT_EQ(read_file(path("new/deep/file")), std::string("shorter"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "new/deep"), fs::directory_iterator()),
            1);
}

TEST_F(FileTest, ALinkKeepsPointingToWhatItNames) {
  ASSERT_TRUE(write_file(path("real"), "old"));
  fs::create_symlink("real", path("link"));
  ASSERT_TRUE(write_file(path("link"), "new"));
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(read_file(path("real")), std::string("new"));
}

TEST_F(FileTest, ADeviceIsWrittenIntoAndNeverReplaced) {
  ASSERT_TRUE(write_file("/dev/null", "gone"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(FileTest, AFullDiskIsSaidSo) {
  const Result<void> written = write_file("/dev/full", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(to_string(written.error()),
            "/dev/full: cannot write: No space left on device: choose another place\n");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(FileTest, AFolderIsNoFile) {
  fs::create_directory(path("folder"));
  const Result<void> written = write_file(path("folder"), "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(to_string(written.error()), path("folder") +
                                            ": cannot write: Is a directory: choose a path that is "
                                            "not a folder\n");
  EXPECT_EQ(entries(), 1);
}

TEST_F(FileTest, OfSeveralFilesNoneIsWrittenIfOneCannotBe) {
  ASSERT_TRUE(write_file(path("old"), "old"));
  fs::create_directory(path("folder"));
  const Result<void> written = write_files(
      {{path("old"), "new"}, {path("deep/er/first"), "1"}, {path("folder"), "x"}, {path("last"), "2"}});
  ASSERT_FALSE(written);
  EXPECT_EQ(to_string(written.error()), path("folder") +
                                            ": cannot write: Is a directory: choose a path that is "
                                            "not a folder\n");
  EXPECT_EQ(read_file(path("old")), std::string("old"));
  EXPECT_EQ(entries(), 2);

  ASSERT_FALSE(write_files({{path("deep/er/first"), "1"}, {"/dev/full", "x"}}));
  EXPECT_EQ(entries(), 2);
  ASSERT_FALSE(write_files({{path("deep/er/first"), "1"}, {path("old/last"), "x"}}));
  EXPECT_EQ(entries(), 2);

  ASSERT_TRUE(write_files({{path("old"), "new"}, {path("deep/er/first"), "1"}, {"/dev/null", "x"}}));
  EXPECT_EQ(read_file(path("old")), std::string("new"));
  EXPECT_EQ(read_file(path("deep/er/first")), std::string("1"));
}

TEST_F(FileTest, PipesAreWrittenOneAfterTheOther) {
  for (const char* pipe : {"a", "b"}) ASSERT_EQ(::mkfifo(path(pipe).c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] {
    for (const char* pipe : {"a", "b"}) read += read_file(path(pipe)).value_or("?");
  });
  EXPECT_TRUE(write_files({{path("a"), "1"}, {path("b"), "2"}}));
  reader.join();
  EXPECT_EQ(read, "12");
}

TEST_F(FileTest, TwoContentsOfOnePathAreAMistake) {
  const Result<void> written = write_files({{path("a"), "1"}, {path("./a"), "2"}});
  ASSERT_FALSE(written);
  EXPECT_EQ(to_string(written.error()),
            path("./a") + ": two files are to be written here: give each a path of its own\n");
  EXPECT_EQ(entries(), 0);
  EXPECT_TRUE(write_files({{path("a"), "1"}, {path("./a"), "1"}}));
}

TEST_F(FileTest, AMissingFileIsSaidSo) {
  const Result<std::string> content = read_file(path("none"));
  ASSERT_FALSE(content);
  EXPECT_EQ(to_string(content.error()), path("none") +
                                            ": cannot read: No such file or directory: check the "
                                            "path and its permissions\n");
}

}  // namespace
}  // namespace tileloom
