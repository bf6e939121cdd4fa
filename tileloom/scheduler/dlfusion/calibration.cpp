#include "tileloom/scheduler/dlfusion/calibration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "tileloom/scheduler/dlfusion/plans.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::scheduler {
namespace {

/// `layers` equal convolutions, stride 1, padded so that the size stays.
Workload stack(std::int64_t channels, std::int64_t size, std::int64_t filter, std::int64_t layers,
               std::int64_t bits) {
  Workload net;
  const auto tensor = [&](std::vector<std::int64_t> shape, TensorKind kind) {
    return net.tensors.push_back(
        {fmt::format("t{}", net.tensors.size()), std::move(shape), bits, kind});
  };
  const ConvAxis axis{.output = size,
                      .filter = filter,
                      .pad_before = filter / 2,
                      .input = size,
                      .pad_after = filter / 2};
  TensorId last = tensor({1, channels, size, size}, TensorKind::input);
  for (std::int64_t i = 0; i < layers; ++i) {
    const TensorId weight = tensor({channels, channels, filter, filter}, TensorKind::constant);
    const TensorId made = tensor({1, channels, size, size},
                                 i + 1 == layers ? TensorKind::output : TensorKind::intermediate);
    net.operators.push_back(
        make_conv(fmt::format("c{}", i),
                  {.in_channels = channels, .out_channels = channels, .axes = {axis, axis}},
                  {bits, bits, bits, bits}, last, weight, made));
    last = made;
  }
  return net;
}

Block whole(const Workload& net) {
  std::vector<OperatorId> all;
  for (const OperatorId id : ids<OperatorId>(net.operators.size())) all.push_back(id);
  return make_block(net, std::move(all));
}

/// Least squares y ≈ Σ_j b_j x_j by the normal equations, solved by elimination with pivots.
template <std::size_t N>
std::array<double, N> least_squares(const std::vector<std::array<double, N>>& x,
                                    const std::vector<double>& y) {
  std::array<std::array<double, N + 1>, N> a{};
  for (std::size_t s = 0; s < x.size(); ++s) {
    for (std::size_t i = 0; i < N; ++i) {
      for (std::size_t j = 0; j < N; ++j) a[i][j] += x[s][i] * x[s][j];
      a[i][N] += x[s][i] * y[s];
    }
  }
  for (std::size_t column = 0; column < N; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column; row < N; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    std::swap(a[column], a[pivot]);
    if (std::abs(a[column][column]) < 1e-12) continue;  // no such direction among the samples
    for (std::size_t row = 0; row < N; ++row) {
      if (row == column) continue;
      const double factor = a[row][column] / a[column][column];
      for (std::size_t j = column; j <= N; ++j) a[row][j] -= factor * a[column][j];
    }
  }
  std::array<double, N> b{};
  for (std::size_t i = 0; i < N; ++i) b[i] = std::abs(a[i][i]) < 1e-12 ? 0 : a[i][N] / a[i][i];
  return b;
}

Fit quality(const std::vector<double>& y, const std::vector<double>& predicted) {
  if (y.empty()) return {};
  const auto n = static_cast<double>(y.size());
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double residual = 0, variance = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    residual += (y[i] - predicted[i]) * (y[i] - predicted[i]);
    variance += (y[i] - mean) * (y[i] - mean);
  }
  return {variance > 0 ? 1 - residual / variance : 1, std::sqrt(residual / n)};
}

/// Measures one machine, sample by sample.
class Bench {
 public:
  Bench(const cost::MulticoreMachine& machine, std::int64_t bits, const MeasureBlock& measure,
        const std::function<void(std::size_t, std::size_t)>& on_progress)
      : machine_(machine), bits_(bits), measure_(measure), on_progress_(on_progress) {}

