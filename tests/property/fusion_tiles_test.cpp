// Sizes of tiles in scheduler/exact: which of them need not be tried. docs/cost_model.md 9.8

#include <gtest/gtest.h>

#include "every_schedule.hpp"
#include "random_mapper.hpp"
#include "small_machine.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/mapper/mapspace.hpp"
#include "tileloom/scheduler/layer_by_layer/layer_by_layer.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::scheduler {
namespace {

constexpr int kTileCases = effort(300);
constexpr int kSearches = effort(80);

/// Everything only at home, one point after the other: every point costs the same in every run.
class PointByPoint final : public mapper::Mapper {
 public:
  mapper::MapResult map(const mapper::Problem& problem, const Budget&,
                        const mapper::OnProgress&) const override {
    const mapper::MapSpace space =
        mapper::make_map_space(problem.workload, problem.op, problem.arch, problem.constraints);
    mapper::MapResult result;
    result.proof = Proof::feasible;
    result.tree = mapper::tree_of(space, mapper::trivial_point(space));
    result.evaluation =
        cost::evaluate(problem.workload.operators[problem.op], problem.arch, result.tree->path);
    return result;
  }
};

/// No window jumps over indices: what two neighbouring tiles read leaves nothing out.
bool is_dense(const Workload& workload) {
  for (const Operator& op : workload.operators) {
    for (const Operand* operand : operands(op)) {
      for (const Axis& axis : operand->axes) {
        std::vector<Term> terms = axis.terms;
        std::ranges::sort(terms, {}, &Term::coefficient);
        std::int64_t reach = 1;
        for (const Term& term : terms) {
          if (term.coefficient > reach) return false;
          reach += term.coefficient * (op.rank(term.rank).extent - 1);
        }
      }
    }
  }
  return true;
}

/// Every size of every loop, with every overlap.
std::vector<exact::Tiling> all_sizes(const Workload& workload, const exact::StackSpace& space,
                                     const exact::Range& range) {
  const Operator& driver = workload.operators[static_cast<OperatorId>(range.last)];
  std::vector<exact::Tiling> found;
  for (const std::vector<RankId>& ranks : space.tilings().loop_ranks(range)) {
    const std::int64_t columns = ranks.size() > 1 ? driver.rank(ranks[1]).extent : 1;
    for (std::int64_t row = 1; row <= driver.rank(ranks[0]).extent; ++row) {
      for (std::int64_t column = 1; column <= columns; ++column) {
        exact::Tiling tiling{{{ranks[0], row}}};
        if (ranks.size() > 1) tiling.loops.push_back({ranks[1], column});
        for (const exact::Overlap overlap :
             {exact::Overlap::recompute, exact::Overlap::row, exact::Overlap::all}) {
          tiling.overlap = overlap;
          if (overlap <= exact::most_kept(tiling)) found.push_back(tiling);
        }
      }
    }
  }
  return found;
}

/// Whether the hulls of what large tiles need hold nothing that small ones leave out: one tile
/// costs no more than single indices with everything kept.
bool has_no_gaps(const Workload& workload, const exact::StackSpace& space,
                 const exact::Range& range) {
  const Operator& driver = workload.operators[static_cast<OperatorId>(range.last)];
  for (const std::vector<RankId>& ranks : space.tilings().loop_ranks(range)) {
    if (ranks.size() > 1) continue;
    const auto whole = space.unlimited(range, {{{ranks[0], driver.rank(ranks[0]).extent}}});
    const auto finest = space.unlimited(range, {{{ranks[0], 1}}});
    if (!whole || !finest || !exact::as_good(*whole, *finest)) return false;
  }
  return true;
}

/// ⌈10 / n⌉ for n = 1, 2, 3, 4, 5 and 10; 7 makes 5 or 6 tiles of no size.
TEST(FusionTiles, BreakpointsByHand) {
  EXPECT_EQ(exact::breakpoints(10), (std::vector<std::int64_t>{10, 5, 4, 3, 2, 1}));
  EXPECT_EQ(exact::breakpoints(7), (std::vector<std::int64_t>{7, 4, 3, 2, 1}));
  EXPECT_EQ(exact::breakpoints(1), (std::vector<std::int64_t>{1}));
}

FusedPlan plan_of(const Workload& workload, const exact::StackSpace& space,
                  const exact::Range& range, const exact::Tiling& tiling) {
  return plan(workload, space.frames().stack(range, *space.tree(range, tiling)));
}

/// Whether every element that an iteration of the covering tiling needs is needed by one of those
/// that it stands for: what (F9) and (F11) assume.
bool holds_nothing_else(const FusedPlan& covering, const FusedPlan& covered) {
  for (std::size_t large = 0; large < covering.iterations; ++large) {
    const RankBox& chunk = covering.runs.back()[large].front();
    std::vector<Region> needed(covered.need.size());
    for (std::size_t small = 0; small < covered.iterations; ++small) {
      const RankBox& part = covered.runs.back()[small].front();
      bool inside = true;
      for (std::size_t r = 0; r < part.size(); ++r)
        inside &= part[r].begin >= chunk[r].begin && part[r].end <= chunk[r].end;
      for (std::size_t t = 0; inside && t < needed.size(); ++t)
        needed[t] = united(needed[t], covered.need[t][small]);
    }
    for (std::size_t t = 0; t < needed.size(); ++t)
      if (!difference(covering.need[t][large], needed[t]).empty()) return false;
  }
  return true;
}

/// A tiling of a random stack, and one that covers it without gaps: tiles of two or three times the
/// size along one loop, or without the inner loop.
struct CoveredCase {
  Workload workload;
  Architecture arch;
  mapper::Constraints none;
  PointByPoint alike;
  Budget budget;
  exact::Tiling covered;
  exact::Tiling covering;

