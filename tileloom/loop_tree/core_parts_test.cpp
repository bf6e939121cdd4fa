// Stacks on several cores, and pipelines of them: which are legal, with the exact messages.

#include "tileloom/loop_tree/core_parts.hpp"

#include <gtest/gtest.h>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"

namespace tileloom::core_parts_test {
namespace {

constexpr TensorId kI{0}, kT{1}, kO{2};

/// a: T[n, p] = I[n, p], then b: O[n, p] = Σ_r T[n, p + r]: 3 images of 8 elements, sums of 5.
Workload layers() {
  const auto axis = [](std::int64_t extent) { return Axis{{{RankId{1}, 1}}, 0, extent}; };
  const Axis image{{{RankId{0}, 1}}, 0, 3};
  Workload workload;
  workload.tensors = {{"I", {3, 8}, 8, TensorKind::input},
                      {"T", {3, 8}, 8, TensorKind::intermediate},
                      {"O", {3, 4}, 8, TensorKind::output}};
  Operator a;
  a.name = "a";
  a.ranks = {{"N", 3}, {"P", 8}};
  a.inputs = {{kI, Role::input, {image, axis(8)}}};
  a.output = {kT, Role::output, {image, axis(8)}};
  a.function = PointFunction::copy;
  a.reduction = Reduction::none;
  Operator b;
  b.name = "b";
  b.ranks = {{"N", 3}, {"P", 4}, {"R", 5}};
  b.inputs = {{kT, Role::input, {image, {{{RankId{1}, 1}, {RankId{2}, 1}}, 0, 8}}}};
  b.output = {kO, Role::output, {image, axis(4)}};
  b.function = PointFunction::copy;
  workload.operators = {a, b};
  return workload;
}

/// DRAM, cores, a double-buffered memory of so many bytes in each.
Architecture machine(std::int64_t cores, std::int64_t bytes = 1024) {
  Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "Core", .capacity = Bits{8 * bytes}, .double_buffered = true});
  arch.axes.push_back({.name = "cores", .size = cores, .hop = {}, .below = 1, .core = true});
  return arch;
}

LoopTree tree(const std::string& text) {
  return parse_tree(text, "t", layers(), machine(2)).value();
}

std::string violations(const std::string& text, const Architecture& arch = machine(4)) {
  std::string all;
  for (const Violation& v : check(layers(), arch, tree(text))) all += v.what + ": " + v.hint + "\n";
  return all;
}

const std::string kChildren =
    "    sequence\n"
    "      then\n        for a.N in 1\n          for a.P in 1\n            compute a\n"
    "      then\n        for b.N in 1\n          for b.P in 1\n            for b.R in 1\n"
    "              compute b\n";

/// Both layers on cores that have 2 of b's 4 positions each, image by image.
std::string stack(const std::string& stores) {
  return "store I, O in DRAM\nspatial b.P in 2 on cores\n  for b.N in 1\n    " + stores + "\n" +
         kChildren;
}

TEST(CoreParts, EveryCoreHasItsShareOfTheLastOperator) {
  // Positions 0, 1 and 2, 3; with windows of 5 they read T 0 to 5 and 2 to 7.
  const LoopTree made = tree(stack("store I, T, O in Core keep same"));
  const std::vector<PathNode> homes(made.path.begin(), made.path.begin());
  std::vector<std::int64_t> offsets;
  const FusedStack whole = fused_stack(layers(), made, homes);
  EXPECT_TRUE(on_cores(whole));
  EXPECT_EQ(cores_of(layers(), whole), 2);
  for_each_core(layers(), whole, [&](const Workload& part, const FusedStack& mine) {
    EXPECT_FALSE(on_cores(mine));
    const Operator& b = part.operators[OperatorId{1}];
    EXPECT_EQ(b.rank(RankId{1}).extent, 2);
    offsets.push_back(b.output.axes[1].offset);
  });
  EXPECT_EQ(offsets, (std::vector<std::int64_t>{0, 2}));
}

TEST(CoreParts, AStackOnCoresIsLegal) {
  EXPECT_EQ(violations(stack("store I, T, O in Core keep same")), "");
}

TEST(CoreParts, ACoreHoldsItsOwnShareOnly) {
  // Twice the 6 elements of I, the 6 of T and the 2 of O that live while a (or b) runs.
  const std::string text = stack("store I, T, O in Core keep same");
  EXPECT_EQ(violations(text, machine(4, 28)), "");
  EXPECT_EQ(
      violations(text, machine(4, 27)),
      "a: Core holds 28 B of 27 B: T 12 B + O 4 B + I 12 B (each twice: double-buffered): store "
      "smaller tiles of T there, or leave it out\n");
}

