#include "tileloom/scheduler/dlfusion/dlfusion.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "random_graph_test.hpp"
#include "tileloom/reference/block_replay.hpp"
#include "tileloom/scheduler/dlfusion/boxed_plan.hpp"
#include "tileloom/scheduler/dlfusion/rivals.hpp"
#include "tileloom/support/effort_test.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::scheduler {
namespace {

/// Every order of every partition into blocks, without any memory of what was seen: the sum of the
/// best one.
double enumerate(BlockTimes& times, const UnitSet& done, std::size_t left) {
  if (left == 0) return 0;
  const std::vector<std::int64_t> cores = core_counts(times.problem().machine.cores);
  double best = kNever;
  for_each_next_block(
      times.problem().units, done, [&](const UnitSet& after, const std::vector<UnitId>& block) {
        const auto time = times.best(block, cores, kNever);
        if (!time) return;
        best = std::min(best, time->cycles + enumerate(times, after, left - block.size()));
      });
  return best;
}

TEST(Optimum, equal_to_full_enumeration_on_30_random_graphs) {
  Random random(11);
  int compared = 0;
  while (compared < 30) {
    const Workload net = random_graph(random, static_cast<int>(random.between(2, 5)));
    const cost::MulticoreMachine m = small_machine(std::int64_t{1} << random.between(0, 2));
    const cost::NetworkWork work = cost::network_work(net);
    const UnitGraph units = make_units(net);
    if (!is_connected_graph(units)) continue;
    const FusionProblem problem{net, m, work, units};
    std::int64_t plans = 0;
    BlockTimes times(problem, model_back_end(problem, plans));
    const Fusion best = optimum(times, {}, {});
    BlockTimes others(problem, model_back_end(problem, plans));
    const double expected = enumerate(others, empty_set(units), units.size());
    ASSERT_EQ(best.proof, Proof::optimal);
    EXPECT_NEAR(best.cycles, expected, 1e-6 * expected) << units.size() << " units";
    ++compared;
  }
}

/// Every partition of the units into blocks of which none is needed by another that it needs: one
/// after the other, none twice, nothing left out because something better is known.
class Partitions {
 public:
  explicit Partitions(BlockTimes& times) : graph_(times.problem().units) {
    const auto counts = core_counts(times.problem().machine.cores);
    for (std::uint32_t set = 1; set < 1U << graph_.size(); ++set) {
      if (!convex(set)) continue;
      std::vector<UnitId> units;
      for (const UnitId id : ids<UnitId>(graph_.size())) {
        if (set >> index(id) & 1) units.push_back(id);
      }
      if (const auto best = times.best(units, counts, kNever))
        convex_.emplace_back(set, best->cycles);
    }
  }
  std::size_t convex_sets() const { return convex_.size(); }
  double best() {
    visit((1U << graph_.size()) - 1, 0);
    return least_;
  }
  std::int64_t seen() const { return seen_; }

 private:
  std::uint32_t neighbours(std::uint32_t set, std::vector<UnitId> Unit::*side) const {
    std::uint32_t found = 0;
    for (const UnitId id : ids<UnitId>(graph_.size())) {
      if ((set >> index(id) & 1) == 0) continue;
      for (const UnitId other : graph_[id].*side) found |= 1U << index(other);
    }
    return found;
  }
  std::uint32_t reach(std::uint32_t from, std::vector<UnitId> Unit::*side) const {
    for (std::uint32_t all = from;; all = from) {
      from |= neighbours(from, side);
      if (from == all) return all;
    }
  }
  bool convex(std::uint32_t set) const {
    return (reach(set, &Unit::before) & reach(set, &Unit::after)) == set;
  }
  /// True if the blocks can run one after the other.
  bool ordered() const {
    std::uint32_t done = 0;
    for (std::size_t round = 0; round < chosen_.size(); ++round) {
      for (const std::uint32_t block : chosen_) {
        if ((neighbours(block, &Unit::before) & ~(done | block)) == 0) done |= block;
      }
    }
    return done == (1U << graph_.size()) - 1;
  }
  void visit(std::uint32_t left, double cycles) {
    if (left == 0) {
      seen_ += ordered();
      if (cycles < least_ && ordered()) least_ = cycles;
      return;
    }
    const std::uint32_t first = left & (~left + 1);
    for (const auto& [set, time] : convex_) {
      if ((set & first) == 0 || (set & ~left) != 0) continue;
      chosen_.push_back(set);
      visit(left & ~set, cycles + time);
      chosen_.pop_back();
    }
  }

