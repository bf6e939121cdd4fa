#include "tileloom/mapper/pareto_front.hpp"

#include <algorithm>
#include <limits>

namespace tileloom::mapper {

double gap(const ParetoFront& front) {
  double worst = 1;
  for (const ParetoCorner& corner : front.corners) {
    double best = std::numeric_limits<double>::infinity();
    for (const ParetoPoint& point : front.points) {
      const auto latency = static_cast<double>(point.evaluation.latency.total.value) /
                           static_cast<double>(corner.latency.value);
      const double energy = point.evaluation.energy.value / corner.energy.value;
      best = std::min(best, std::max(latency, energy));
    }
    worst = std::max(worst, best);
  }
  return worst - 1;
}

}  // namespace tileloom::mapper
