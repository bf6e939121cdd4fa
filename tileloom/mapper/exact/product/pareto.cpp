#include "tileloom/mapper/exact/product/pareto.hpp"

#include <algorithm>
#include <cmath>

namespace tileloom::mapper::product {

bool Pareto::covers(const cost::Score& bound, double rounding) const {
  // The point with the most cycles that has no more than the bound has the least energy of these.
  const auto after = std::ranges::upper_bound(points_, bound.first * (1 + rounding), {},
                                              [](const Point& point) { return point.score.first; });
  if (after == points_.begin()) return false;
  return std::prev(after)->score.second * (1 - rounding) <= bound.second;
}

bool Pareto::offer(const cost::Score& score, std::span<const PathNode> path) {
  if (covers(score, 0)) return false;
  std::erase_if(points_, [&](const Point& point) {
    return point.score.first >= score.first && point.score.second >= score.second;
  });
  const auto place = std::ranges::upper_bound(points_, score.first, {},
                                              [](const Point& point) { return point.score.first; });
  points_.insert(place, Point{score, {path.begin(), path.end()}});
  return true;
}

std::vector<cost::Score> staircase(std::vector<cost::Score> bounds, std::size_t most) {
  std::ranges::sort(bounds);
  std::vector<cost::Score> stairs;
  for (const cost::Score& bound : bounds) {
    if (stairs.empty() || bound.second < stairs.back().second) stairs.push_back(bound);
  }
  // Joined, two neighbours are their least cycles and least energy.
  const auto loss = [&](std::size_t i) {
    const double cycles = stairs[i + 1].first / stairs[i].first;
    const double energy = stairs[i].second / stairs[i + 1].second;
    return std::min(std::log(cycles), std::log(energy));
  };
  while (stairs.size() > most) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < stairs.size(); ++i) {
      if (loss(i) < loss(best)) best = i;
    }
    stairs[best].second = stairs[best + 1].second;
    stairs.erase(stairs.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
  return stairs;
}

}  // namespace tileloom::mapper::product
