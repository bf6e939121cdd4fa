#pragma once
// What a machine teaches by running synthetic layers: how operation count and channels decide the
// number of cores, and what halos cost. Thresholds come from here and from nowhere else.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/cost/block_cost.hpp"

namespace tileloom::scheduler {

/// The machine as far as calibration sees it: cycles of a block under a plan.
using MeasureBlock = std::function<double(const Workload& workload, const Block& block,
                                          const cost::BlockPlan& plan)>;

/// One synthetic convolution on its best number of cores.
struct LayerSample {
  std::int64_t channels = 0;  ///< in and out
  std::int64_t size = 0;      ///< height and width
  std::int64_t filter = 0;
  double operations = 0;  ///< 2 per multiply-accumulate
  std::int64_t best_cores = 1;
  double cycles = 0;    ///< on those
  double slowdown = 0;  ///< on the number that the fit predicts, over `cycles`
};

/// A stack of 3x3 convolutions, rows over cores.
struct HaloSample {
  std::int64_t size = 0;
  std::int64_t layers = 0;
  std::int64_t cores = 0;
  double feature = 0;  ///< layers · cores / size: first order of the mean growth of an inner part
  double penalty = 0;  ///< cycles that a further layer adds, over those without halo, − 1
};

struct Fit {
  double r2 = 0;        ///< share of the variance that the fit explains
  double residual = 0;  ///< root of the mean square
};

struct Calibration {
  /// log2 best cores = constant + per_operations · log2 operations + per_channels · log2 channels
  double constant = 0;
  double per_operations = 0;
  double per_channels = 0;
  Fit cores_fit;
  /// Operations that one core is worth: geometric mean of operations / best cores where neither one
  /// nor all cores are best.
  double critical_operations = 0;
  double critical_spread = 1;  ///< geometric standard deviation of it
  /// penalty = halo_slope · feature
  double halo_slope = 0;
  Fit halo_fit;
  double mean_slowdown = 1;  ///< geometric, of the fit's choices over the measured best ones
  std::vector<LayerSample> layers;
  std::vector<HaloSample> halos;
  std::int64_t measurements = 0;
};

/// Runs and fits. `on_progress(done, all)` after each sample; may be empty.
Calibration calibrate(const cost::MulticoreMachine& machine, std::int64_t element_bits,
                      const MeasureBlock& measure,
                      const std::function<void(std::size_t, std::size_t)>& on_progress = {});

/// The number of cores that the fit gives a layer or block, one of core_counts.
std::int64_t predicted_cores(const Calibration& calibration, const cost::MulticoreMachine& machine,
                             double operations, double channels);

}  // namespace tileloom::scheduler
