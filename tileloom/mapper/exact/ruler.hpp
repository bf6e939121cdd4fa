#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "tileloom/mapper/exact/factors.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {

/// Measures points of a space for one objective and counts how often, so that a search can stop at
/// its budget.
class Ruler {
 public:
  /// Score of a point that `legal` accepts; absent if it does not fit.
  using Scoring = std::function<std::optional<cost::Score>(const Point&)>;

  Ruler(const MapSpace& space, Factors factors, const Budget& budget, Scoring scoring)
      : space_(space), factors_(factors), budget_(budget), scoring_(std::move(scoring)) {}
  /// By cost::evaluate's conventions.
  Ruler(const MapSpace& space, Factors factors, const Problem& problem, const Budget& budget)
      : Ruler(space, factors, budget,
              [scorer = std::make_shared<Scorer>(space, problem.objective)](const Point& point) {
                return (*scorer)(point);
              }) {}

  /// Score of a point; absent if it is illegal, does not fit or the allowance is used up.
  std::optional<cost::Score> measure(const Point& point);
  /// Measures up to `limit` in total from now on (never more than the budget).
  void allow_until(std::int64_t limit) { limit_ = limit; }

  bool exhausted() const { return used_ >= limit_ || used_ >= budget_.evaluations || stopped(); }
  bool stopped() const { return budget_.stopped(); }
  std::int64_t used() const { return used_; }
  std::int64_t left() const { return budget_.evaluations - used_; }
  void spend(std::int64_t evaluations) { used_ += evaluations; }

  const MapSpace& space() const { return space_; }
  bool imperfect() const { return factors_ == Factors::imperfect; }

 private:
  const MapSpace& space_;
  Factors factors_;
  const Budget& budget_;
  Scoring scoring_;
  std::int64_t used_ = 0;
  std::int64_t limit_ = INT64_MAX;
};

}  // namespace tileloom::mapper
