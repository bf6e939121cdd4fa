#include "tileloom/loop_tree/text.hpp"

#include <gtest/gtest.h>

namespace tileloom::text_test {
namespace {

constexpr OperatorId kConv{0}, kRelu{1};
constexpr TensorId kI{0}, kW{1}, kT{2};
constexpr MemoryId kDram{0}, kBuffer{1};

Operator named(const std::string& name, const std::vector<std::string>& ranks) {
  Operator op;
  op.name = name;
  for (const std::string& rank : ranks) op.ranks.push_back({rank, 16});
  return op;
}

Workload one_operator() {
  Workload workload;
  workload.tensors = {{"I", {}}, {"W", {}}, {"O", {}}};
  workload.operators = {named("conv1", {"K", "C"})};
  return workload;
}

/// Names as models have them.
Workload two_operators() {
  Workload workload;
  workload.tensors = {{"input 0", {}}, {"w.1", {}}, {"/block/T", {}}};
  workload.operators = {named("/block/Conv", {"K", "C"}), named("relu.1", {"K"})};
  return workload;
}

Architecture machine() {
  Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "GlobalBuffer"});
  arch.axes.push_back({.name = "pe", .size = 4, .hop = {}});
  return arch;
}

Loop loop(OperatorId op, std::uint16_t rank, std::int64_t tile) {
  return {op, static_cast<RankId>(rank), tile, std::nullopt};
}

std::string mistakes(const std::string& text, const Workload& workload = one_operator()) {
  const Result<LoopTree> tree = parse_tree(text, "t", workload, machine());
  return tree ? "none" : to_string(tree.error());
}

TEST(TreeText, APathIsPrintedWithOneLinePerLoopAndPerGroupOfStores) {
  Loop spatial = loop(kConv, 1, 4);
  spatial.axis = AxisId{0};
  const LoopTree tree{{Store{kI, kDram}, Store{kW, kDram}, Store{kT, kDram}, loop(kConv, 0, 16),
                       Store{kW, kBuffer, Keep::same}, Store{kI, kBuffer}, spatial},
                      ComputeLeaf{kConv}};
  const std::string text =
      "store I, W, O in DRAM\n"
      "for K in 16\n"
      "  store W in GlobalBuffer keep same\n"
      "  store I in GlobalBuffer\n"
      "  spatial C in 4 on pe\n"
      "    compute conv1\n";
  EXPECT_EQ(print_tree(one_operator(), machine(), tree), text);
  EXPECT_EQ(parse_tree(text, "t", one_operator(), machine()).value(), tree);
}

TEST(TreeText, ABranchingHasOneThenPerChildAndOddNamesAreQuoted) {
  const LoopTree conv{{loop(kConv, 0, 1)}, ComputeLeaf{kConv}};
  const LoopTree relu{{Store{kT, kBuffer}}, Parallel{{{{}, ComputeLeaf{kRelu}}}}};
  const LoopTree tree{{Store{kI, kDram}, Store{kW, kDram}}, Sequence{{conv, relu}}};
  const std::string text =
      "store \"input 0\", w.1 in DRAM\n"
      "sequence\n"
      "  then\n"
      "    for /block/Conv.K in 1\n"
      "      compute /block/Conv\n"
      "  then\n"
      "    store /block/T in GlobalBuffer\n"
      "    parallel\n"
      "      then\n"
      "        compute relu.1\n";
  EXPECT_EQ(print_tree(two_operators(), machine(), tree), text);
  EXPECT_EQ(parse_tree(text, "t", two_operators(), machine()).value(), tree);
}

TEST(TreeText, AnyBytesInANameComeBack) {
  for (const std::string& name :
       std::vector<std::string>{"", "a.b", ".a", "b..c", "d.", "a\"b\\", "two\nlines\t", "#5", "in",
                                "store", "caf\xc3\xa9", std::string("\0\x7f", 2)}) {
    Workload workload = one_operator();
    workload.tensors[kI].name = name;
    workload.operators[kConv].name = name;
    workload.operators[kConv].ranks[0].name = name;
    const LoopTree tree{{Store{kI, kDram}, loop(kConv, 0, 3)}, ComputeLeaf{kConv}};
    const std::string text = print_tree(workload, machine(), tree);
    const Result<LoopTree> read = parse_tree(text, "t", workload, machine());
    ASSERT_TRUE(read) << text << to_string(read.error());
    EXPECT_EQ(*read, tree) << text;
  }
}

TEST(TreeText, CommentsEmptyLinesAndWindowsLineEndsAreFine) {
  EXPECT_EQ(mistakes("# weights first\r\n\r\nstore W in DRAM # home\r\ncompute conv1"), "none");
}

