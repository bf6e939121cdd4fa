#include "tileloom/cost/profiles/timeloop/fanout.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

/// Replaces every tile by its copies along one more spatial loop outside the ones so far.
void unroll(std::vector<Vector>& offsets, const Vector& move, std::int64_t count) {
  const std::size_t inner = offsets.size();
  for (std::int64_t i = 1; i < count; ++i)
    for (std::size_t child = 0; child < inner; ++child) {
      Vector offset = offsets[child];
      for (std::size_t r = 0; r < offset.size(); ++r)
        offset[r] = checked_add(offset[r], checked_mul(i, move[r]));
      offsets.push_back(std::move(offset));
    }
}

}  // namespace

Vector displacement(const Dataspace& space, DimId dim, std::int64_t stride) {
  Vector move(space.ranks.size(), 0);
  for (std::size_t r = 0; r < move.size(); ++r)
    for (const Term& term : space.ranks[r])
      if (term.dim == dim) move[r] = checked_add(move[r], checked_mul(term.coefficient, stride));
  return move;
}

Fanout fanout_for(const Arch& arch, const Problem& problem, const Mapping& mapping, SpaceId space,
                  std::size_t s) {
  const LevelMapping& level = mapping.levels[s];
  const Mesh physical = fanout_of(arch, s);
  Fanout fanout;
  fanout.width = std::max(physical.x, product(level.spatial_x));
  fanout.height = std::max(physical.y, product(level.spatial_y));
  fanout.offsets.emplace_back(problem.spaces[space].ranks.size(), 0);
  Extents stride = extents_within(problem, mapping, s);
  for (const std::vector<Factor>* loops : {&level.spatial_x, &level.spatial_y})
    for (auto loop = loops->rbegin(); loop != loops->rend(); ++loop) {
      unroll(fanout.offsets, displacement(problem.spaces[space], loop->dim, stride[loop->dim]),
             loop->count);
      stride[loop->dim] = checked_mul(stride[loop->dim], loop->count);
    }
  return fanout;
}

Mesh position(const Fanout& fanout, std::size_t child) {
  const auto number = static_cast<std::int64_t>(child);
  return {number % fanout.width, number / fanout.width};
}

std::vector<std::size_t> neighbours(const Fanout& fanout, std::size_t child) {
  const Mesh at = position(fanout, child);
  const auto width = static_cast<std::size_t>(fanout.width);
  const std::size_t children = fanout.offsets.size();
  std::vector<std::size_t> result;
  if (at.x > 0) result.push_back(child - 1);
  if (at.x + 1 < fanout.width && child + 1 < children) result.push_back(child + 1);
  if (at.y > 0) result.push_back(child - width);
  if (at.y + 1 < fanout.height && child + width < children) result.push_back(child + width);
  return result;
}

}  // namespace tileloom::cost::timeloop
