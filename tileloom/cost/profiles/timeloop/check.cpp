#include "tileloom/cost/profiles/timeloop/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tileloom/cost/profiles/timeloop/tiles.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

using Violations = std::vector<Violation>;

void check_shape(const Arch& arch, const Problem& problem, const Mapping& mapping,
                 Violations& found) {
  const auto structure = [&](std::string what, std::string hint) {
    found.push_back({Violation::Kind::structure, std::move(what), std::move(hint)});
  };
  if (arch.levels.empty()) structure("the architecture has no storage level", "add one");
  if (problem.dims.empty()) structure("the problem has no dimension", "add one");
  if (problem.spaces.empty()) structure("the problem has no dataspace", "add one");
  if (mapping.levels.size() != arch.levels.size())
    structure(fmt::format("the mapping has {} levels, the architecture has {}",
                          mapping.levels.size(), arch.levels.size()),
              "describe every storage level once, innermost first");
  for (std::size_t s = 0; s < arch.levels.size(); ++s) {
    const Mesh& outer = arch.levels[s].mesh;
    const Mesh& inner = s == 0 ? arch.arithmetic.mesh : arch.levels[s - 1].mesh;
    if (inner.x % outer.x != 0 || inner.y % outer.y != 0)
      structure(fmt::format("the {} x {} instances of {} cannot be shared out evenly over the {} x "
                            "{} instances of {}",
                            inner.x, inner.y, s == 0 ? "the MACs" : arch.levels[s - 1].name,
                            outer.x, outer.y, arch.levels[s].name),
                "make each mesh a multiple of the next outer one");
  }
}

void check_factors(const Problem& problem, const Mapping& mapping, Violations& found) {
  const Extents covered = extents_within(problem, mapping, mapping.levels.size());
  for (const DimId dim : ids<DimId>(problem.dims.size()))
    if (covered[dim] != problem.dims[dim].bound)
      found.push_back({Violation::Kind::structure,
                       fmt::format("the factors of {} multiply to {}, its bound is {}",
                                   problem.dims[dim].name, covered[dim], problem.dims[dim].bound),
                       "change a factor of this dimension: the profile has no partial tiles"});
}

bool uses(const std::vector<Factor>& factors, DimId dim) {
  return std::any_of(factors.begin(), factors.end(),
                     [&](const Factor& f) { return f.dim == dim && f.count > 1; });
}

void check_fanout(const Arch& arch, const Problem& problem, const Mapping& mapping, std::size_t s,
                  Violations& found) {
  const LevelMapping& level = mapping.levels[s];
  const std::string& name = arch.levels[s].name;
  const Mesh available = fanout_of(arch, s);
  const auto compare = [&](char axis, std::int64_t used, std::int64_t limit) {
    if (used > limit)
      found.push_back(
          {Violation::Kind::fanout,
           fmt::format("{} uses {} children along {}, it has {}", name, used, axis, limit),
           "lower the spatial factors of this level"});
  };
  compare('X', product(level.spatial_x), available.x);
  compare('Y', product(level.spatial_y), available.y);
  if (used_fanout(level) > kMostChildren)
    found.push_back({Violation::Kind::fanout,
                     fmt::format("{} uses {} children, the profile lists at most {}", name,
                                 used_fanout(level), kMostChildren),
                     "lower the spatial factors of this level"});
  for (const DimId dim : ids<DimId>(problem.dims.size()))
    if (uses(level.spatial_x, dim) && uses(level.spatial_y, dim))
      found.push_back(
          {Violation::Kind::structure,
           fmt::format("{} unrolls {} along both X and Y", name, problem.dims[dim].name),
           "unroll a dimension along one of them"});
}

void check_capacity(const Arch& arch, const Problem& problem, const Mapping& mapping, std::size_t s,
                    Violations& found) {
  const Level& level = arch.levels[s];
  if (!level.size_words) return;
  const auto usable = static_cast<std::int64_t>(
      std::floor(static_cast<double>(*level.size_words) / level.multiple_buffering));
  std::int64_t needed = 0;
  std::string parts;
  for (const SpaceId space : ids<SpaceId>(problem.spaces.size())) {
    if (!keeps(mapping, s, space)) continue;
    const std::int64_t tile = tile_size(problem, mapping, space, s);
    needed = checked_add(needed, tile);
    parts += fmt::format("{}{} {}", parts.empty() ? "" : " + ", problem.spaces[space].name, tile);
  }
  if (needed > usable)
    found.push_back({Violation::Kind::capacity,
                     fmt::format("{} holds {} words, the tiles need {} ({})", level.name, usable,
                                 needed, parts),
                     "shrink a tile or let a tensor bypass this level"});
}

void check_kept(const Problem& problem, const Mapping& mapping, Violations& found) {
  for (const SpaceId space : ids<SpaceId>(problem.spaces.size())) {
    bool kept = false;
    for (std::size_t s = 0; s < mapping.levels.size(); ++s) kept |= keeps(mapping, s, space);
    if (!kept)
      found.push_back({Violation::Kind::structure,
                       fmt::format("{} is stored in no level", problem.spaces[space].name),
                       "keep it in one level at least"});
  }
}

}  // namespace

std::vector<Violation> check(const Arch& arch, const Problem& problem, const Mapping& mapping) {
  Violations found;
  check_shape(arch, problem, mapping, found);
  if (!found.empty()) return found;
  check_factors(problem, mapping, found);
  check_kept(problem, mapping, found);
  for (std::size_t s = 0; s < arch.levels.size(); ++s) {
    check_fanout(arch, problem, mapping, s, found);
    check_capacity(arch, problem, mapping, s, found);
  }
  return found;
}

}  // namespace tileloom::cost::timeloop