  const UnitGraph& graph_;
  std::vector<std::pair<std::uint32_t, double>> convex_;
  std::vector<std::uint32_t> chosen_;
  double least_ = kNever;
  std::int64_t seen_ = 0;
};

TEST(Optimum, equal_to_full_enumeration_of_the_partitions_of_12_units) {
  Random random(21);
  int compared = 0;
  while (compared < 3) {
    const Workload net = random_graph(random, 12);
    const cost::MulticoreMachine m = small_machine(4);
    const cost::NetworkWork work = cost::network_work(net);
    const UnitGraph units = make_units(net);
    if (!is_connected_graph(units)) continue;
    const FusionProblem problem{net, m, work, units};
    std::int64_t plans = 0;
    BlockTimes others(problem, model_back_end(problem, plans));
    Partitions partitions(others);
    if (partitions.convex_sets() > 250) continue;  // too many partitions for a test
    BlockTimes times(problem, model_back_end(problem, plans));
    const Fusion best = optimum(times, {.most_states = 100'000, .most_evaluations = 100'000}, {});
    const double expected = partitions.best();
    ASSERT_EQ(best.proof, Proof::optimal);
    EXPECT_GE(partitions.seen(), 1 << 11);  // as many as a chain has
    EXPECT_NEAR(best.cycles, expected, 1e-6 * expected);
    ++compared;
  }
}

TEST(Optimum, no_rival_beats_it_and_every_unit_runs_once) {
  Random random(12);
  for (int i = 0; i < effort(20); ++i) {
    // Every other time blocks of more than 12 units pay: cores exchange what they need of others.
    const Workload net = random_graph(random, i % 2 == 0 ? 6 : 16);
    cost::MulticoreMachine m = small_machine(i % 4 == 0 ? 4 : 12);
    if (i % 2 == 1) m.exchange = 512;
    const cost::NetworkWork work = cost::network_work(net);
    const UnitGraph units = make_units(net);
    const FusionProblem problem{net, m, work, units};
    const Calibration none;
    const std::vector<Fusion> all = compare_strategies(problem, none, {}, {});
    ASSERT_EQ(all.size(), 8u);
    for (const Fusion& fusion : all) {
      std::set<UnitId> seen;
      for (const FusedBlock& block : fusion.blocks) {
        for (const UnitId unit : block.units) EXPECT_TRUE(seen.insert(unit).second);
      }
      EXPECT_EQ(seen.size(), units.size()) << fusion.strategy;
      EXPECT_GE(fusion.cycles, all.back().cycles * (1 - 1e-9)) << fusion.strategy;
    }
  }
}

/// What a plan's bound says of it, halos as the plan has them.
double bound_of(const PlanBounds& bounds, const BlockBound& bound, const cost::BlockPlan& plan) {
  return plan.halo == Halo::exchanged ? bounds.exchanged(bound, plan.cores)
                                      : bounds.recomputed(bound, plan.cores);
}

TEST(PlanBounds, no_plan_is_below_its_bound_on_40_random_graphs) {
  Random random(31);
  int priced = 0, of_tiles = 0;
  for (int i = 0; i < 40; ++i) {
    const Workload net = random_graph(random, static_cast<int>(random.between(1, 6)));
    cost::MulticoreMachine m = small_machine(random.between(1, 12));
    if (random.below(2) == 0) m.exchange = 256;
    m.multicast = random.below(2) == 0;
    m.overlap = random.below(4) != 0;
    if (random.below(3) == 0) m.lanes = {{8, 8, 1}, {8, 1, 8}, {16, 4, 1}};
    const cost::NetworkWork work = cost::network_work(net);
    std::vector<OperatorId> all;
    for (const OperatorId id : ids<OperatorId>(net.operators.size())) all.push_back(id);
    const Block block = make_block(net, all);
    const PlanBounds bounds(m, net, work, core_counts(m.cores));
    const BlockBound bound = bounds.bound(block);
    cost::BlockEvaluator evaluator(m, work, block);
    for (const std::int64_t cores : core_counts(m.cores)) {
      for (const Layout& layout : layouts(work, block, cores)) {
        for (const std::int64_t tiles : {1, 2, 3, 5}) {
          for (const Halo halo : {Halo::recomputed, Halo::exchanged}) {
            if (halo == Halo::exchanged && (!m.exchange || tiles > 1 || cores == 1)) continue;
            const cost::BlockPlan plan{.cores = layout, .tiles = {1, 1, tiles, 1}, .halo = halo};
            const cost::BlockCost cost = evaluator.cost(plan);
            if (!cost.fits || (halo == Halo::exchanged && block.inside.empty())) continue;
            EXPECT_LE(bound_of(bounds, bound, plan), cost.cycles * (1 + 1e-9)) << i;
            EXPECT_LE(bounds.least(bound, cores), cost.cycles * (1 + 1e-9)) << i;
            EXPECT_LE(bounds.least(bounds.no_load(), bound.load), cost.cycles * (1 + 1e-9)) << i;
            ++priced;
            if (halo == Halo::exchanged || !bound.tiles_add_up) continue;
            EXPECT_LE(evaluator.least_of_tiles(layout), cost.cycles * (1 + 1e-9)) << i;
            ++of_tiles;
          }
        }
      }
    }
  }
  EXPECT_GE(priced, 1000);
  EXPECT_GE(of_tiles, 300);
}

// 16 rows of four 1x1 layers, the last with stride 2: a core with one of 8 rows computes one row of
// 15 columns three times and 8 results: 960 · 3 + 512 cycles, less than an eighth of all four.
TEST(PlanBounds, what_is_passed_over_further_down_need_not_be_computed_further_up) {
  Workload net;
  net.tensors.push_back({"in", {1, 64, 16, 16}, 8, TensorKind::input});
  for (int i = 0; i < 4; ++i) {
    const std::int64_t stride = i == 3 ? 2 : 1;
    const ConvAxis axis{.output = 16 / stride, .filter = 1, .stride = stride, .input = 16};
    const auto last = static_cast<TensorId>(net.tensors.size() - 1);
    const TensorId from = i == 0 ? TensorId{0} : last;
    const TensorId weight =
        net.tensors.push_back({fmt::format("w{}", i), {64, 64, 1, 1}, 8, TensorKind::constant});
    const TensorId to =
        net.tensors.push_back({fmt::format("t{}", i),
                               {1, 64, axis.output, axis.output},
                               8,
                               i == 3 ? TensorKind::output : TensorKind::intermediate});
    net.operators.push_back(make_conv(fmt::format("c{}", i),
                                      {.in_channels = 64, .out_channels = 64, .axes = {axis, axis}},
                                      {}, from, weight, to));
  }
  cost::MulticoreMachine m = small_machine(8);
  m.activation_bits = m.weight_bits = std::nullopt;
  m.port = m.channel_bandwidth = 1 << 20;
  const cost::NetworkWork work = cost::network_work(net);
  const Block block = make_block(net, {OperatorId{0}, OperatorId{1}, OperatorId{2}, OperatorId{3}});
  cost::BlockEvaluator evaluator(m, work, block);
  const cost::BlockPlan plan{.cores = {1, 1, 8, 1}};
  const double cycles = evaluator.cost(plan).compute;
  EXPECT_NEAR(cycles, 3 * 960 + 512, 1e-6);
  const PlanBounds bounds(m, net, work, core_counts(m.cores));
  EXPECT_LE(bounds.recomputed(bounds.bound(block), plan.cores), evaluator.cost(plan).cycles);
}

/// A sum with a constant of all its elements.
Workload sum_with_constant() {
  const std::vector<std::int64_t> shape{1, 8, 64, 8};
  Workload net;
  net.tensors = {{"x", shape, 8, TensorKind::input},
                 {"c", shape, 8, TensorKind::constant},
                 {"y", shape, 8, TensorKind::output}};
  Operator op{.name = "sum", .kind = "Add", .ranks = {{"N", 1}, {"C", 8}, {"P", 64}, {"Q", 8}}};
  const std::vector<Axis> axes = {{{{RankId{0}, 1}}, 0, 1},
                                  {{{RankId{1}, 1}}, 0, 8},
                                  {{{RankId{2}, 1}}, 0, 64},
                                  {{{RankId{3}, 1}}, 0, 8}};
  op.inputs = {{TensorId{0}, Role::input, axes}, {TensorId{1}, Role::weight, axes}};
  op.output = {TensorId{2}, Role::output, axes};
  op.function = PointFunction::add;
  op.reduction = Reduction::none;
  net.operators = {op};
  return net;
}

// Parts of the rows read their share of the constant, not copies.
TEST(PlanBounds, a_constant_that_rows_divide_is_read_once) {
  const Workload net = sum_with_constant();
  cost::MulticoreMachine m = small_machine(8);
  m.channel_bandwidth = 1;  // reading is all that counts
  const cost::NetworkWork work = cost::network_work(net);
  const Block block = make_block(net, {OperatorId{0}});
  cost::BlockEvaluator evaluator(m, work, block);
  const PlanBounds bounds(m, net, work, core_counts(m.cores));
  const BlockBound bound = bounds.bound(block);
  int divided = 0;
  for (const Layout& layout : layouts(work, block, 8)) {
    const cost::BlockPlan plan{.cores = layout};
    const cost::BlockCost cost = evaluator.cost(plan);
    EXPECT_LE(bounds.recomputed(bound, layout), cost.cycles * (1 + 1e-9));
    EXPECT_LE(bounds.least(bound, 8), cost.cycles * (1 + 1e-9));
    for (const auto& weights : work.operators[OperatorId{0}].weights) {
      for (std::size_t axis = 0; axis < layout.size(); ++axis)
        divided += layout[axis] > 1 && weights.divided[axis] ? 1 : 0;
    }
  }
  EXPECT_GT(divided, 0);
}

// Half and a quarter of 36 cores are no powers of two.
TEST(Strategies, core_counts_are_powers_of_two_and_all_half_and_a_quarter) {
  EXPECT_EQ(core_counts(36), (std::vector<std::int64_t>{1, 2, 4, 8, 9, 16, 18, 32, 36}));
  EXPECT_EQ(core_counts(8), (std::vector<std::int64_t>{1, 2, 4, 8}));
  EXPECT_EQ(core_counts(1), (std::vector<std::int64_t>{1}));
}

// 16 x 16 positions of 8 input and 8 output channels, 1x1, on 8 x 8 lanes: 256 cycles. In and out
// 2048 B each at 8 B per cycle: 256 cycles each; weights 64 B: 8 cycles in one piece. One tile, so
// nothing overlaps: 400 + 256 + 8 + 256 + 256 = 1176.
TEST(BlockCost, one_layer_on_one_core_by_hand) {
  const Workload net = one_conv(
      "c", {.in_channels = 8, .out_channels = 8, .axes = {{.output = 16}, {.output = 16}}}, {});
  Workload typed = net;
  typed.tensors[TensorId{0}].kind = TensorKind::input;
  typed.tensors[TensorId{1}].kind = TensorKind::constant;
  typed.tensors[TensorId{2}].kind = TensorKind::output;
  for (Tensor& t : typed.tensors) t.bits = 8;
  const cost::MulticoreMachine m = small_machine(1);
  const cost::NetworkWork work = cost::network_work(typed);
  cost::BlockEvaluator evaluator(m, work, make_block(typed, {OperatorId{0}}));
  const cost::BlockCost cost = evaluator.cost({});
  ASSERT_TRUE(cost.fits);
  EXPECT_DOUBLE_EQ(cost.compute, 256);
  EXPECT_DOUBLE_EQ(cost.memory, 520);
  EXPECT_DOUBLE_EQ(cost.cycles, 1176);
  // Inputs and outputs of one tile, and room for two pieces of weights.
  EXPECT_DOUBLE_EQ(cost.room, 8 * (2048 + 2048 + 2 * 64));
}

/// A table of 256 x 1024 that is read as one row: no axis of it moves along a split axis.
Workload flattened() {
  Workload net;
  net.tensors = {{"x", {32, 1024}, 8, TensorKind::input},
                 {"y", {32 * 1024}, 8, TensorKind::output}};
  Operator op{.name = "flat", .kind = "Relu", .ranks = {{"I", 32 * 1024}}};
  op.inputs = {{TensorId{0}, Role::input, {{{{RankId{0}, 1}}, 0, 32 * 1024}}}};
  op.output = {TensorId{1}, Role::output, {{{{RankId{0}, 1}}, 0, 32 * 1024}}};
  op.function = PointFunction::activation;
  op.reduction = Reduction::none;
  net.operators = {op};
  return net;
}

// 32 KiB in memories of 8 KiB: cut along its axes it would not fit on any number of cores.
TEST(Strategies, an_operator_that_no_split_axis_divides_runs_in_boxes_of_its_ranks) {
  const Workload net = flattened();
  cost::MulticoreMachine m = small_machine(4);
  m.activation_bits = m.weight_bits = std::int64_t{8} * 8 * 1024;
  const cost::NetworkWork work = cost::network_work(net);
  const Block block = make_block(net, {OperatorId{0}});
  cost::BlockEvaluator evaluator(m, work, block);
  std::int64_t plans = 0;
  const PlanBounds bounds(m, net, work, core_counts(m.cores));
  const BlockBound bound = bounds.bound(block);
  for (const std::int64_t cores : core_counts(m.cores)) {
    EXPECT_FALSE(best_plan(evaluator, bounds, bound, m, work, cores, kNever, plans)) << cores;
  }
  const UnitGraph units = make_units(net);
  const Calibration none;
  for (const Fusion& fusion : compare_strategies({net, m, work, units}, none, {}, {})) {
    ASSERT_EQ(fusion.blocks.size(), 1u) << fusion.strategy << ": " << fusion.reason;
    const cost::BlockPlan& plan = fusion.blocks[0].choice.plan;
    ASSERT_EQ(plan.boxes.size(), 1u);
    EXPECT_LE(fusion.blocks[0].choice.cost.room, static_cast<double>(*m.activation_bits));
    const double replayed = reference::replay_block(net, m, block, plan);
    EXPECT_NEAR(fusion.cycles / replayed, 1, 0.1) << fusion.strategy;
  }
}

// Reads the elements offset, offset + step, … of a row: an axis that is never cut.
Workload sliced(std::int64_t extent, std::int64_t offset, std::int64_t step, std::int64_t length) {
  Workload net;
  net.tensors = {{"x", {32, extent}, 8, TensorKind::input},
                 {"y", {32 * length}, 8, TensorKind::output},
                 {"c", {extent}, 8, TensorKind::constant}};
  Operator op{.name = "slice", .kind = "Slice", .ranks = {{"I", 32}, {"J", length}}};
  op.inputs = {{TensorId{0},
                Role::input,
                {{{{RankId{0}, 1}}, 0, 32}, {{{RankId{1}, step}}, offset, extent}}},
               {TensorId{2}, Role::weight, {{{{RankId{1}, step}}, offset, extent}}}};
  op.output = {
      TensorId{1}, Role::output, {{{{RankId{0}, length}, {RankId{1}, 1}}, 0, 32 * length}}};
  op.function = PointFunction::multiply;
  op.reduction = Reduction::none;
  net.operators = {op};
  return net;
}

// Boxes read what they need of an axis, cut plans all of it: the bound of boxes may not count more.
TEST(PlanBounds, boxes_are_not_below_their_bound_where_axes_are_read_in_part) {
  Random random(11);
  int below_all_of_it = 0;
  for (int i = 0; i < 300; ++i) {
    const std::int64_t length = random.between(1, 200);
    const std::int64_t step = random.between(1, 8);
    const std::int64_t offset = random.between(-10, 40);
    const Workload net = sliced(step * length + random.between(1, 200), offset, step, length);
    cost::MulticoreMachine m = small_machine(4);
    m.channel_bandwidth = static_cast<double>(random.between(1, 64));
    m.activation_bits = m.weight_bits = std::int64_t{8} * random.between(64, 4096);
    m.sync_core = static_cast<double>(random.between(0, 500));
    if (random.below(2) == 0) m.lanes = {{4, 1, 1}, {1, 1, 4}};
    const cost::NetworkWork work = cost::network_work(net);
    const Block block = make_block(net, {OperatorId{0}});
    const PlanBounds bounds(m, net, work, core_counts(m.cores));
    BlockBound bound = bounds.bound(block);
    bound.boxes = true;
    for (const std::int64_t cores : core_counts(m.cores)) {
      const std::optional<BlockChoice> choice = boxed_plan(m, net, work, block, cores);
      if (!choice) continue;
      EXPECT_LE(bounds.least(bound, cores), choice->cycles * (1 + 1e-9)) << i << " " << cores;
      EXPECT_LE(bounds.least(bounds.no_load(), bounds.load(OperatorId{0})),
                choice->cycles * (1 + 1e-9))
          << i << " " << cores;
      const double all = (bound.activations + bound.weights) /
                         (m.channel_bandwidth * static_cast<double>(m.channels));
      below_all_of_it += choice->cycles < all;
    }
  }
  EXPECT_GT(below_all_of_it, 50);  // what the bound counted once
}

TEST(Calibration, predicts_one_of_the_core_counts) {
  Calibration c;
  c.constant = -10;
  c.per_operations = 0.5;
  EXPECT_EQ(predicted_cores(c, small_machine(32), 1 << 20, 64), 1);
  EXPECT_EQ(predicted_cores(c, small_machine(32), 1 << 26, 64), 8);
  EXPECT_EQ(predicted_cores(c, small_machine(36), 1e30, 64), 36);
}

}  // namespace
}  // namespace tileloom::scheduler