  Calibration run() {
    constexpr std::array<std::int64_t, 7> kChannels = {8, 16, 32, 64, 128, 256, 512};
    constexpr std::array<std::int64_t, 4> kSizes = {7, 14, 28, 56};
    constexpr std::array<std::int64_t, 2> kFilters = {1, 3};
    constexpr std::array<std::int64_t, 3> kHaloSizes = {28, 56, 112};
    constexpr std::array<std::int64_t, 4> kDepths = {2, 3, 4, 6};
    all_ = kChannels.size() * kSizes.size() * kFilters.size() + kHaloSizes.size();
    for (const std::int64_t channels : kChannels) {
      for (const std::int64_t size : kSizes) {
        for (const std::int64_t filter : kFilters) layer(channels, size, filter);
      }
    }
    for (const std::int64_t size : kHaloSizes) {
      halos(size, kDepths);
      step();
    }
    fit_cores();
    fit_halos();
    return std::move(result_);
  }

 private:
  void step() {
    ++done_;
    if (on_progress_) on_progress_(done_, all_);
  }

  /// Measured cycles of the plan that the planner takes, for every core count; infinite without
  /// one.
  std::vector<double> on_all_counts(const Workload& net) {
    const cost::NetworkWork work = cost::network_work(net);
    const Block block = whole(net);
    cost::BlockEvaluator evaluator(machine_, work, block);
    const PlanBounds bounds(machine_, net, work, core_counts(machine_.cores));
    const BlockBound bound = bounds.bound(block);
    std::vector<double> cycles;
    std::int64_t plans = 0;
    for (const std::int64_t cores : core_counts(machine_.cores)) {
      const auto choice = best_plan(evaluator, bounds, bound, machine_, work, cores,
                                    std::numeric_limits<double>::infinity(), plans);
      cycles.push_back(choice ? measure_(net, block, choice->plan)
                              : std::numeric_limits<double>::infinity());
      result_.measurements += choice ? 1 : 0;
    }
    return cycles;
  }

  void layer(std::int64_t channels, std::int64_t size, std::int64_t filter) {
    const Workload net = stack(channels, size, filter, 1, bits_);
    const std::vector<double> cycles = on_all_counts(net);
    step();
    const auto best = std::ranges::min_element(cycles);
    if (*best == std::numeric_limits<double>::infinity()) return;
    LayerSample sample{channels, size, filter, 2.0 * static_cast<double>(macs(net))};
    sample.best_cores =
        core_counts(machine_.cores)[static_cast<std::size_t>(best - cycles.begin())];
    sample.cycles = *best;
    result_.layers.push_back(sample);
    all_cycles_.push_back(cycles);
  }

  /// Cycles of a stack with its rows over the cores, weights and tiles as they come; absent if it
  /// does not fit.
  std::optional<double> rows_over(std::int64_t size, std::int64_t filter, std::int64_t layers,
                                  std::int64_t cores) {
    constexpr std::int64_t kChannels = 32;
    const Workload net = stack(kChannels, size, filter, layers, bits_);
    const cost::BlockPlan plan{.cores = {1, 1, cores, 1}};
    const Block block = whole(net);
    const cost::NetworkWork work = cost::network_work(net);
    if (!cost::BlockEvaluator(machine_, work, block).cost(plan).fits) return std::nullopt;
    ++result_.measurements;
    return measure_(net, block, plan);
  }

  /// What a layer of 3x3 filters adds to a stack, over nine times what one of 1x1 filters adds,
  /// which has as many positions and no halo.
  void halos(std::int64_t size, const std::array<std::int64_t, 4>& depths) {
    for (const std::int64_t cores : core_counts(machine_.cores)) {
      if (cores < 4 || 2 * cores > size) continue;
      const std::optional<double> one = rows_over(size, 3, 1, cores);
      const std::optional<double> flat = rows_over(size, 1, 1, cores);
      for (const std::int64_t layers : depths) {
        const std::optional<double> deep = rows_over(size, 3, layers, cores);
        const std::optional<double> deep_flat = rows_over(size, 1, layers, cores);
        if (!one || !flat || !deep || !deep_flat || *deep_flat <= *flat) continue;
        HaloSample sample{size, layers, cores};
        sample.feature = static_cast<double>(layers * cores) / static_cast<double>(size);
        sample.penalty = (*deep - *one) / (9 * (*deep_flat - *flat)) - 1;
        result_.halos.push_back(sample);
      }
    }
  }

