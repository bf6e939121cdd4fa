// Promise of exact's proof: whatever another search finds under the same constraints, it is no
// better.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/mapper/registry.hpp"
#include "tileloom/support/effort_test.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper {
namespace {

/// Three memories that hold what chance allows, an axis of 2 to 6 positions above each inner one.
Architecture random_machine(Random& random) {
  Architecture arch;
  arch.name = "random";
  for (int m = 0; m < 3; ++m) {
    Memory memory;
    memory.name = fmt::format("M{}", m);
    if (m > 0) memory.capacity = Bits{8 * random.between(6, 200) / m};
    memory.read.value.value = static_cast<double>(random.between(1, 60)) / (m * m + 1);
    memory.write.value.value = static_cast<double>(random.between(1, 60)) / (m * m + 1);
    if (random.below(2) == 0) memory.ports.read = static_cast<double>(random.between(4, 32));
    if (m > 0) {
      for (bool& holds : memory.holds) holds = random.below(4) != 0;
    }
    arch.memories.push_back(memory);
  }
  for (std::size_t below = 1; below <= 2; ++below) {
    SpatialAxis axis;
    axis.name = fmt::format("a{}", below);
    axis.size = random.between(2, 6);
    axis.below = below;
    axis.multicast = random.below(3) != 0;
    axis.reduce = random.below(3) != 0;
    arch.axes.push_back(axis);
  }
  arch.compute.mac.value.value = 1;
  return arch;
}

Workload random_work(Random& random) {
  if (random.below(2) == 0) {
    return one_matmul(
        "mm", {.m = random.between(1, 12), .n = random.between(1, 8), .k = random.between(1, 12)},
        {8, 8, 8, 16});
  }
  const ConvAxis axis{.output = random.between(2, 8),
                      .filter = random.between(1, 3),
                      .stride = random.between(1, 2)};
  return one_conv(
      "conv",
      {.in_channels = random.between(1, 4), .out_channels = random.between(1, 4), .axes = {axis}},
      {8, 8, 8, 16});
}

/// Sometimes a rule: a memory that a role must or must not use.
Constraints random_rules(Random& random, const Architecture& arch) {
  Constraints rules;
  if (random.below(2) == 0) {
    const MemoryId memory{static_cast<MemoryId>(random.between(1, 2))};
    const Role role = static_cast<Role>(random.below(3));
    const bool holds = arch.memories[memory].holds[static_cast<std::size_t>(role)];
    rules.stores.push_back({memory, role, holds && random.below(2) == 0});
  }
  return rules;
}

TEST(Rivals, NoMappingFoundByAnySearchBeatsAProvedOptimum) {
  constexpr int kProblems = effort(60);
  Random random(20);
  int proved = 0;
  int reached = 0;
  for (int i = 0; i < kProblems; ++i) {
    const Architecture arch = random_machine(random);
    const Workload workload = random_work(random);
    const Constraints rules = random_rules(random, arch);
    const cost::Objective objective{static_cast<cost::Metric>(random.below(3)), std::nullopt};
    const Problem problem{workload, OperatorId{0}, arch, objective, rules};
    const MapResult best =
        (*make_mapper("exact", {}))->map(problem, {.evaluations = 100'000}, nullptr);
    if (best.proof != Proof::optimal) continue;
    ++proved;
    const double floor =
        cost::score(objective, best.evaluation->latency.total, best.evaluation->energy).first;
    for (const char* name : {"random", "timeloop_random", "timeloop_hybrid"}) {
      const MapResult rival =
          (*make_mapper(name, {}))
              ->map(problem, {.evaluations = 2000, .seed = 1 + random.below(9)}, nullptr);
      if (!rival.evaluation) continue;
      const double found =
          cost::score(objective, rival.evaluation->latency.total, rival.evaluation->energy).first;
      EXPECT_GE(found, floor * (1 - 1e-9)) << name << " on problem " << i;
      if (found <= floor * (1 + 1e-9)) ++reached;
    }
  }
  // Or else the comparison would say nothing.
  EXPECT_GE(proved, kProblems / 2);
  EXPECT_GE(reached, proved / 4);
}

// 131 output channels on 32 x 32 lanes. A genetic search found the mapping below, 5 % less energy
// than where descents from the best perfect mapping end.
TEST(Rivals, ImperfectAnswersAreNoDearerThanAMappingThatGammaFound) {
  const Workload workload =
      one_conv("conv",
               {.in_channels = 112,
                .out_channels = 131,
                .axes = {ConvAxis{.output = 15}, ConvAxis{.output = 15}}},
               {8, 8, 8, 16});
  const Result<Architecture> arch =
      load_architecture(std::string(TILELOOM_SOURCE_DIR) + "/archs/tpu_like.yaml");
  ASSERT_TRUE(arch);
  const Operator& op = workload.operators[OperatorId{0}];
  const auto rank = [&](const char* name) {
    return static_cast<RankId>(std::ranges::find(op.ranks, name, &Rank::name) - op.ranks.begin());
  };
  const auto store = [&](std::size_t tensor, std::size_t memory) {
    return Store{static_cast<TensorId>(tensor), static_cast<MemoryId>(memory)};
  };
  const auto loop = [&](const char* name, std::int64_t tile, std::optional<AxisId> axis = {}) {
    return Loop{OperatorId{0}, rank(name), tile, axis};
  };
  const std::vector<PathNode> path{store(0, 0),
                                   store(1, 0),
                                   store(2, 0),
                                   store(0, 1),
                                   loop("K", 27),
                                   loop("Q", 1),
                                   loop("P", 1),
                                   loop("K", 1, AxisId{0}),
                                   loop("C", 4, AxisId{1}),
                                   store(2, 2),
                                   store(1, 3),
                                   loop("C", 1)};
  ASSERT_TRUE(check(workload, *arch, LoopTree{path, ComputeLeaf{OperatorId{0}}}).empty());
  const double energy = cost::evaluate(op, *arch, path).energy.value;
  MapperOptions options;
  options.imperfect = true;
  const Constraints none;
  const MapResult found =
      (*make_mapper("exact", options))
          ->map({workload, OperatorId{0}, *arch, {cost::Metric::energy, {}}, none},
                {.evaluations = 300'000, .threads = 1}, nullptr);
  ASSERT_TRUE(found.evaluation);
  EXPECT_LE(found.evaluation->energy.value, energy * (1 + 1e-9));
  EXPECT_LE(found.lower_bound.first, energy * (1 + 1e-9));
  EXPECT_LE(found.evaluations, 300'000);
}

// 9 memories: the lists of one choice alone would take the budget before help is asked for, which
// left an answer of 16 times the least. That keeps all 32 x 8 x 4 lanes at work.
TEST(Rivals, OneChoiceDoesNotTakeTheBudgetBeforeHelpIsAskedFor) {
  const Workload workload = one_matmul("product", {.m = 1024, .n = 3072, .k = 768}, {8, 8, 8, 16});
  const Result<Architecture> arch =
      load_architecture(std::string(TILELOOM_SOURCE_DIR) + "/archs/tesla_npu_like_df.yaml");
  ASSERT_TRUE(arch);
  const Constraints none;
  const MapResult found =
      (*make_mapper("exact", {}))
          ->map({workload, OperatorId{0}, *arch, {cost::Metric::latency, {}}, none},
                {.evaluations = 300'000, .threads = 1}, nullptr);
  ASSERT_TRUE(found.evaluation);
  EXPECT_EQ(found.evaluation->latency.total.value, 1024 / (32 * 8 * 4) * 3072 * 768);
  EXPECT_EQ(found.proof, Proof::optimal);
}

// A product of two numbers: one point, no loop. Genomes had no place for a rank and were read out of
// bounds.
TEST(Rivals, EveryMapperMapsAnOperatorWithoutRanks) {
  Workload workload;
  for (const char* name : {"A", "B", "O"}) workload.tensors.push_back({.name = name, .bits = 8});
  Operator op;
  op.name = "product";
  op.function = PointFunction::multiply;
  op.inputs = {{.tensor = TensorId{0}, .role = Role::input}, {.tensor = TensorId{1}, .role = Role::weight}};
  op.output = {.tensor = TensorId{2}, .role = Role::output};
  workload.operators.push_back(op);
  Architecture arch;
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "L1", .capacity = Bits{64}});
  for (Memory& memory : arch.memories) memory.read.value.value = memory.write.value.value = 1;
  arch.axes.push_back({.name = "pe", .size = 4, .below = 1});
  const Constraints none;
  Budget budget;
  budget.evaluations = 50;
  for (const MapperEntry& entry : mappers()) {
    const auto mapper = make_mapper(entry.name, {});
    const MapResult found =
        (*mapper)->map({workload, OperatorId{0}, arch, {cost::Metric::energy, {}}, none}, budget, {});
    ASSERT_TRUE(found.tree) << entry.name;
    EXPECT_TRUE(std::ranges::none_of(found.tree->path, [](const PathNode& node) {
      return std::holds_alternative<Loop>(node);
    })) << entry.name;
    EXPECT_TRUE(check(workload, arch, *found.tree).empty()) << entry.name;
  }
}

}  // namespace
}  // namespace tileloom::mapper