  explicit CoveredCase(Random& random) {
    for (;;) {
      workload = random_network(random);
      if (workload.operators.size() > 4) continue;
      arch = small_machine(random);
      const NetworkProblem all_of = problem();
      exact::RunMapper runs(all_of, alike, budget, memories());
      const exact::StackSpace space(all_of, memories(), runs);
      const std::vector<exact::Tiling> all = all_sizes(workload, space, range());
      if (all.empty()) continue;
      covered = all[random.below(all.size())];
      covering = larger(random);
      const auto planned = [&](const exact::Tiling& tiling) {
        return plan_of(workload, space, range(), tiling);
      };
      const bool legal = space.unlimited(range(), covered) && space.unlimited(range(), covering);
      if (legal && holds_nothing_else(planned(covering), planned(covered))) return;
    }
  }

  NetworkProblem problem() const { return {workload, arch, {cost::Metric::edp, {}}, none}; }
  exact::StackMemories memories() const { return *exact::stack_memories(arch); }
  exact::Range range() const { return {0, workload.operators.size() - 1}; }

 private:
  exact::Tiling larger(Random& random) const {
    exact::Tiling found = covered;
    const std::size_t depth = random.below(found.loops.size());
    exact::TileLoop& loop = found.loops[depth];
    const Operator& driver = workload.operators[static_cast<OperatorId>(range().last)];
    loop.tile = std::min(driver.rank(loop.rank).extent, loop.tile * random.between(2, 3));
    if (depth == 1 && random.between(0, 1) == 0) {
      found.loops.pop_back();
      if (found.overlap == exact::Overlap::all) found.overlap = exact::Overlap::row;
    }
    return found;
  }
};

/// (F9), if memories were large enough.
TEST(FusionTiles, TilesOfAMultipleCostNoMore) {
  Random random(818);
  int cheaper = 0;
  for (int i = 0; i < 2 * kTileCases; ++i) {
    const CoveredCase one(random);
    const NetworkProblem problem = one.problem();
    exact::RunMapper runs(problem, one.alike, one.budget, one.memories());
    const exact::StackSpace space(problem, one.memories(), runs);
    const auto a = space.unlimited(one.range(), one.covering);
    const auto b = space.unlimited(one.range(), one.covered);
    if (!a || !b) continue;
    const std::string text =
        words(problem, one.range(), one.covering) + "\n" +
        print_tree(one.workload, one.arch, *space.tree(one.range(), one.covered));
    ASSERT_LE(a->latency, b->latency) << "case " << i << ": " << text;
    ASSERT_LE(a->energy.value, b->energy.value * (1 + 1e-12)) << "case " << i << ": " << text;
    cheaper += a->energy.value < b->energy.value * (1 - 1e-9) ? 1 : 0;
  }
  EXPECT_GT(cheaper, kTileCases / 5);
}

/// (F11), for runs that are mapped each for itself, in memories that are large enough and in those
/// there are.
TEST(FusionTiles, TheBoundOfACoveringTilingIsBelowAllItCovers) {
  Random random(828);
  Budget budget;
  budget.evaluations = 60;
  const std::unique_ptr<mapper::Mapper> mapper = random_mapper();
  int fitting = 0;
  int close = 0;
  for (int i = 0; i < 2 * kTileCases; ++i) {
    const CoveredCase one(random);
    const NetworkProblem problem = one.problem();
    exact::RunMapper runs(problem, *mapper, budget, one.memories());
    const exact::StackSpace space(problem, one.memories(), runs);
    const auto bound = space.bound_of_covered(one.range(), one.covering);
    ASSERT_TRUE(bound) << i;
    const auto anywhere = space.unlimited(one.range(), one.covered);
    const auto here = space.cost_as_streamed(one.range(), one.covered);
    for (const auto& cost : {anywhere, here}) {
      if (!cost) continue;
      const std::string text = words(problem, one.range(), one.covering) + " covers " +
                               words(problem, one.range(), one.covered);
      ASSERT_LE(bound->latency, cost->latency) << "case " << i << ": " << text;
      ASSERT_LE(bound->energy.value, cost->energy.value * (1 + 1e-12))
          << "case " << i << ": " << text;
      ASSERT_LE(bound->home_bits, cost->home_bits) << "case " << i << ": " << text;
      ASSERT_LE(bound->inner_bits, cost->inner_bits) << "case " << i << ": " << text;
      close += bound->energy.value > 0.8 * cost->energy.value ? 1 : 0;
    }
    fitting += here ? 1 : 0;
  }
  EXPECT_GT(fitting, kTileCases / 5);
  EXPECT_GT(close, kTileCases / 5);
}

/// Where points cost alike, no size at all is better than those that are tried.
TEST(FusionTiles, AreAsGoodAsEverySizeWherePointsCostAlike) {
  Random random(919);
  const mapper::Constraints none;
  const PointByPoint mapper;
  Budget budget;
  budget.threads = 1;
  int fused = 0;
  int cut = 0;
  for (int i = 0; i < kSearches;) {
    const Workload workload = random_network(random);
    const Architecture arch = small_machine(random);
    if (workload.operators.size() > 4 || !is_dense(workload)) continue;
    const cost::Metric metric = static_cast<cost::Metric>(i % 3);
    const NetworkProblem problem{workload, arch, {metric, {}}, none};
    exact::RunMapper runs(problem, mapper, budget, *exact::stack_memories(arch));
    const exact::StackSpace space(problem, *exact::stack_memories(arch), runs);
    const std::size_t all = all_sizes(workload, space, {0, workload.operators.size() - 1}).size();
    if (all == 0 || all > 80) continue;
    bool gaps = false;
    for (std::size_t first = 0; first < workload.operators.size(); ++first)
      for (std::size_t last = first + 1; last < workload.operators.size(); ++last)
        gaps |= !has_no_gaps(workload, space, {first, last});
    if (gaps) continue;
    ++i;
    const Schedule alone = layer_by_layer(problem, mapper, "point", budget, nullptr, {});
    const ExactFusionOptions options{
        .deepest = 4, .patience = kAllOfThem, .near_boundaries = false};
    const FusedSchedule found = exact_fusion(problem, mapper, alone, options, budget, {});
    ASSERT_TRUE(found.tree) << i;
    const auto every = [&](const exact::Range& range) { return all_sizes(workload, space, range); };
    const cost::Score best = EverySchedule(problem, alone, space, options, {}, every).best();
    const cost::Score mine = cost::score(problem.objective, found.latency, found.energy);
    ASSERT_NEAR(mine.first, best.first, 1e-9 * best.first)
        << "case " << i << "\n"
        << print_tree(workload, arch, *found.tree);
    for (const StackPart& part : found.parts) {
      fused += part.fused ? 1 : 0;
      cut += part.fused && part.fused->iterations > 1 ? 1 : 0;
    }
  }
  EXPECT_GT(fused, kSearches / 3);
  EXPECT_GT(cut, kSearches / 20);
}

}  // namespace
}  // namespace tileloom::scheduler