  void fit_cores() {
    std::vector<std::array<double, 3>> x;
    std::vector<double> y;
    std::vector<double> worth;
    for (const LayerSample& s : result_.layers) {
      x.push_back({1, std::log2(s.operations), std::log2(static_cast<double>(s.channels))});
      y.push_back(std::log2(static_cast<double>(s.best_cores)));
      if (s.best_cores > 1 && s.best_cores < machine_.cores) {
        worth.push_back(std::log2(s.operations / static_cast<double>(s.best_cores)));
      }
    }
    const auto [constant, operations, channels] = least_squares(x, y);
    result_.constant = constant;
    result_.per_operations = operations;
    result_.per_channels = channels;
    const double most = std::log2(static_cast<double>(machine_.cores));
    std::vector<double> predicted;
    for (const auto& row : x) {
      predicted.push_back(
          std::clamp(constant + operations * row[1] + channels * row[2], 0.0, most));
    }
    result_.cores_fit = quality(y, predicted);
    if (!worth.empty()) {
      const double mean =
          std::accumulate(worth.begin(), worth.end(), 0.0) / static_cast<double>(worth.size());
      double square = 0;
      for (const double w : worth) square += (w - mean) * (w - mean);
      result_.critical_operations = std::exp2(mean);
      result_.critical_spread = std::exp2(std::sqrt(square / static_cast<double>(worth.size())));
    }
    judge_choices();
  }

  /// What following the fit costs on the samples themselves.
  void judge_choices() {
    const std::vector<std::int64_t> counts = core_counts(machine_.cores);
    double sum = 0;
    for (std::size_t i = 0; i < result_.layers.size(); ++i) {
      LayerSample& s = result_.layers[i];
      const std::int64_t cores =
          predicted_cores(result_, machine_, s.operations, static_cast<double>(s.channels));
      const auto at = static_cast<std::size_t>(std::ranges::find(counts, cores) - counts.begin());
      s.slowdown = all_cycles_[i][at] / s.cycles;
      sum += std::log(std::min(s.slowdown, 100.0));
    }
    if (!result_.layers.empty()) {
      result_.mean_slowdown = std::exp(sum / static_cast<double>(result_.layers.size()));
    }
  }

  void fit_halos() {
    std::vector<std::array<double, 1>> x;
    std::vector<double> y, predicted;
    for (const HaloSample& s : result_.halos) {
      x.push_back({s.feature});
      y.push_back(s.penalty);
    }
    result_.halo_slope = least_squares(x, y)[0];
    for (const auto& row : x) predicted.push_back(result_.halo_slope * row[0]);
    result_.halo_fit = quality(y, predicted);
  }

  const cost::MulticoreMachine& machine_;
  std::int64_t bits_;
  const MeasureBlock& measure_;
  const std::function<void(std::size_t, std::size_t)>& on_progress_;
  std::size_t done_ = 0;
  std::size_t all_ = 0;
  std::vector<std::vector<double>> all_cycles_;  ///< per layer sample, per core count
  Calibration result_;
};

}  // namespace

Calibration calibrate(const cost::MulticoreMachine& machine, std::int64_t element_bits,
                      const MeasureBlock& measure,
                      const std::function<void(std::size_t, std::size_t)>& on_progress) {
  return Bench(machine, element_bits, measure, on_progress).run();
}

std::int64_t predicted_cores(const Calibration& calibration, const cost::MulticoreMachine& machine,
                             double operations, double channels) {
  const double wanted = calibration.constant +
                        calibration.per_operations * std::log2(std::max(operations, 1.0)) +
                        calibration.per_channels * std::log2(std::max(channels, 1.0));
  std::int64_t best = 1;
  for (const std::int64_t cores : core_counts(machine.cores)) {
    const auto distance = [&](std::int64_t n) {
      return std::abs(std::log2(static_cast<double>(n)) - wanted);
    };
    if (distance(cores) < distance(best)) best = cores;
  }
  return best;
}

}  // namespace tileloom::scheduler
