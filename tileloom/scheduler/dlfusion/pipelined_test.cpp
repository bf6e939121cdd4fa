#include "tileloom/scheduler/dlfusion/pipelined.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "random_graph_test.hpp"
#include "tileloom/scheduler/dlfusion/optimum.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::scheduler {
namespace {

/// Every sequence of segments and every pipeline of every option, without any memory of what was
/// seen.
class EverySchedule {
 public:
  EverySchedule(BlockTimes& times, const PipelinedOptions& options)
      : times_(times),
        options_(options),
        units_(times.problem().units),
        cores_(core_counts(times.problem().machine.cores)) {}

  double best(const UnitSet& done) {
    if (members(done).size() == units_.size()) return 0;
    double least = kNever;
    for_each_next_block(units_, done, [&](const UnitSet& after, const std::vector<UnitId>& units) {
      const auto choice = times_.best(units, cores_, kNever);
      if (!choice) return;
      const double images = static_cast<double>(options_.images);
      least = std::min(least, images * choice->cycles + best(after));
    });
    std::vector<PipelineBlock> none;
    return std::min(least, pipelines(done, none, times_.problem().machine.cores));
  }
  std::int64_t seen() const { return seen_; }

 private:
  double pipelines(const UnitSet& done, std::vector<PipelineBlock>& stages, std::int64_t left) {
    double least = kNever;
    for_each_next_block(units_, done, [&](const UnitSet& after, const std::vector<UnitId>& units) {
      for (const StageOption& option :
           prices_.options(times_, units, cores_, options_, kNever)) {
        if (option.cores > left) continue;
        ++seen_;
        stages.push_back({units, option});
        const double here = segment_cost(times_.problem(), stages, options_.images).cycles;
        least = std::min({least, here + best(after),
                          pipelines(after, stages, left - option.cores)});
        stages.pop_back();
      }
    });
    return least;
  }

  BlockTimes& times_;
  StagePrices prices_;
  const PipelinedOptions& options_;
  const UnitGraph& units_;
  std::vector<std::int64_t> cores_;
  std::int64_t seen_ = 0;
};

TEST(Pipelined, equal_to_full_enumeration_on_random_graphs) {
  Random random(31);
  int compared = 0, with_pipelines = 0;
  while (compared < static_cast<int>(effort(16))) {
    const Workload net = random_graph(random, static_cast<int>(random.between(2, 4)));
    cost::MulticoreMachine m = small_machine(std::int64_t{1} << random.between(1, 2));
    if (random.below(3) == 0) m.exchange = 64;
    const cost::NetworkWork work = cost::network_work(net);
    const UnitGraph units = make_units(net);
    if (!is_connected_graph(units)) continue;
    const FusionProblem problem{net, m, work, units};
    const PipelinedOptions options{.images = std::int64_t{1} << random.between(0, 4)};
    std::int64_t plans = 0;
    BlockTimes times(problem, model_back_end(problem, plans));
    const double repeated = static_cast<double>(options.images) * optimum(times, {}, {}).cycles;
    StagePrices prices;
    const Pipelined best = pipelined(times, prices, options, false, repeated, {});
    EverySchedule every(times, options);
    const double expected = every.best(empty_set(units));
    ASSERT_EQ(best.proof, Proof::optimal);
    EXPECT_NEAR(best.cycles, expected, 1e-6 * expected) << units.size() << " units";
    EXPECT_LE(best.cycles, repeated * (1 + 1e-9));
    double sum = 0;
    for (const Segment& segment : best.segments) {
      sum += segment.cycles;
      with_pipelines += segment.stages.size() > 1;
    }
    EXPECT_NEAR(sum, best.cycles, 1e-6 * sum);
    ++compared;
  }
  // Else the test says little; two problems, all that sanitizers try, may be without.
  if (compared >= 16) {
    EXPECT_GE(with_pipelines * 4, compared);
  }
}

}  // namespace
}  // namespace tileloom::scheduler
