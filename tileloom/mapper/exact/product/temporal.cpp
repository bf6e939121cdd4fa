#include "tileloom/mapper/exact/product/temporal.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/mapper/exact/product/order_bound.hpp"
#include "tileloom/mapper/exact/product/orders.hpp"

namespace tileloom::mapper::product {
namespace {

/// Sums in another order differ by rounding: bounds are lowered by this share.
constexpr double kRounding = 1e-11;

/// Work in eighths of an evaluation.
constexpr std::int64_t kOfEvaluation = 8;

}  // namespace

cost::Score score_of(const cost::Objective& objective, const Bounds& bounds) {
  // Least quantities of an empty list, which the budget alone may have left empty, bound nothing.
  if (!std::isfinite(bounds.cycles)) return cost::score(objective, Cycles{0}, Picojoules{0});
  const double cycles = std::ceil(bounds.cycles * (1 - kRounding));
  return cost::score(objective, Cycles{static_cast<std::int64_t>(cycles)},
                     Picojoules{bounds.picojoules * (1 - kRounding)});
}

bool Record::settled(const cost::Score& bound) const {
  if (front) return front->covers(bound, 2 * kRounding);
  if (!score) return false;
  if (bound.first < score->first * (1 - 2 * kRounding)) return false;
  if (!objective.second || bound.first > score->first * (1 + 2 * kRounding)) return true;
  return bound.second >= score->second * (1 - 2 * kRounding);
}

void Record::offer(const cost::Score& found, std::span<const PathNode> by) {
  const bool better = !score || found < *score;
  if (better) {
    score = found;
    path.assign(by.begin(), by.end());
  }
  if ((front && front->offer(found, by)) || better) ++improvements;
}

cost::Score Record::tighter(const cost::Score& a, const cost::Score& b) const {
  if (!front) return std::max(a, b);
  return {std::max(a.first, b.first), std::max(a.second, b.second)};
}

double Record::urgency(const cost::Score& bound) const {
  return front ? bound.first * bound.second : bound.first;
}

bool search_orders(const Frame& frame, const Ledger& ledger, std::span<const double> floor,
                   std::span<const SpatialChoice* const> choices,
                   std::span<const Candidate* const> chosen, cost::Evaluator& evaluator,
                   Record& record) {
  record.work += kWorkOfNode;
  const cost::Score bound = score_of(record.objective, order_bound(frame, ledger, chosen, floor));
  if (record.settled(bound)) return true;
  bool complete = true;
  for_each_order(frame, chosen, choices, [&](std::span<const PathNode> path) {
    record.work += kOfEvaluation;
    const cost::QuickCost quick = evaluator(path);
    if (!quick.fits) return false;
    const cost::Score score =
        cost::score(record.objective, Cycles{static_cast<std::int64_t>(quick.cycles)},
                    Picojoules{quick.picojoules});
    record.offer(score, path);
    complete = !record.exhausted();
    return complete && !record.settled(bound);
  });
  return complete;
}

bool search_temporal(const Frame& frame, const Ledger& ledger, const Combination& combination,
                     std::span<const SpatialChoice* const> choices, Evaluators& evaluators,
                     Record& all) {
  if (all.threads > 1) ledger.prepare();
  const auto leaf = [&](std::span<const Candidate* const> chosen, Record& record) {
    return search_orders(frame, ledger, combination.floor, choices, chosen, evaluators.local(),
                         record);
  };
  const auto bounds = [&](std::span<const double> quantities, std::size_t unfinished) {
    return ledger(quantities, unfinished);
  };
  return search_groups(frame, combination, bounds, leaf, all);
}

}  // namespace tileloom::mapper::product
