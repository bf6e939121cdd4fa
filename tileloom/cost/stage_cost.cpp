#include "tileloom/cost/stage_cost.hpp"

#include <algorithm>

#include "tileloom/cost/block_sums.hpp"

namespace tileloom::cost {

double mean_channel_cycles(const MulticoreMachine& machine, std::int64_t cores, double near,
                           double far, double near_sharing) {
  const auto n = static_cast<double>(cores);
  const auto channels = static_cast<double>(machine.channels);
  double reads = 0;  // of the near data of one core
  for (std::int64_t channel = 0; channel < std::min(machine.channels, cores); ++channel) {
    const auto close = static_cast<double>((cores - channel - 1) / machine.channels + 1);
    reads += close / std::min(close, near_sharing);
  }
  const double weight = 1 / channels + (1 - 1 / channels) / machine.remote;
  return (near / n * reads + far * weight) / channels / machine.channel_bandwidth;
}

/// (M10)
StageCost BlockEvaluator::stage(const BlockPlan& plan) {
  BlockCost cost;
  const Traffic moved = traffic(plan, machine_.overlap, cost);
  StageCost stage;
  stage.fits = cost.fits;
  stage.weights_fit = cost.weights_fit;
  stage.room = cost.room;
  if (!cost.fits) return stage;
  const std::int64_t cores = cores_used(plan);
  const Slowest slowest = slowest_core(plan, moved.total, moved.move);
  const double meeting = cost.dispatch - machine_.launch;
  const double activations = moved.in + moved.total.out;
  stage.compute = slowest.compute;
  stage.load = dram_cycles(machine_, cores, moved.stay.total, 0, moved.alike);
  stage.load_traffic = mean_channel_cycles(machine_, cores, moved.stay.total, 0, moved.alike);
  stage.load_bits = moved.stay.total;
  stage.traffic = mean_channel_cycles(machine_, cores, moved.streamed, activations, moved.alike);
  stage.dram_bits = moved.streamed + activations;
  if (machine_.overlap) {
    stage.first = moved.move.in + moved.first_piece +
                  std::min(moved.second_piece, slowest.first_piece) + slowest.cycles +
                  std::max(moved.move.out, meeting) + cost.exchange;
    stage.every = slowest.steady + cost.exchange + meeting;
  } else {
    const double moving =
        dram_cycles(machine_, cores, moved.streamed, activations, moved.alike);
    stage.first = stage.every = slowest.compute + moving + cost.exchange + meeting;
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
  cost.load = std::max(cost.load, load_traffic);
  cost.interval = std::max(cost.slowest, cost.traffic);
  cost.cycles =
      launch + cost.load + cost.fill + static_cast<double>(images - 1) * cost.interval;
  return cost;
}

}  // namespace tileloom::cost
