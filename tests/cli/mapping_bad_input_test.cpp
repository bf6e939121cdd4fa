// Mappings that are none, end to end: the exact message, the exit code, and nothing written.

#include <gtest/gtest.h>

#include "program.hpp"

namespace {

/// Everything in DRAM, one point at a time, of a convolution of 576 points.
std::string mapping(const std::string& from = {}, const std::string& to = {}) {
  std::string text =
      "store I, W, O in DRAM\n"
      "for K in 1\n"
      "  for C in 1\n"
      "    for P in 1\n"
      "      for Q in 1\n"
      "        for R in 1\n"
      "          for S in 1\n"
      "            compute conv\n";
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return text;
}

Output evaluate(const Folder& folder, const std::string& mapping) {
  folder.write("conv.yaml", "name: conv\nconv: {K: 4, C: 2, P: 4, Q: 2, R: 3, S: 3}\n");
  folder.write("a.tree", mapping);
  return folder.tileloom({"evaluate", "--problem", "conv.yaml", "--arch", "unit", "--mapping",
                          "a.tree", "--json", "out.json"});
}

void expect_refused(const std::string& mapping, const std::string& message, int code = 2) {
  const Folder folder;
  const Output run = evaluate(folder, mapping);
  EXPECT_EQ(run.err, message);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(run.code, code);
  EXPECT_FALSE(folder.has("out.json"));
}

TEST(MappingBadInput, TheMappingOfTheseTestsIsGood) {
  const Folder folder;
  const Output run = evaluate(folder, mapping());
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_TRUE(folder.has("out.json"));
}

TEST(MappingBadInput, TilesThatDoNotCoverARank) {
  expect_refused(mapping("for C in 1", "for C in 2"),
                 "a.tree: rank C of conv is divided into tiles of 2 only: add a loop over C with "
                 "tile 1\n");
}

TEST(MappingBadInput, ATileLargerThanItsRank) {
  expect_refused(mapping("for K in 1", "for K in 9"),
                 "a.tree: 'for K in 9' has tile 9, but the rank has extent 4: use a tile of at "
                 "most 4\n"
                 "a.tree: rank K of conv is divided into tiles of 4 only: add a loop over K with "
                 "tile 1\n");
}

// All weights, 4 · 2 · 3 · 3 = 72 words of a byte, in a register file of 16 words: an answer, not a
// mistake.
TEST(MappingBadInput, ATileLargerThanItsMemory) {
  expect_refused(mapping("for K", "store W in Register\nfor K"),
                 "a.tree: Register holds 72 B of 16 B: W 72 B: store smaller tiles of W there, or "
                 "leave it out\n",
                 3);
}

TEST(MappingBadInput, ATensorThatIsNeverStored) {
  expect_refused(mapping("I, W, O", "I, W"),
                 "a.tree: O, an operand of conv, is never stored: store every tensor once above "
                 "all loops\n");
}

TEST(MappingBadInput, AnEmptyMapping) {
  expect_refused("",
                 "a.tree: the text holds no tree: end every path with 'compute OPERATOR', "
                 "'sequence' or 'parallel'\n");
}

}  // namespace
