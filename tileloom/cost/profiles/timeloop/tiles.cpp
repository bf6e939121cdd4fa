#include "tileloom/cost/profiles/timeloop/tiles.hpp"

#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

void widen(Extents& extents, const std::vector<Factor>& factors) {
  for (const Factor& factor : factors)
    extents[factor.dim] = checked_mul(extents[factor.dim], factor.count);
}

/// U_s: extents of the children's tiles together, spatial(s) included, temporal(s) excluded.
std::int64_t union_tile(const Problem& problem, const Mapping& mapping, SpaceId space,
                        std::size_t s) {
  Extents extents = extents_within(problem, mapping, s);
  widen(extents, mapping.levels[s].spatial_x);
  widen(extents, mapping.levels[s].spatial_y);
  return volume(box_lengths(problem.spaces[space], extents));
}

}  // namespace

Extents extents_within(const Problem& problem, const Mapping& mapping, std::size_t level_count) {
  Extents extents(problem.dims.size(), 1);
  for (std::size_t s = 0; s < level_count; ++s) {
    widen(extents, mapping.levels[s].temporal);
    widen(extents, mapping.levels[s].spatial_x);
    widen(extents, mapping.levels[s].spatial_y);
  }
  return extents;
}

Vector box_lengths(const Dataspace& space, const Extents& extents) {
  Vector lengths;
  lengths.reserve(space.ranks.size());
  for (const Rank& rank : space.ranks) {
    std::int64_t length = 1;
    for (const Term& term : rank)
      length = checked_add(length, checked_mul(term.coefficient, extents[term.dim] - 1));
    lengths.push_back(length);
  }
  return lengths;
}

std::int64_t volume(const Vector& lengths) {
  std::int64_t words = 1;
  for (const std::int64_t length : lengths) words = checked_mul(words, length);
  return words;
}

std::int64_t tile_size(const Problem& problem, const Mapping& mapping, SpaceId space,
                       std::size_t s) {
  return volume(box_lengths(problem.spaces[space], extents_within(problem, mapping, s + 1)));
}

std::vector<std::int64_t> partition_sizes(const Problem& problem, const Mapping& mapping,
                                          SpaceId space) {
  const std::size_t level_count = mapping.levels.size();
  std::vector<std::int64_t> partition(level_count);
  partition.back() = tile_size(problem, mapping, space, level_count - 1);
  for (std::size_t s = level_count - 1; s-- > 0;) {
    const std::int64_t tile = tile_size(problem, mapping, space, s);
    partition[s] = checked_mul(partition[s + 1], tile) / union_tile(problem, mapping, space, s + 1);
  }
  return partition;
}

}  // namespace tileloom::cost::timeloop
