#pragma once
// GAMMA's two-stage mode: the layers of a pipeline, each on an accelerator of its own.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "tileloom/mapper/gamma/options.hpp"
#include "tileloom/mapper/mapper.hpp"
#include "tileloom/mapper/result_store.hpp"

namespace tileloom::mapper {

/// The answers of both stages, per problem. A problem without any mapping has none in either.
struct TwoStage {
  std::vector<MapResult> first;     ///< least value of the first metric
  std::vector<MapResult> second;    ///< least value of the second within `limit` of the first
  double limit = 0;                 ///< the worst value of `first`: cycles or pJ
  std::vector<std::uint8_t> known;  ///< per problem: 1 = `second` was remembered
};

/// Answers of earlier runs, one store per stage; what is missing is searched and kept.
struct StageStores {
  const ResultStore* first = nullptr;  ///< null = none
  /// The store of stage 2 within a limit, for its answers depend on that; empty = none.
  std::function<std::unique_ptr<ResultStore>(double limit)> second;
};

/// Stage 1 searches every problem for `first` (then `second`, if `options.guided`). The worst
/// layer's value becomes the bound of all, for a pipeline is as slow as its slowest layer. Stage 2
/// starts from the answers of stage 1 and searches for `second`, mappings beyond the bound being
/// invalid. `first` is latency or energy. Every stage of a problem may use the whole budget.
/// Problems are searched in parallel; `on_solved(problem)` is called twice for each.
TwoStage map_two_stage(std::span<const Problem> problems, cost::Metric first, cost::Metric second,
                       const GammaOptions& options, const Budget& budget,
                       const std::function<void(std::size_t)>& on_solved,
                       const StageStores& stores = {});

}  // namespace tileloom::mapper