TEST(CoreParts, WhatIsMadeAndReadInsideNeedsOneCopy) {
  EXPECT_EQ(violations(stack("store I, O in Core keep same\n    store T in Core keep same single"),
                       machine(4, 22)),
            "");
  EXPECT_EQ(violations(stack("store I, T, O in Core keep same single")),
            "'store O in Core' is single, but what it holds changes: only what stays, or is made "
            "and used inside, needs one copy\n"
            "'store I in Core' is single, but what it holds changes: only what stays, or is made "
            "and used inside, needs one copy\n");
}

TEST(CoreParts, LoopsOverCoresComeFirst) {
  EXPECT_EQ(violations("store I, O in DRAM\nfor b.N in 1\n  spatial b.P in 2 on cores\n"
                       "    store T in Core\n" +
                       kChildren),
            "'for N in 1' stands above 'spatial P in 2 on cores': loops over cores come first\n");
  EXPECT_EQ(violations("store I, O in DRAM\nstore T in Core\nspatial b.P in 2 on cores\n"
                       "  for b.N in 1\n" +
                       kChildren),
            "'store T in Core' stands above 'spatial P in 2 on cores': every core runs its share "
            "by itself: above the loop stands what the cores share\n");
}

TEST(CoreParts, SumsAreNotDivided) {
  for (const std::string loop : {"spatial b.R in 3 on cores", "spatial b.R in 1 on cores"}) {
    const std::string quoted = loop.substr(0, 8) + loop.substr(10);
    EXPECT_EQ(violations("store I, O in DRAM\n" + loop +
                         "\n  for b.N in 1\n    store T in Core\n" + kChildren),
              "'" + quoted + "' divides a sum among cores: loop over ranks of the output in space\n");
  }
}

TEST(CoreParts, CoresOfSeveralLevelsAreNotNumberedThrough) {
  const std::string text = "store I, O in DRAM\nspatial b.P in 1 on cores\n  for b.N in 1\n"
                           "    store T in Core\n" + kChildren;
  EXPECT_EQ(violations(text, machine(4)), "");
  Architecture arch = machine(2);
  arch.axes.push_back({.name = "more", .size = 2, .hop = {}, .below = 1, .core = true});
  EXPECT_EQ(violations(text, arch), "");
  arch.memories.push_back({.name = "Inner"});
  arch.axes[AxisId{1}].below = 2;
  EXPECT_EQ(violations(text, arch),
            "b: axis cores has 2 positions, but 'spatial P in 1 on cores' use 4: use larger tiles "
            "in space, or make a loop temporal\n");
}

TEST(CoreParts, ChildrenOfAParallelShareNoMemory) {
  EXPECT_EQ(violations("store I, T in DRAM\nparallel\n"
                       "  then\n    for a.N in 1\n      for a.P in 1\n        compute a\n"
                       "  then\n    store O in DRAM\n    for b.N in 1\n      for b.P in 1\n"
                       "        for b.R in 1\n          compute b\n"),
            "b: 'store O in DRAM' stands in one child of a parallel, but all of them share DRAM: "
            "store the tensor there above the parallel\n");
}

TEST(CoreParts, CoresAreCounted) {
  EXPECT_EQ(violations(stack("store T in Core"), machine(1)),
            "2 cores are used at the same time, but there are 1: run fewer children in parallel, "
            "or give each fewer cores\n");
}

const std::string kWriter = "  then\n    for a.N in 1\n      for a.P in 1\n        compute a\n";

TEST(CoreParts, APipelineHandsOnImageByImage) {
  const std::string homes = "store I, T, O in DRAM\nparallel\n";
  EXPECT_EQ(violations(homes + kWriter +
                       "  then\n    for b.N in 1\n      for b.P in 1\n        for b.R in 1\n"
                       "          compute b\n"),
            "");
  // b's stack on two cores of its own.
  EXPECT_EQ(violations(homes + kWriter +
                       "  then\n    spatial b.P in 2 on cores\n      for b.N in 1\n"
                       "        sequence\n          then\n            for b.P in 1\n"
                       "              for b.R in 1\n                compute b\n"),
            "");
  EXPECT_EQ(violations(homes + kWriter +
                       "  then\n    for b.P in 1\n      for b.N in 1\n        for b.R in 1\n"
                       "          compute b\n"),
            "b reads T, which a writes at the same time: compute producers before consumers\n");
  EXPECT_EQ(violations(homes +
                       "  then\n    for b.N in 1\n      for b.P in 1\n        for b.R in 1\n"
                       "          compute b\n" +
                       kWriter),
            "b reads T, which a writes at the same time: compute producers before consumers\n");
}

}  // namespace
}  // namespace tileloom::core_parts_test
