#pragma once
// Blocks on disjoint groups of cores at the same time, one input after the other passing through
// them: docs/cost_model.md, section 10, (M10) and (M11). Checked against reference/pipeline_replay.

#include <cstdint>
#include <span>
#include <vector>

#include "tileloom/cost/multicore_machine.hpp"

namespace tileloom::cost {

/// A block on a group of cores that takes input after input ("image"). The tiles of one image
/// follow those of the one before; all cores of the group meet after each image.
struct StageCost {
  bool fits = false;
  bool weights_fit = true;  ///< false: with smaller pieces of weights it might fit
  double room = 0;          ///< bits that one core needs at the most
  double load = 0;          ///< cycles until weights that stay are there, by itself
  double load_traffic = 0;  ///< cycles that this keeps each channel busy, in the mean
  double load_bits = 0;     ///< bits of those weights, all cores
  double first = 0;         ///< cycles of one image from its inputs to its results
  double every = 0;         ///< cycles from image to image, the channels left to it alone
  double traffic = 0;       ///< cycles per image that it keeps each channel busy, in the mean
  double dram_bits = 0;     ///< read and written per image
  double compute = 0;       ///< cycles per image of the busiest core
  bool operator==(const StageCost&) const = default;
};

/// What a pipeline costs and why.
struct PipelineCost {
  double cycles = 0;
  double load = 0;      ///< until all weights that stay are there
  double fill = 0;      ///< then until the first image is through
  double interval = 0;  ///< from image to image in the steady state
  double slowest = 0;   ///< of that: what the slowest stage takes by itself
  double traffic = 0;   ///< and what the channels are busy with all stages' transfers
  std::vector<double> ends;  ///< per stage: when the first image has passed it, after the load
  bool operator==(const PipelineCost&) const = default;
};

/// (M11) launch + load + fill + (images − 1) · interval. load = max(max_s load_s, Σ_s
/// load_traffic), fill = the longest way through the stages by their `first`, interval = max(max_s
/// every_s, Σ_s traffic_s).
/// @param before  per stage: the stages whose results it reads, all of them earlier ones
PipelineCost pipeline_cost(double launch, std::span<const StageCost> stages,
                           std::span<const std::vector<std::size_t>> before, std::int64_t images);

}  // namespace tileloom::cost