TEST(TreeText, AllMistakesAreReportedAtOnceInTheirOrder) {
  EXPECT_EQ(
      mistakes("store I, X in DRAM\n"
               "for Q in 4\n"
               "  stor W in GlobalBuffer\n"
               "  store W in GlobalBufer keep some\n"
               "  for K in 0\n"
               "    spatial C in 4 at pe\n"
               "      compute conv\n"),
      "t:1:10: no tensor 'X': did you mean 'I'?\n"
      "t:2:5: no rank of operator conv1: 'Q': did you mean 'K'?\n"
      "t:3:3: no statement 'stor': did you mean 'store'?\n"
      "t:4:14: no memory 'GlobalBufer': did you mean 'GlobalBuffer'?\n"
      "t:4:31: expected 'overlap' or 'same', found 'some': overlap keeps what the old and the "
      "new box share, same keeps only a box that does not change\n"
      "t:5:12: tile 0 is not positive: a tile is at least 1\n"
      "t:6:20: expected 'on', found 'at': write spatial RANK in TILE on AXIS\n"
      "t:7:15: no operator 'conv': did you mean 'conv1'?\n");
}

TEST(TreeText, TilesAreIntegersOf64Bits) {
  EXPECT_EQ(mistakes("for K in 4x\n  for C in 99999999999999999999\n    compute conv1\n"),
            "t:1:10: tile '4x' is not an integer: write for RANK in TILE\n"
            "t:2:12: tile 99999999999999999999 does not fit into 64 bits: a tile is at most the "
            "extent of its rank\n");
}

TEST(TreeText, ARankOfOneOfSeveralOperatorsNamesItsOperator) {
  EXPECT_EQ(mistakes("for K in 4\n  compute relu.1\n", two_operators()),
            "t:1:5: rank 'K' without its operator: write OPERATOR.K\n");
  EXPECT_EQ(mistakes("for relu.1.K in 4\n  compute relu.1\n", two_operators()), "none");
  EXPECT_EQ(mistakes("for relu.K in 4\n  compute relu.\n", two_operators()),
            "t:1:5: no operator 'relu': known: /block/Conv, relu.1\n"
            "t:2:16: expected a name after the dot, found the end of the line: write compute "
            "OPERATOR\n");
}

TEST(TreeText, IndentationMustSayTheSameAsTheStatements) {
  EXPECT_EQ(mistakes("for K in 4\ncompute conv1\n"),
            "t:2:1: indented by 0 spaces below a loop indented by 0: what a loop repeats is "
            "indented more than the loop\n");
  EXPECT_EQ(mistakes("store I in DRAM\n  compute conv1\n"),
            "t:2:3: indented by 2 spaces below a store indented by 0: what follows a store is "
            "indented like the store\n");
  EXPECT_EQ(mistakes("for K in 4\n\tcompute conv1\n"),
            "t:2:1: character 0x09: indent and separate by spaces\n");
}

TEST(TreeText, EveryPathEndsOnce) {
  EXPECT_EQ(mistakes(""),
            "t: the text holds no tree: end every path with 'compute OPERATOR', 'sequence' or "
            "'parallel'\n");
  EXPECT_EQ(mistakes("for K in 4\n"),
            "t:1:1: the path ends here without a leaf: end every path with 'compute OPERATOR', "
            "'sequence' or 'parallel'\n");
  EXPECT_EQ(mistakes("compute conv1\ncompute conv1\n"),
            "t:2:1: a statement after the end of its path: children of a sequence stand each below "
            "a 'then' of their own\n");
  EXPECT_EQ(mistakes("sequence\n  compute conv1\n  then\n"),
            "t:2:3: a child without 'then': write 'then' and indent the child below it\n"
            "t:3:3: 'then' with nothing below it: end every path with 'compute OPERATOR', "
            "'sequence' or 'parallel'\n");
  EXPECT_EQ(mistakes("sequence\n"),
            "t:1:1: no children: write each child below an indented 'then'\n");
  EXPECT_EQ(mistakes("then\n  compute conv1\n"),
            "t:1:1: 'then' outside a sequence or parallel: 'then' starts a child and is indented "
            "more than its 'sequence' or 'parallel'\n");
}

TEST(TreeText, NestingIsBounded) {
  std::string text;
  for (std::size_t depth = 0; depth < 70; ++depth) {
    text += std::string(2 * depth, ' ') + "sequence\n" + std::string(2 * depth + 1, ' ') + "then\n";
  }
  EXPECT_EQ(mistakes(text), "t:129:129: more than 64 sequences inside each other: use fewer\n");
}

}  // namespace
}  // namespace tileloom::text_test
