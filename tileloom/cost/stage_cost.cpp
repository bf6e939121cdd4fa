#include "tileloom/cost/stage_cost.hpp"

#include <algorithm>

#include "tileloom/cost/block_sums.hpp"

namespace tileloom::cost {

/// (M10)
StageCost BlockEvaluator::stage(const BlockPlan& plan) {
  BlockCost cost;
  const Traffic moved = traffic(plan, machine_.overlap, cost);
  StageCost stage;
  stage.fits = cost.fits;
  stage.weights_fit = cost.weights_fit;
  stage.room = cost.room;
  if (!cost.fits) return stage;
  const Slowest slowest = slowest_core(plan, moved.total, moved.move);
  const double meeting = cost.dispatch - machine_.launch;
  const ChannelLoad all = moved.streamed + moved.activations;
  stage.compute = slowest.compute;
  stage.load = longest(moved.stay.load);
  stage.load_traffic = moved.stay.load.mean;
  stage.load_bits = moved.stay.total;
  stage.traffic = all.mean;
  stage.dram_bits = moved.streamed_bits;
  if (machine_.overlap) {
    stage.first = longest(moved.move.in) + moved.first_piece + slowest.cycles +
                  std::max(longest(moved.move.out), meeting) + cost.exchange;
    stage.every = slowest.steady + cost.exchange + meeting;
  } else {
    stage.first = stage.every = slowest.compute + longest(all) + cost.exchange + meeting;
  }
  return stage;
}

/// (M11)
PipelineCost pipeline_cost(double launch, std::span<const StageCost> stages,
                           std::span<const std::vector<std::size_t>> before, std::int64_t images) {
  PipelineCost cost;
  double load_traffic = 0;
  std::vector<double> ready(stages.size(), 0);
  for (std::size_t s = 0; s < stages.size(); ++s) {
    const StageCost& stage = stages[s];
    for (const std::size_t b : before[s]) ready[s] = std::max(ready[s], ready[b]);
    ready[s] += stage.first;
    cost.fill = std::max(cost.fill, ready[s]);
    cost.load = std::max(cost.load, stage.load);
    load_traffic += stage.load_traffic;
    cost.slowest = std::max(cost.slowest, stage.every);
    cost.traffic += stage.traffic;
  }
  cost.ends = ready;
  cost.load = std::max(cost.load, load_traffic);
  cost.interval = std::max(cost.slowest, cost.traffic);
  cost.cycles = launch + cost.load + cost.fill + static_cast<double>(images - 1) * cost.interval;
  return cost;
}

}  // namespace tileloom::cost
