#include "tileloom/report/comparison/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace tileloom::report {
namespace {

/// Whether an improvement had been made by the moment asked for.
using Before = std::function<bool(const TracePoint&)>;

/// Best value over the reference by then; absent without a mapping or a floor above 0. Values of 0
/// (a free machine) are as good as can be.
std::optional<double> relative(const ComparedLayer& layer, const SearchRun& run,
                               const Before& before) {
  std::optional<double> best;
  for (const TracePoint& point : run.trace) {
    if (!before(point)) break;
    best = point.score.first;
  }
  if (!best) return std::nullopt;
  if (*best <= 0) return 1.0;
  if (layer.reference() <= 0) return std::nullopt;
  return *best / layer.reference();
}

std::optional<double> geometric_mean(const Comparison& comparison, std::size_t mapper,
                                     std::size_t seed, const Before& before) {
  double logarithms = 0;
  for (const ComparedLayer& layer : comparison.layers) {
    const std::optional<double> ratio = relative(layer, layer.runs[mapper][seed], before);
    if (!ratio) return std::nullopt;
    logarithms += std::log(*ratio);
  }
  return std::exp(logarithms / static_cast<double>(comparison.layers.size()));
}

std::optional<Spread> over_seeds(const Comparison& comparison, std::size_t mapper,
                                 const Before& before) {
  std::vector<double> means;
  for (std::size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
    const std::optional<double> mean = geometric_mean(comparison, mapper, seed, before);
    if (!mean) return std::nullopt;
    means.push_back(*mean);
  }
  if (means.empty()) return std::nullopt;
  return spread(std::move(means));
}

}  // namespace

double ComparedLayer::reference() const {
  return floor.proof == Proof::optimal && floor.score ? floor.score->first
                                                      : floor.lower_bound.first;
}

std::size_t Comparison::proved() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      layers, [](const ComparedLayer& layer) { return layer.floor.proof == Proof::optimal; }));
}

Spread spread(std::vector<double> figures) {
  std::ranges::sort(figures);
  return {figures[(figures.size() - 1) / 2], figures.front(), figures.back()};
}

std::optional<Spread> after_evaluations(const Comparison& comparison, std::size_t mapper,
                                        std::int64_t evaluations) {
  return over_seeds(comparison, mapper, [evaluations](const TracePoint& point) {
    return point.evaluations <= evaluations;
  });
}

std::optional<Spread> after_seconds(const Comparison& comparison, std::size_t mapper,
                                    double seconds) {
  return over_seeds(comparison, mapper,
                    [seconds](const TracePoint& point) { return point.seconds <= seconds; });
}

std::optional<Spread> at_end(const ComparedLayer& layer, std::size_t mapper) {
  std::vector<double> ratios;
  for (const SearchRun& run : layer.runs[mapper]) {
    const std::optional<double> ratio =
        relative(layer, run, [](const TracePoint&) { return true; });
    if (!ratio) return std::nullopt;
    ratios.push_back(*ratio);
  }
  if (ratios.empty()) return std::nullopt;
  return spread(std::move(ratios));
}

}  // namespace tileloom::report
