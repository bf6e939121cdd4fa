// Bounds and the optimum on problems as awkward as can be, and the causes of every fault found so.

#include <gtest/gtest.h>

#include <map>

#include "awkward_problem_test.hpp"
#include "random_graph_test.hpp"
#include "tileloom/scheduler/dlfusion/boxed_plan.hpp"
#include "tileloom/scheduler/dlfusion/dlfusion.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::scheduler {
namespace {

/// Asks for every block without anything that could leave a plan out, and compares.
class Unbounded {
 public:
  explicit Unbounded(const FusionProblem& problem)
      : problem_(problem), counts_(core_counts(problem.machine.cores)), bounds_(bounds_of()) {}

  /// The best of all schedules of what is not done.
  double best_after(const UnitSet& done, std::size_t left) {
    if (left == 0) return 0;
    const auto known = after_.find(done);
    if (known != after_.end()) return known->second;
    double best = kNever;
    for_each_next_block(problem_.units, done,
                        [&](const UnitSet& after, const std::vector<UnitId>& units) {
                          const double cycles = time(units);
                          if (cycles == kNever) return;
                          best = std::min(best, cycles + best_after(after, left - units.size()));
                        });
    return after_[done] = best;
  }

  double time(const std::vector<UnitId>& units) {
    const auto known = times_.find(units);
    if (known != times_.end()) return known->second;
    const Block block = block_of(problem_.workload, problem_.units, units);
    BlockBound real = bounds_.bound(block);
    real.boxes = units.size() == 1;
    double best = kNever;
    for (const std::int64_t cores : counts_) best = std::min(best, time(block, real, cores));
    Load load = bounds_.no_load();
    for (const UnitId unit : units) {
      for (const OperatorId op : problem_.units[unit].operators) load += bounds_.load(op);
    }
    if (units.size() > 1) {
      EXPECT_LE(bounds_.least(bounds_.no_load(), load), best * (1 + 1e-9));
    }
    return times_[units] = best;
  }

 private:
  PlanBounds bounds_of() const {
    return {problem_.machine, problem_.workload, problem_.network, counts_};
  }

  double time(const Block& block, const BlockBound& real, std::int64_t cores) {
    cost::BlockEvaluator evaluator(problem_.machine, problem_.network, block);
    std::int64_t plans = 0;
    const auto cut = [&](const BlockBound& bound, double beat) {
      const auto choice = best_plan(evaluator, bounds_, bound, problem_.machine, problem_.network,
                                    cores, beat, plans);
      return choice ? choice->cycles : kNever;
    };
    const BlockBound nothing{
        .load = bounds_.no_load(), .inside = block.inside.size(), .channels_divide = true};
    double best = cut(nothing, kNever);
    // Nor with little to beat, so that bounds count.
    const double bounded = cut(real, best == kNever ? best : 1.001 * best);
    EXPECT_TRUE(bounded == best || std::abs(bounded - best) <= 1e-9 * best)
        << bounded << " " << best;
    if (best == kNever) nothing_fits(evaluator, cores);
    if (real.boxes) {
      const auto boxed = boxed_plan(problem_.machine, problem_.workload, problem_.network,
                                    evaluator.block(), cores);
      if (boxed) best = std::min(best, boxed->cycles);
    }
    EXPECT_LE(bounds_.least(real, cores), best * (1 + 1e-9));
    return best;
  }

  /// Where the room of the least part says that nothing fits.
  void nothing_fits(cost::BlockEvaluator& evaluator, std::int64_t cores) const {
    const Layout extents = output_extents(problem_.network, evaluator.block());
    for (const Layout& layout : layouts(problem_.network, evaluator.block(), cores)) {
      cost::BlockPlan plan{.cores = layout, .pieces = 4096};
      for (std::int64_t tiles = 1; set_tiles(plan, extents, tiles); tiles *= 2) {
        EXPECT_FALSE(evaluator.cost(plan).fits) << cores << " cores, " << tiles << " tiles";
      }
    }
  }

