#include "tileloom/scheduler/defines/joint_climb.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::defines {

namespace {

std::vector<Point> points_near(const Point& point, Extent full) {
  const Extent at = point.tile;
  std::vector<Point> near;
  for (const Mode mode : kModes) near.push_back({mode, at});
  for (const std::int64_t x : sizes_near(at.x, full.x)) near.push_back({point.mode, {x, at.y}});
  for (const std::int64_t y : sizes_near(at.y, full.y)) near.push_back({point.mode, {at.x, y}});
  near.push_back({point.mode, {std::min(2 * at.x, full.x), ceil_div(at.y, 2)}});
  near.push_back({point.mode, {ceil_div(at.x, 2), std::min(2 * at.y, full.y)}});
  return near;
}

}  // namespace

std::vector<std::int64_t> sizes_near(std::int64_t tile, std::int64_t full) {
  const std::int64_t count = ceil_div(full, tile);
  std::vector<std::int64_t> sizes{tile - 1, tile + 1, ceil_div(tile, 2), 2 * tile,
                                  ceil_div(full, count + 1)};
  if (count > 1) sizes.push_back(ceil_div(full, count - 1));
  for (std::int64_t& size : sizes) size = std::clamp<std::int64_t>(size, 1, full);
  std::ranges::sort(sizes);
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  std::erase(sizes, tile);
  return sizes;
}

void climb(const JointSpace& space, const Graph& stack, const JointChoice& start,
           const cost::Objective& objective, std::vector<JointChoice>& seen) {
  const Extent full = stack.nodes[stack.end()].full;
  const auto value = [&](const JointChoice& choice) {
    return cost::score(objective, choice.latency, choice.energy);
  };
  std::vector<Point> known;
  JointChoice best = start;
  for (bool better = true; better;) {
    better = false;
    const Point from = best.point;
    for (const Point& point : points_near(from, full)) {
      if (std::ranges::find(known, point) != known.end()) continue;
      known.push_back(point);
      const std::optional<Totals> totals = space.cost(stack, point);
      if (!totals) continue;
      seen.push_back({point, *totals, totals->latency1, totals->energy});
      if (value(seen.back()) >= value(best)) continue;
      best = seen.back();
      better = true;
    }
  }
}

}  // namespace tileloom::scheduler::defines
