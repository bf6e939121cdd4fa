#include "tileloom/scheduler/dlfusion/block_tree.hpp"

#include <gtest/gtest.h>

#include "awkward_problem_test.hpp"
#include "random_graph_test.hpp"
#include "tileloom/loop_tree/core_parts.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/evaluate_operator.hpp"
#include "tileloom/reference/interpret_tree.hpp"
#include "tileloom/scheduler/dlfusion/optimum.hpp"
#include "tileloom/scheduler/dlfusion/rivals.hpp"
#include "tileloom/support/effort_test.hpp"
#include "tileloom/workload/repeat.hpp"

namespace tileloom::scheduler {
namespace {

/// DRAM, cores, a double-buffered memory in each, four lanes.
Architecture small_cores(std::int64_t cores, std::int64_t bytes) {
  Architecture arch;
  arch.name = "small";
  arch.memories = {{.name = "DRAM"}, {.name = "Core", .capacity = Bits{8 * bytes}}};
  arch.memories[MemoryId{0}].ports.shared = 16;
  arch.memories[MemoryId{1}].double_buffered = true;
  SpatialAxis axis{.name = "cores", .size = cores, .multicast = false, .below = 1, .core = true};
  arch.axes.push_back(axis);
  axis = {.name = "k", .size = 2, .below = 2, .unroll = Unroll::output_channels};
  arch.axes.push_back(axis);
  arch.axes.push_back({.name = "c", .size = 2, .below = 2, .unroll = Unroll::input_channels});
  arch.launch_cycles = 20;
  arch.sync_cycles = 5;
  return arch;
}

/// Sums have the width of results, as on the shipped machines.
Workload plain_widths(Workload net) {
  for (Operator& op : net.operators) op.output.partial_bits = op.output.bits;
  return net;
}

/// The tree survives its text and computes what the network means.
void expect_values(const ScheduleTree& made, const Architecture& arch, const std::string& what) {
  const std::string text = print_tree(made.workload, arch, *made.tree);
  const Result<LoopTree> read = parse_tree(text, "text", made.workload, arch);
  ASSERT_TRUE(read) << to_string(read.error()) << text;
  ASSERT_EQ(*read, *made.tree) << text;
  const reference::TensorValues values = reference::sample_values(made.workload);
  const reference::TensorValues expected = reference::evaluate_workload(made.workload, values);
  const reference::TreeInterpretation run =
      reference::interpret_tree(made.workload, arch, *made.tree, values);
  for (const TensorId id : ids<TensorId>(made.workload.tensors.size())) {
    if (made.workload.tensors[id].kind != TensorKind::output) continue;
    ASSERT_EQ(run.tensors.at(id), expected.at(id)) << what << "\n" << text;
  }
}

/// The tree is legal and right. The only blocks that are no stacks have several results.
void expect_right(const ScheduleTree& made, const Architecture& arch, const std::string& what,
                  int& trees) {
  if (!made.tree) {
    ASSERT_FALSE(made.violations.empty());
    EXPECT_NE(made.violations[0].what.find("which no operator of its stack reads"),
              std::string::npos)
        << what << ": " << made.violations[0].what;
    return;
  }
  ++trees;
  expect_values(made, arch, what);
}

TEST(BlockTree, every_strategy_and_every_pipeline_computes_the_network) {
  Random random(7);
  int pipelines = 0;
  int trees = 0;
  for (int done = 0; done < effort(12);) {
    const Workload net =
        plain_widths(random_graph(random, static_cast<int>(random.between(2, 4)), 2));
    const UnitGraph units = make_units(net);
    if (!is_connected_graph(units)) continue;
    const Architecture arch = small_cores(random.between(2, 6), 100 * random.between(2, 20));
    const cost::MulticoreMachine machine = cost::multicore_machine(arch);
    const cost::NetworkWork work = cost::network_work(net);
    const FusionProblem problem{net, machine, work, units};
    std::int64_t plans = 0;
    BlockTimes times(problem, model_back_end(problem, plans));
    for (const auto& strategy : {no_optimisation, fixed_cores, dynamic_cores, all_fused,
                                 fixed_blocks, reduced_brute_force}) {
      const Fusion fusion = strategy(times);
      if (!fusion.blocks.empty())
        expect_right(tree_of(problem, arch, fusion), arch, fusion.strategy, trees);
    }
    const Fusion best = optimum(times, {}, {});
    if (best.blocks.empty()) continue;
    expect_right(tree_of(problem, arch, best), arch, "optimal", trees);
    const PipelinedOptions options{.images = random.between(2, 4)};
    StagePrices prices;
    const Pipelined batch = pipelined(times, prices, options, false,
                                      static_cast<double>(options.images) * best.cycles, {});
    for (const Segment& segment : batch.segments) pipelines += segment.stages.size() > 1;
    expect_right(tree_of(problem, arch, batch), arch, "pipelined", trees);
    ++done;
  }
  EXPECT_GE(pipelines, effort(12) / 12);
  EXPECT_GE(trees, effort(30));
}

/// The trees of some strategies of a network; those that exist compute it.
int trees_of_all(const Workload& net, const Architecture& arch) {
  const UnitGraph units = make_units(net);
  const cost::MulticoreMachine machine = cost::multicore_machine(arch);
  const cost::NetworkWork work = cost::network_work(net);
  const FusionProblem problem{net, machine, work, units};
  std::int64_t plans = 0;
  BlockTimes times(problem, model_back_end(problem, plans));
  int trees = 0;
  for (const auto& strategy : {no_optimisation, fixed_cores, all_fused, fixed_blocks}) {
    const Fusion fusion = strategy(times);
    if (fusion.blocks.empty()) continue;
    const ScheduleTree made = tree_of(problem, arch, fusion);
    EXPECT_NE(made.tree.has_value(), !made.violations.empty());
    if (!made.tree) continue;
    ++trees;
    expect_values(made, arch, fusion.strategy);
  }
  return trees;
}

// Operators that nobody reads from, slices, concatenations, several results.
TEST(BlockTree, awkward_networks_have_trees_that_compute_them_or_say_why_not) {
  Random random(11);
  int trees = 0;
  for (int i = 0; i < effort(24); ++i) {
    const Workload net = plain_widths(awkward_network(random, random.between(1, 4)));
    trees += trees_of_all(net, small_cores(random.between(1, 5), 100 * random.between(2, 40)));
  }
  EXPECT_GE(trees, effort(24));
}

TEST(BlockTree, a_scalar_has_a_tree_and_cores_above_all_memories_have_none) {
  Workload net;
  net.tensors = {{"A", {}, 8, TensorKind::input}, {"B", {}, 8, TensorKind::output}};
  net.operators = {Operator{.name = "copy",
                            .inputs = {{TensorId{0}, Role::input, {}}},
                            .output = {TensorId{1}, Role::output, {}},
                            .function = PointFunction::copy,
                            .reduction = Reduction::none}};
  net = plain_widths(net);
  Architecture arch = small_cores(2, 100);
  EXPECT_EQ(trees_of_all(net, arch), 4);
  for (SpatialAxis& axis : arch.axes) {
    if (axis.core) axis.below = 0;
  }
  EXPECT_EQ(trees_of_all(net, arch), 0);
}

/// Layers one after the other that keep the size, of 4 or 8.
Workload chain(Random& random) {
  Workload net;
  const auto tensor = [&](std::vector<std::int64_t> shape, TensorKind kind) {
    return net.tensors.push_back(
        {fmt::format("t{}", net.tensors.size()), std::move(shape), 8, kind});
  };
  const std::int64_t size = 4 * random.between(1, 2);
  std::int64_t channels = 2 * random.between(1, 2);
  TensorId from = tensor({1, channels, size, size}, TensorKind::input);
  const std::int64_t layers = random.between(1, 3);
  for (std::int64_t i = 0; i < layers; ++i) {
    const std::int64_t filter = 1 + 2 * random.between(0, 1);
    const std::int64_t kernels = 2 * random.between(1, 2);
    const ConvAxis axis{.output = size, .filter = filter, .pad_before = filter / 2, .input = size};
    const TensorId weight = tensor({kernels, channels, filter, filter}, TensorKind::constant);
    const TensorId to = tensor({1, kernels, size, size},
                               i + 1 == layers ? TensorKind::output : TensorKind::intermediate);
    net.operators.push_back(
        make_conv(fmt::format("c{}", i),
                  {.in_channels = channels, .out_channels = kernels, .axes = {axis, axis}}, {},
                  from, weight, to));
    from = to;
    channels = kernels;
  }
  return plain_widths(net);
}

/// Rows, columns or channels to one, two or four cores, rows or columns in one, two or four tiles.
cost::BlockPlan even_plan(Random& random) {
  cost::BlockPlan plan;
  plan.cores[static_cast<std::size_t>(random.between(1, 3))] = std::int64_t{1}
                                                               << random.between(0, 1);
  plan.tiles[static_cast<std::size_t>(random.between(2, 3))] = std::int64_t{1}
                                                               << random.between(0, 1);
  plan.resident_weights = random.below(2) == 0;
  plan.pieces = random.between(1, 5);
  return plan;
}

/// True if no core needs the same of a tensor for two tiles in a row: a tree keeps it, a block
/// fetches or computes it again.
bool every_tile_is_new(const cost::NetworkWork& work, const Block& block,
                       const cost::BlockPlan& plan) {
  for (const SplitAxis axis : kAllSplitAxes) {
    const auto a = static_cast<std::size_t>(axis);
    if (plan.tiles[a] == 1) continue;
    const PartField field = part_field(work.field, block, axis, plan.cores[a] * plan.tiles[a]);
    for (const std::vector<Interval>& parts : field.tensors) {
      for (std::size_t p = 1; p < parts.size(); ++p) {
        const bool same_core = p % static_cast<std::size_t>(plan.tiles[a]) != 0;
        if (same_core && parts[p] == parts[p - 1]) return false;
      }
    }
  }
  return true;
}

/// Bits through the memory above the cores.
double shared_bits(const std::vector<cost::StoreCounts>& stores, std::int64_t bits) {
  double sum = 0;
  for (const cost::StoreCounts& at : stores) {
    if (at.store.memory != MemoryId{0}) continue;
    sum += static_cast<double>((at.reads + at.updates + at.update_reads) * bits);
  }
  return sum;
}

TEST(BlockTree, moves_the_bits_of_the_block_model_where_tiles_share_nothing) {
  Random random(3);
  int equal = 0;
  for (int i = 0; i < effort(24); ++i) {
    const Workload net = chain(random);
    const Architecture arch = small_cores(4, 1 << 20);
    const cost::MulticoreMachine machine = cost::multicore_machine(arch);
    const cost::NetworkWork work = cost::network_work(net);
    const UnitGraph units = make_units(net);
    const FusionProblem problem{net, machine, work, units};
    Fusion fusion;
    fusion.blocks.push_back({{}, {.plan = even_plan(random)}, {}});
    for (const UnitId unit : ids<UnitId>(units.size())) fusion.blocks[0].units.push_back(unit);
    const Block block = block_of(net, units, fusion.blocks[0].units);
    const cost::BlockPlan& plan = fusion.blocks[0].choice.plan;
    const cost::BlockCost cost = cost::BlockEvaluator(machine, work, block).cost(plan);
    const ScheduleTree made = tree_of(problem, arch, fusion);
    ASSERT_TRUE(made.tree);
    const reference::TreeInterpretation run =
        reference::interpret_tree(net, arch, *made.tree, reference::sample_values(net));
    double bits = 0;
    double points = 0;
    for (const reference::FusedInterpretation& core : run.stacks) {
      bits += shared_bits(core.stores, 8);
      for (const cost::PathCounts& child : core.children) {
        bits += shared_bits(child.stores, 8);
        points += static_cast<double>(child.points);
      }
    }
    const std::string text = print_tree(net, arch, *made.tree);
    EXPECT_LE(bits, cost.dram_bits + 0.5) << text;
    EXPECT_LE(points, cost.work + 0.5) << text;
    if (!every_tile_is_new(work, block, plan)) continue;
    EXPECT_NEAR(bits, cost.dram_bits, 0.5) << text;
    EXPECT_NEAR(points, cost.work, 0.5) << text;
    ++equal;
  }
  EXPECT_GE(equal, effort(60) / 4);
}

}  // namespace
}  // namespace tileloom::scheduler
