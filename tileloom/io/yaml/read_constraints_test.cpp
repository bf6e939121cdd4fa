#include "tileloom/io/yaml/read_constraints.hpp"

#include <gtest/gtest.h>

namespace tileloom {
namespace {

using mapper::Bound;

Architecture machine() {
  Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "Buffer", .holds = {true, false, true}});
  arch.axes.push_back({.name = "x", .size = 4, .below = 2});
  return arch;
}
const ConstraintNames kNames = {{"C", "K", "P"}, {"I", "W", "O"}};

std::string messages(const std::string& text) {
  const auto constraints = parse_constraints(text, "c.yaml", machine(), kNames);
  return constraints ? "" : to_string(constraints.error());
}

TEST(ReadConstraints, every_kind_of_rule) {
  const auto constraints = parse_constraints(
      "constraints:\n"
      "  - at: Buffer\n"
      "    tile: {K: 16, C: 4..64}\n"
      "    loops: {P: ..8}\n"
      "    order: [K, C]\n"
      "    keep: outputs\n"
      "    bypass: [inputs, I]\n"
      "  - at: x\n"
      "    only: [K, C]\n"
      "    loops: {K: 2..}\n"
      "    forbid: P\n",
      "c.yaml", machine(), kNames);
  ASSERT_TRUE(constraints) << to_string(constraints.error());
  const MemoryId buffer{1};
  const AxisId x{0};
  mapper::Constraints expected;
  expected.loops = {{buffer, "P", {1, 8}}, {x, "K", {2, Bound{}.most}}, {x, "P", {1, 1}}};
  expected.tiles = {{buffer, "K", {16, 16}}, {buffer, "C", {4, 64}}};
  expected.only = {{x, {"K", "C"}}};
  expected.orders = {{buffer, {"K", "C"}}};
  expected.stores = {
      {buffer, Role::output, true}, {buffer, Role::input, false}, {buffer, "I", false}};
  EXPECT_EQ(*constraints, expected);
}

TEST(ReadConstraints, unknown_names) {
  EXPECT_EQ(messages("constraints:\n  - at: Bufer\n"),
            "c.yaml:2:9: unknown memory or axis 'Bufer': did you mean 'Buffer'?\n");
  EXPECT_EQ(messages("constraints:\n  - at: x\n    forbid: [R]\n"),
            "c.yaml:3:14: unknown rank 'R': did you mean 'C'?\n");
  EXPECT_EQ(messages("constraints:\n  - at: Buffer\n    keep: input\n"),
            "c.yaml:3:11: unknown tensor 'input': did you mean 'inputs'?\n");
  EXPECT_EQ(
      messages("constraints:\n  - at: Buffer\n    bypass: everything\n"),
      "c.yaml:3:13: unknown tensor 'everything': write inputs, weights, outputs or the name of "
      "a tensor\n");
  EXPECT_EQ(messages("constraints:\n  - at: Buffer\n    tiles: {K: 1}\n"),
            "c.yaml:3:5: unknown key 'tiles' in the constraint: did you mean 'tile'?\n");
}

TEST(ReadConstraints, bounds_that_hold_nothing) {
  EXPECT_EQ(
      messages("constraints:\n  - at: x\n    loops: {K: 8..2}\n"),
      "c.yaml:3:16: 'K' is '8..2': no number is in it: write the smaller number first, such as "
      "4..64\n");
  EXPECT_EQ(messages("constraints:\n  - at: x\n    loops: {K: 0}\n"),
            "c.yaml:3:16: 'K' is 0: it must be at least 1\n");
}

TEST(ReadConstraints, what_cannot_be_obeyed) {
  EXPECT_EQ(
      messages("constraints:\n  - at: x\n    tile: {K: 4}\n"),
      "c.yaml:3:11: 'tile' stands at the axis 'x': it is for memories: an axis has loops, only "
      "and forbid\n");
  EXPECT_EQ(
      messages("constraints:\n  - at: Buffer\n    keep: weights\n"),
      "c.yaml:3:11: 'Buffer' cannot hold weights: add it to the 'holds' of the memory or drop "
      "the constraint\n");
  EXPECT_EQ(messages("constraints:\n  - at: Buffer\n    keep: inputs\n    bypass: inputs\n"),
            "c.yaml:4:13: inputs is both kept in and barred from 'Buffer': keep one of the two\n");
}

TEST(ReadConstraints, another_file) {
  EXPECT_EQ(messages("name: a\n"),
            "c.yaml:1:1: the file has no 'constraints': add 'constraints:' and a list of '- at: "
            "NAME'\n"
            "c.yaml:1:1: unknown key 'name' in the file: known: constraints\n");
}

}  // namespace
}  // namespace tileloom
