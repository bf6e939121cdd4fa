#include "tileloom/mapper/gamma/flexibility.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "tileloom/mapper/gamma/gamma.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::flexibility_test {
namespace {

const Constraints kNone;

Architecture machine(bool two_axes) {
  Architecture arch;
  arch.name = "small";
  arch.memories.push_back({.name = "DRAM", .read = {{200}, ""}, .write = {{200}, ""}});
  arch.memories.push_back(
      {.name = "L2", .capacity = Bits{8 * 8000}, .read = {{18.61}, ""}, .write = {{18.61}, ""}});
  arch.memories.push_back(
      {.name = "L1", .capacity = Bits{8 * 256}, .read = {{1.68}, ""}, .write = {{1.68}, ""}});
  if (two_axes) {
    arch.axes.push_back({.name = "x", .size = 16, .below = 2});
    arch.axes.push_back({.name = "y", .size = 16, .below = 2});
  } else {
    arch.axes.push_back({.name = "pe", .size = 256, .below = 2});
  }
  return arch;
}

Workload layer() {
  const ConvAxis axis{.output = 14, .filter = 3};
  return one_conv("l", {.in_channels = 64, .out_channels = 64, .axes = {axis, axis}}, {8, 8, 8, 8});
}

/// Ranks of the spatial loops, and the largest number of positions each takes.
std::vector<std::pair<std::string, std::int64_t>> spread(const Operator& op, const LoopTree& tree) {
  std::vector<std::pair<std::string, std::int64_t>> found;
  std::vector<std::int64_t> chunks;
  for (const Rank& rank : op.ranks) chunks.push_back(rank.extent);
  for (const PathNode& node : tree.path) {
    const Loop* loop = std::get_if<Loop>(&node);
    if (loop == nullptr) continue;
    std::int64_t& chunk = chunks[index(loop->rank)];
    if (loop->axis) found.emplace_back(op.rank(loop->rank).name, ceil_div(chunk, loop->tile));
    chunk = loop->tile;
  }
  return found;
}

TEST(GammaFlexibility, EveryOneOfTheSixteenClassesIsObeyed) {
  const Workload workload = layer();
  const Operator& op = workload.operators[OperatorId{0}];
  const Architecture arch = machine(false);
  for (int bits = 0; bits < 16; ++bits) {
    const std::string text = fmt::format("dla:{:04b}", bits);
    const Result<gamma::Machine> parsed = gamma::parse_machine(text);
    ASSERT_TRUE(parsed);
    const gamma::Restriction rules = gamma::restriction(parsed->dataflow, parsed->free, arch, op);
    const Problem problem{workload, OperatorId{0}, arch, {}, kNone};
    const MapResult result =
        GammaMapper({.dataflow = text}).map(problem, {.evaluations = 300}, nullptr);
    ASSERT_TRUE(result.tree) << text;
    EXPECT_TRUE(
        broken_rules(rules.constraints, workload, arch, OperatorId{0}, result.tree->path).empty())
        << text;
    EXPECT_EQ(rules.constraints.orders.empty(), parsed->free.order);
    EXPECT_EQ(rules.constraints.tiles.empty(), parsed->free.tile);
    const auto ranks = spread(op, *result.tree);
    if (!parsed->free.parallel) {
      for (const auto& [rank, positions] : ranks) EXPECT_TRUE(rank == "K" || rank == "C") << text;
    }
    if (!parsed->free.shape && !parsed->free.parallel) {
      for (const auto& [rank, positions] : ranks) {
        EXPECT_LE(positions, rank == "C" ? 64 : 4) << text;  // 256 PEs in clusters of 64
      }
    }
  }
}

TEST(GammaFlexibility, AFixedMachineIsNoFasterThanAFlexibleOne) {
  const Workload workload = layer();
  const Architecture arch = machine(false);
  const Problem problem{workload, OperatorId{0}, arch, {cost::Metric::latency, {}}, kNone};
  const auto cycles = [&](const std::string& dataflow) {
    const MapResult result =
        GammaMapper({.dataflow = dataflow}).map(problem, {.evaluations = 2000}, nullptr);
    return result.evaluation ? result.evaluation->latency.total.value : 0;
  };
  const std::int64_t free = cycles("");
  EXPECT_GE(cycles("dla"), free);
  EXPECT_GE(cycles("tpu"), free);
  // 14 output rows times 3 filter rows keep 42 of 256 PEs busy: 64 · 64 · 14 · 3 cycles.
  EXPECT_EQ(cycles("eyeriss"), 64 * 64 * 14 * 3);
}

TEST(GammaFlexibility, OnAMachineWithTwoAxesTheAxesAreTheLevels) {
  const Workload workload = layer();
  const Operator& op = workload.operators[OperatorId{0}];
  const gamma::Restriction rules = gamma::restriction(gamma::dataflows()[0], {}, machine(true), op);
  EXPECT_TRUE(rules.parts.empty());
  ASSERT_EQ(rules.constraints.only.size(), 2U);
  EXPECT_EQ(rules.constraints.only[0].ranks, std::vector<std::string>{"K"});
  EXPECT_EQ(rules.constraints.only[1].ranks, std::vector<std::string>{"C"});
}

TEST(GammaFlexibility, MistakesNameWhatThereIs) {
  EXPECT_EQ(to_string(gamma::parse_machine("dlaa").error()),
            "unknown dataflow 'dlaa': did you mean 'dla'?\n");
  EXPECT_EQ(to_string(gamma::parse_machine("dla:12").error()),
            "'12' is no class of flexibility: write four digits 0 (fixed) or 1 (free): order, "
            "parallel ranks, shape, tiles\n");
}

}  // namespace
}  // namespace tileloom::mapper::flexibility_test
