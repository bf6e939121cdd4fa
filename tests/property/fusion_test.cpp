// scheduler/exact on random small networks and machines: as good as trying everything in its space,
// never worse than layer by layer, legal, and right in what it computes.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <set>
#include <tuple>

#include "every_schedule.hpp"
#include "random_mapper.hpp"
#include "small_machine.hpp"
#include "stack_computes.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/interpret_tree.hpp"
#include "tileloom/reference/random_tree.hpp"
#include "tileloom/scheduler/chains.hpp"
#include "tileloom/scheduler/exact/exact.hpp"
#include "tileloom/scheduler/exact/single_choice.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"
#include "tileloom/scheduler/layer_by_layer/layer_by_layer.hpp"

namespace tileloom::scheduler {
namespace {

constexpr int kCases = TILELOOM_PROPERTY_CASES >= 20000 ? 300 : 12;

/// The buffer no longer holds weights: every run fetches them from outside.
void weights_only_outside(Architecture& arch) {
  arch.memories[MemoryId{1}].holds[static_cast<std::size_t>(Role::weight)] = false;
}

TEST(Fusion, IsAsGoodAsTryingEverythingAndComputesTheNetwork) {
  Random random(404);
  int fused = 0;
  int near = 0;
  const mapper::Constraints none;
  const std::unique_ptr<mapper::Mapper> mapper = random_mapper();
  for (int i = 0; i < kCases;) {
    const Workload workload = random_network(random);
    Architecture arch = small_machine(random);
    if (workload.operators.size() > 5) continue;
    if (++i % 4 == 0) weights_only_outside(arch);
    const cost::Metric metric = static_cast<cost::Metric>(i % 3);
    const NetworkProblem problem{workload, arch, {metric, {}}, none};
    Budget budget;
    budget.evaluations = 20;
    budget.threads = 1;
    const Schedule alone = layer_by_layer(problem, *mapper, "random", budget, nullptr, {});
    // Stacks of two, so that many are neighbours, wherever boundaries may lie near.
    const bool may_near = i % 2 == 0;
    const std::size_t deepest = may_near ? 2 : 4;
    const ExactFusionOptions options{.deepest = deepest,
                                     .run_evaluations = 20,
                                     .patience = kAllOfThem,
                                     .each_edge = false,
                                     .near_boundaries = may_near};
    const FusedSchedule found = exact_fusion(problem, *mapper, alone, options, budget, {});
    if (!found.tree) continue;  // an operator without a mapping
    const std::string text = print_tree(workload, arch, *found.tree);

    const exact::StackMemories memories = *exact::stack_memories(arch);
    exact::RunMapper runs(problem, *mapper, budget, memories);
    const exact::StackSpace space(problem, memories, runs);
    const auto tried = [&](const exact::Range& range) { return space.tilings().tilings(range); };
    std::vector<std::vector<exact::SingleChoice>> singles;
    if (may_near) singles = exact::near_singles(problem, *mapper, budget, memories, space);
    const cost::Score best = EverySchedule(problem, alone, space, options, singles, tried).best();
    const cost::Score mine = cost::score(problem.objective, found.latency, found.energy);
    ASSERT_NEAR(mine.first, best.first, 1e-9 * best.first) << "case " << i << "\n" << text;
    ASSERT_LE(mine.first,
              cost::score(problem.objective, alone.latency, alone.energy).first * (1 + 1e-12));

    if (i % 3 == 0) {
      const ExactFusionOptions edges{.deepest = deepest,
                                     .run_evaluations = 20,
                                     .patience = kAllOfThem,
                                     .each_edge = true,
                                     .near_boundaries = may_near};
      const FusedSchedule each_edge = exact_fusion(problem, *mapper, alone, edges, budget, {});
      const cost::Score finer = cost::score(problem.objective, each_edge.latency, each_edge.energy);
      ASSERT_LE(finer.first, mine.first * (1 + 1e-12)) << "case " << i << "\n" << text;
      ASSERT_TRUE(each_edge.reasons.empty()) << "case " << i << each_edge.reasons.front();
      const cost::Score finest = EverySchedule(problem, alone, space, edges, singles, tried).best();
      ASSERT_NEAR(finer.first, finest.first, 1e-9 * finest.first) << "case " << i << "\n" << text;
    }

    const bool is_near = std::ranges::any_of(found.tree->path, [](const PathNode& node) {
      return std::get<Store>(node).memory != MemoryId{0};
    });
    ASSERT_TRUE(found.reasons.empty()) << "case " << i << found.reasons.front() << "\n" << text;
    ASSERT_GE(found.latency.value, found.bound.latency.value) << text;
    ASSERT_GE(found.energy.value, found.bound.energy.value * (1 - 1e-12)) << text;
    near += is_near ? 1 : 0;
    if (i % 5 != 0 && !is_near) continue;  // the slow part
    const reference::TensorValues values = reference::sample_values(workload);
    const reference::TensorValues truth = reference::evaluate_workload(workload, values);
    const reference::TreeInterpretation run =
        reference::interpret_tree(workload, arch, *found.tree, values);
    for (const TensorId id : ids<TensorId>(workload.tensors.size())) {
      if (workload.tensors[id].kind != TensorKind::output) continue;
      ASSERT_EQ(run.tensors.at(id), truth.at(id)) << "case " << i << "\n" << text;
    }
    fused += run.stacks.empty() ? 0 : 1;
  }
  EXPECT_GT(fused, kCases / 20);
  EXPECT_GE(near, kCases / 100);
}

/// Attention over tiles of heads and of queries with whole rows of scores, products over tiles of
/// rows and of the width between them: none beats its bound, and all compute the network.
TEST(Fusion, EveryTilingOfAttentionAndOfProductsComputesTheNetwork) {
  Random random(11);
  const mapper::Constraints none;
  const std::unique_ptr<mapper::Mapper> mapper = random_mapper();
  Budget budget;
  budget.evaluations = 20;
  std::map<std::string, int> tiled;
  int made = 0;
  for (int i = 0; i < 16; ++i) {
    const Workload workload = i % 2 == 0 ? small_attention(random, i % 4 == 0) : small_mlp(random);
    Architecture arch = small_machine(random);
    arch.memories[MemoryId{1}].capacity = Bits{random.between(600, 6000)};
    const NetworkProblem problem{workload, arch, {cost::Metric::edp, {}}, none};
    exact::RunMapper runs(problem, *mapper, budget, *exact::stack_memories(arch));
    const exact::StackSpace space(problem, *exact::stack_memories(arch), runs);
    const exact::Range all{0, workload.operators.size() - 1};
    for (const exact::Tiling& tiling : space.tilings().tilings(all)) {
      const std::optional<exact::StackChoice> bound = space.bound(all, tiling);
      const std::vector<exact::StackChoice> choices = space.costs(all, tiling);
      if (choices.empty()) continue;
      const exact::StackChoice& choice = choices.front();
      ASSERT_TRUE(bound);
      ASSERT_EQ(bound->tiling.loops, choice.tiling.loops);
      ASSERT_LE(bound->latency, choice.latency);
      ASSERT_LE(bound->energy.value, choice.energy.value * (1 + 1e-12));
      ASSERT_LE(bound->home_bits, choice.home_bits * (1 + 1e-9));
      // Runs may want more room than is known before they are mapped.
      if (bound->tiling == choice.tiling) {
        ASSERT_NEAR(bound->home_bits, choice.home_bits, 1e-9 * choice.home_bits);
      }
      const Operator& last = workload.operators[static_cast<OperatorId>(all.last)];
      for (const exact::TileLoop& loop : tiling.loops) ++tiled[last.rank(loop.rank).name];
      if (made++ % 4 == 0) expect_computes(problem, space, all, choice.tiling);
    }
  }
  EXPECT_GT(made, 100);
  for (const char* rank : {"b", "m", "s", "h", "n"}) EXPECT_GT(tiled[rank], 0) << rank;
}

/// T1[k, p] = Σ I[c, p + r] · W, T2[k, p] = Σ T1[c, p + r] · W and so on, all filters of 3, with so
/// many channels each; `size` elements per channel in the last.
Workload convolutions(const std::vector<std::int64_t>& channels, std::int64_t size) {
  const auto plain = [](std::uint32_t rank, std::int64_t extent) {
    return Axis{{{static_cast<RankId>(rank), 1}}, 0, extent};
  };
  const auto layers = static_cast<std::uint32_t>(channels.size()) - 1;
  Workload workload;
  workload.tensors = {{"I", {channels[0], size + 2 * layers}, 8, TensorKind::input}};
  for (std::uint32_t i = 0; i < layers; ++i) {
    const std::int64_t in = channels[i];
    const std::int64_t out = channels[i + 1];
    const std::int64_t length = size + 2 * (layers - 1 - i);
    const TensorKind kind = i + 1 == layers ? TensorKind::output : TensorKind::intermediate;
    workload.tensors.push_back({fmt::format("W{}", i), {out, in, 3}, 8, TensorKind::constant});
    workload.tensors.push_back({fmt::format("T{}", i + 1), {out, length}, 8, kind});
    Operator op;
    op.name = fmt::format("conv{}", i);
    op.ranks = {{"K", out}, {"P", length}, {"C", in}, {"R", 3}};
    const Axis window{{{RankId{1}, 1}, {RankId{3}, 1}}, 0, length + 2};
    op.inputs = {{TensorId{2 * i}, Role::input, {plain(2, in), window}},
                 {TensorId{2 * i + 1}, Role::weight, {plain(0, out), plain(2, in), plain(3, 3)}}};
    op.output = {TensorId{2 * i + 2}, Role::output, {plain(0, out), plain(1, length)}, 8, 8};
    workload.operators.push_back(op);
  }
  return workload;
}

/// Two convolutions of 4 channels over 60 and 58 positions; a buffer for half of what lies between.
TEST(Fusion, StacksNeedNoMemoryOfWeightsThatAllLanesShare) {
  const Workload workload = convolutions({4, 4, 4}, 58);
  const mapper::Constraints none;
  const std::unique_ptr<mapper::Mapper> mapper = random_mapper();
  Budget budget;
  budget.evaluations = 100;
  Random random(5);
  Architecture arch = small_machine(random);
  arch.memories[MemoryId{1}].capacity = Bits{4 * 30 * 8};
  weights_only_outside(arch);
  const NetworkProblem problem{workload, arch, {cost::Metric::energy, {}}, none};
  const Schedule alone = layer_by_layer(problem, *mapper, "random", budget, nullptr, {});
  const FusedSchedule found = exact_fusion(problem, *mapper, alone, {}, budget, {});
  ASSERT_EQ(found.parts.size(), 1);
  EXPECT_LT(found.energy, alone.energy);
  EXPECT_TRUE(found.reasons.empty());
}

/// The fourth of four convolutions has the widest tiles: while it runs, halos of the first and the
/// second are kept. At one tile, between the capacities that hold all halos and none, some are
/// kept, and that is cheaper than keeping none.
TEST(Fusion, OverlapsOfSingleEdgesPayWhereNotAllHalosFit) {
  const Workload workload = convolutions({1, 8, 1, 16, 4}, 24);
  const mapper::Constraints none;
  const std::unique_ptr<mapper::Mapper> mapper = random_mapper();
  Budget budget;
  budget.evaluations = 20;
  Random random(3);
  Architecture arch = small_machine(random);
  const auto first_of = [](const std::vector<exact::StackChoice>& choices) {
    return choices.empty() ? std::nullopt : std::optional(choices.front());
  };
  const auto count = [](const exact::StackChoice& choice) {
    return std::popcount(choice.tiling.streamed);
  };
  int better = 0;
  for (std::int64_t bits = 400; bits <= 9000; bits += 16) {
    arch.memories[MemoryId{1}].capacity = Bits{bits};
    const NetworkProblem problem{workload, arch, {cost::Metric::energy, {}}, none};
    exact::RunMapper runs(problem, *mapper, budget, *exact::stack_memories(arch));
    const exact::StackSpace space(problem, *exact::stack_memories(arch), runs);
    const exact::Range all{0, 3};
    exact::Tiling tiling{{{RankId{1}, 6}}, exact::Overlap::row};
    const std::optional<exact::StackChoice> kept = first_of(space.costs(all, tiling));
    if (kept && kept->tiling.streamed == 0) break;
    const std::vector<exact::Tiling> less = space.tilings().keeping_less(all, tiling);
    ASSERT_EQ(less.size(), 3);  // T1 to T3 are read by windows
    tiling.overlap = exact::Overlap::recompute;
    const std::optional<exact::StackChoice> again = first_of(space.costs(all, tiling));
    if (!again) continue;
    for (const exact::Tiling& other : less) {
      const std::optional<exact::StackChoice> some = first_of(space.costs(all, other));
      if (!some || count(*some) > count(*again)) continue;
      if (kept && count(*kept) <= count(*some)) continue;
      better += some->energy < again->energy ? 1 : 0;
    }
  }
  EXPECT_GT(better, 0);
}

/// Chains of three cuts with shares by hand: 1+1+1, 2+0.5, 4.
TEST(Fusion, AnAimComesBeforeLatencyAndEnergy) {
  const auto step = [](std::size_t from, std::size_t to, std::int64_t cycles, double aimed) {
    return chains::Step{from, to, {cycles}, {1}, std::nullopt, aimed};
  };
  const std::vector<chains::Step> steps{step(0, 1, 1, 1), step(1, 2, 1, 1),   step(2, 3, 1, 1),
                                        step(0, 2, 9, 2), step(2, 3, 9, 0.5), step(0, 3, 1, 4)};
  const auto cycles = [&](chains::Aim aim) {
    std::int64_t sum = 0;
    for (const chains::Step& best :
         chains::best_chain(3, chains::best_in_aim(3, steps, aim), {cost::Metric::latency, {}}))
      sum += best.latency.value;
    return sum;
  };
  EXPECT_EQ(cycles(chains::Aim::none), 1);           // the one step of 1 cycle
  EXPECT_EQ(cycles(chains::Aim::dram_traffic), 11);  // 1 + 1 + 0.5, in 1 + 1 + 9 cycles
  EXPECT_EQ(cycles(chains::Aim::peak_memory), 3);    // no share above 1, in 1 + 1 + 1 cycles
}

}  // namespace
}  // namespace tileloom::scheduler
