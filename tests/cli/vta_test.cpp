#include <gtest/gtest.h>

#include "program.hpp"

namespace {

/// A program of one word, FINISH.
const std::string kFinish("\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
const std::string kHeader = "{\"format\": \"vta-program-image\", \"version\": 1,\n";

TEST(VtaCommands, RunReportsAProgramThatOnlyEnds) {
  const Folder folder;
  folder.write("p/image.json", kHeader + "\"program\": {\"file\": \"p.bin\"}, \"regions\": []}");
  folder.write("p/p.bin", kFinish);
  const Output run = folder.tileloom({"run", "p", "--report", "r.json"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(folder.read("r.json").find("\"finish\": 1"), std::string::npos);
  const Output text = folder.tileloom({"disassemble", "p/image.json"});
  EXPECT_EQ(text.code, 0);
  EXPECT_EQ(text.out, "finish\n");
}

TEST(VtaCommands, EveryMistakeOfAnImageIsReported) {
  const Folder folder;
  folder.write("image.json", kHeader +
                                 "\"config\": {\"LOG_BLOK\": 4},\n"
                                 "\"program\": {\"file\": \"p.bin\"},\n"
                                 "\"regions\": [{\"name\": \"a\", \"address\": \"0x10z\", \"size\": 4},\n"
                                 " {\"name\": \"a\", \"address\": 4096, \"size\": 1, \"file\": \"p.bin\"}],\n"
                                 "\"expect\": [{\"region\": \"b\", \"file\": \"p.bin\"}]}");
  folder.write("p.bin", kFinish);
  const Output run = folder.tileloom({"run", "image.json"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.err,
            "image.json:2:24: unknown key \"LOG_BLOK\": did you mean 'LOG_BLOCK'?\n"
            "image.json:4:38: cannot read \"0x10z\" as a number: write an integer, or a text such as "
            "\"0x1000\"\n"
            "image.json:5:11: a second region called \"a\": names must be unique\n"
            "image.json:5:52: the file has 16 bytes, the region 1: make the region larger or the "
            "file shorter\n"
            "image.json:6:23: no region is called \"b\": did you mean 'a'?\n");
}

TEST(VtaCommands, ATruncatedProgramAndUnknownWordsAreReported) {
  const Folder folder;
  folder.write("image.json",
               kHeader + "\"program\": {\"file\": \"p.bin\", \"count\": 3}, \"regions\": []}");
  folder.write("p.bin", std::string(1, 7).append(kFinish, 1).append(kFinish).append(1, 3));
  const Output run = folder.tileloom({"run", "image.json"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.err,
            "image.json:2:21: the program has 33 bytes, no multiple of 16: the file is truncated or "
            "no program\n"
            "image.json:2:39: count is 3, but the file has 2 instructions: the file is truncated or "
            "the count is wrong\n"
            "p.bin: insn 0: unknown opcode 7: the words are 0x0000000000000007 "
            "0x0000000000000000\n");
}

}  // namespace