  const FusionProblem& problem_;
  std::vector<std::int64_t> counts_;
  PlanBounds bounds_;
  std::map<std::vector<UnitId>, double> times_;
  std::map<UnitSet, double> after_;
};

/// No bound is above what it bounds, and the optimum is the best of all schedules; no strategy is
/// below.
void expect_optimum(const Workload& net, const cost::MulticoreMachine& machine) {
  ASSERT_EQ(to_string(check(net)), "");
  const cost::NetworkWork work = cost::network_work(net);
  const UnitGraph units = make_units(net);
  const FusionProblem problem{net, machine, work, units};
  Unbounded unbounded(problem);
  const double best = unbounded.best_after(empty_set(units), units.size());
  const std::vector<Fusion> all =
      compare_strategies(problem, {.critical_operations = 1000}, {}, {});
  for (const Fusion& fusion : all) {
    if (fusion.proof == Proof::infeasible) continue;
    EXPECT_GE(fusion.cycles, best * (1 - 1e-9)) << fusion.strategy;
  }
  const Fusion& optimal = all.back();
  ASSERT_EQ(optimal.proof == Proof::optimal, best != kNever);
  if (best == kNever) return;
  EXPECT_NEAR(optimal.cycles, best, 1e-9 * best);
}

TEST(AwkwardProblems, no_bound_is_wrong_and_the_optimum_is_one_on_100_of_them) {
  int tried = 0;
  for (std::uint64_t seed = 1000; tried < effort(100); ++seed) {
    Random random(seed);
    const cost::MulticoreMachine machine = awkward_machine(random);
    const Workload net = awkward_network(random, random.between(1, 4));
    if (make_units(net).size() > 5) continue;
    SCOPED_TRACE(seed);
    expect_optimum(net, machine);
    ++tried;
  }
}

/// A machine that does nothing but read, two cores and more.
cost::MulticoreMachine slow_reader(std::int64_t cores) {
  cost::MulticoreMachine m = small_machine(cores);
  m.channel_bandwidth = 1;
  m.launch = 10;
  m.sync = 1;
  return m;
}

TensorId channels(Workload& net, std::int64_t count, TensorKind kind) {
  return net.tensors.push_back({fmt::format("t{}", net.tensors.size()), {1, count, 1, 1}, 8, kind});
}

/// `count` channels of `from`, every `step`-th from `first` on, become those of `to` from `at` on.
void copy(Workload& net, TensorId from, std::int64_t first, TensorId to, std::int64_t at,
          std::int64_t count, std::int64_t step = 1) {
  Operator op{.name = fmt::format("o{}", net.operators.size()),
              .kind = "Slice",
              .ranks = {{"N", 1}, {"C", count}, {"P", 1}, {"Q", 1}},
              .function = PointFunction::copy,
              .reduction = Reduction::none};
  const auto view = [&](TensorId tensor, Role role, std::int64_t offset, std::int64_t by) {
    return Operand{tensor,
                   role,
                   {{{{RankId{0}, 1}}, 0, 1},
                    {{{RankId{1}, by}}, offset, net.tensors[tensor].shape[1]},
                    {{{RankId{2}, 1}}, 0, 1},
                    {{{RankId{3}, 1}}, 0, 1}}};
  };
  op.inputs = {view(from, Role::input, first, step)};
  op.output = view(to, Role::output, at, 1);
  net.operators.push_back(std::move(op));
}

// y = x x: the middle one of three cores needs both ends of x, its tiles only one each.
TEST(AwkwardProblems, what_lies_apart_for_one_tile_does_not_for_finer_ones) {
  Workload net;
  const TensorId x = channels(net, 36, TensorKind::input);
  const TensorId y = channels(net, 72, TensorKind::output);
  copy(net, x, 0, y, 0, 36);
  copy(net, x, 0, y, 36, 36);
  const cost::MulticoreMachine m = slow_reader(3);
  const cost::NetworkWork work = cost::network_work(net);
  cost::BlockEvaluator evaluator(m, work, make_block(net, {OperatorId{0}, OperatorId{1}}));
  const cost::BlockCost whole = evaluator.cost({.cores = {1, 3, 1, 1}});
  const cost::BlockCost fine = evaluator.cost({.cores = {1, 3, 1, 1}, .tiles = {1, 12, 1, 1}});
  EXPECT_DOUBLE_EQ(whole.dram_bits, 8 * (24 + 36 + 24 + 72));
  EXPECT_DOUBLE_EQ(fine.dram_bits, 8 * (24 + 24 + 24 + 72));
  EXPECT_LE(evaluator.least_of_tiles({1, 3, 1, 1}), fine.cycles);
  expect_optimum(net, m);
}

// y[i] = t[2·i + 4], t = s s, s = x of 7 channels: two parts of y need s[4, 7) and s[1, 6), which
// are 8; four need s[4], s[6], s[1] and s[3, 6).
TEST(AwkwardProblems, more_parts_may_divide_channels_that_fewer_do_not) {
  Workload net;
  const TensorId x = channels(net, 7, TensorKind::input);
  const TensorId s = channels(net, 7, TensorKind::intermediate);
  const TensorId t = channels(net, 14, TensorKind::intermediate);
  const TensorId y = channels(net, 5, TensorKind::output);
  copy(net, x, 0, s, 0, 7);
  copy(net, s, 0, t, 0, 7);
  copy(net, s, 0, t, 7, 7);
  copy(net, t, 4, y, 0, 5, 2);
  const cost::NetworkWork work = cost::network_work(net);
  const Block all = make_block(net, {OperatorId{0}, OperatorId{1}, OperatorId{2}, OperatorId{3}});
  EXPECT_FALSE(channels_divide(work, all, 2));
  EXPECT_TRUE(channels_divide(work, all, 4));
  expect_optimum(net, slow_reader(4));
}

// Two slices at the ends of a long input: two cores read one each, one core all between them.
TEST(AwkwardProblems, two_slices_of_an_input_are_not_their_hull) {
  Workload net;
  const TensorId x = channels(net, 90, TensorKind::input);
  const TensorId y = channels(net, 16, TensorKind::output);
  copy(net, x, 0, y, 0, 8);
  copy(net, x, 82, y, 8, 8);
  expect_optimum(net, slow_reader(2));
}

// y = x[0, 2) t, u = t, t = x[6, 9): in three parts the middle one, y[1, 3) and u[1], needs x[1],
// and x[6, 8) for t[0, 2), so 7 + 2 + 1 + 2 = 12 elements; in two parts 11 are enough.
TEST(AwkwardProblems, finer_parts_may_need_more_room_where_outputs_differ) {
  Workload net;
  const TensorId x = channels(net, 9, TensorKind::input);
  const TensorId t = channels(net, 3, TensorKind::intermediate);
  const TensorId y = channels(net, 5, TensorKind::output);
  const TensorId u = channels(net, 3, TensorKind::output);
  copy(net, x, 6, t, 0, 3);
  copy(net, x, 0, y, 0, 2);
  copy(net, t, 0, y, 2, 3);
  copy(net, t, 0, u, 0, 3);
  cost::MulticoreMachine m = slow_reader(1);
  m.overlap = false;
  m.activation_bits = m.weight_bits = 8 * 11;
  const cost::NetworkWork work = cost::network_work(net);
  const Block all = make_block(net, {OperatorId{0}, OperatorId{1}, OperatorId{2}, OperatorId{3}});
  cost::BlockEvaluator evaluator(m, work, all);
  EXPECT_DOUBLE_EQ(evaluator.least_room(output_extents(work, all)), 8 * 12);
  EXPECT_DOUBLE_EQ(evaluator.cost({.tiles = {1, 2, 1, 1}}).room, 8 * 11);
  expect_optimum(net, m);
}

// A transposed convolution, out = 3·p + r − 8, 0 ≤ r < 4: p = 0 and p = 1 write nothing.
TEST(AwkwardProblems, windows_in_the_padding_of_the_output_are_not_computed) {
  Workload net;
  net.tensors = {{"x", {1, 1, 4, 1}, 8, TensorKind::input},
                 {"y", {1, 1, 5, 1}, 8, TensorKind::output}};
  Operator op{.name = "scatter",
              .kind = "ConvTranspose",
              .ranks = {{"N", 1}, {"C", 1}, {"P", 4}, {"Q", 1}, {"R", 4}},
              .function = PointFunction::copy,
              .reduction = Reduction::sum};
  const auto one = [](RankId rank) { return Axis{{{rank, 1}}, 0, 1}; };
  op.inputs = {{TensorId{0},
                Role::input,
                {one(RankId{0}), one(RankId{1}), {{{RankId{2}, 1}}, 0, 4}, one(RankId{3})}}};
  op.output = {
      TensorId{1},
      Role::output,
      {one(RankId{0}), one(RankId{1}), {{{RankId{2}, 3}, {RankId{4}, 1}}, -8, 5}, one(RankId{3})}};
  net.operators = {op};
  cost::MulticoreMachine m = small_machine(1);
  m.lanes = {{1, 1, 1}};
  m.cycles_per_operation = 100;
  const cost::NetworkWork work = cost::network_work(net);
  cost::BlockEvaluator evaluator(m, work, make_block(net, {OperatorId{0}}));
  EXPECT_DOUBLE_EQ(evaluator.cost({}).compute, 100 * 2 * 4);
  expect_optimum(net, m);
}

}  // namespace
}  // namespace tileloom::scheduler
