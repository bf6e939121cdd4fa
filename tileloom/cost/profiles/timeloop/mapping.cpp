#include "tileloom/cost/profiles/timeloop/mapping.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {

bool keeps(const Mapping& mapping, std::size_t s, SpaceId space) {
  const std::vector<SpaceId>& keep = mapping.levels[s].keep;
  return std::find(keep.begin(), keep.end(), space) != keep.end();
}

std::int64_t product(const std::vector<Factor>& factors) {
  std::int64_t result = 1;
  for (const Factor& factor : factors) result = checked_mul(result, factor.count);
  return result;
}

std::int64_t used_fanout(const LevelMapping& level) {
  return checked_mul(product(level.spatial_x), product(level.spatial_y));
}

std::int64_t used_instances(const Mapping& mapping, std::size_t s) {
  std::int64_t result = 1;
  for (std::size_t outer = s + 1; outer < mapping.levels.size(); ++outer)
    result = checked_mul(result, used_fanout(mapping.levels[outer]));
  return result;
}

std::int64_t temporal_steps(const Mapping& mapping) {
  std::int64_t result = 1;
  for (const LevelMapping& level : mapping.levels)
    result = checked_mul(result, product(level.temporal));
  return result;
}

}  // namespace tileloom::cost::timeloop
