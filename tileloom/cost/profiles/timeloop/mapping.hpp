#pragma once
// Timeloop's mapping: per storage level its loops, its unrolling over the children and what it
// keeps.

#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/timeloop/problem.hpp"

namespace tileloom::cost::timeloop {

/// A loop over `dim` of `count` iterations.
struct Factor {
  DimId dim{};
  std::int64_t count = 1;
  bool operator==(const Factor&) const = default;
};

/// Every list is ordered outer to inner. From outside in the program is: temporal loops of the
/// level, spatial_y, spatial_x, then the next inner level. Dims not listed have factor 1.
struct LevelMapping {
  std::vector<Factor> temporal;
  std::vector<Factor> spatial_x;  ///< unrolled over the X fan-out to the next inner level
  std::vector<Factor> spatial_y;  ///< the same for Y; child id = y · ∏ spatial_x + x
  std::vector<SpaceId> keep;      ///< stored here; every other dataspace bypasses the level
  bool operator==(const LevelMapping&) const = default;
};

/// Levels innermost first, as in Arch.
struct Mapping {
  std::vector<LevelMapping> levels;
  bool operator==(const Mapping&) const = default;
};

/// Whether level `s` stores `space`.
bool keeps(const Mapping& mapping, std::size_t s, SpaceId space);
/// ∏ of the counts; 1 for no loop.
std::int64_t product(const std::vector<Factor>& factors);
/// Children of one instance of level `s` in use: ∏ spatial_x · ∏ spatial_y.
std::int64_t used_fanout(const LevelMapping& level);
/// rep_s: instances of level `s` in use over the whole chip, the product of used fan-outs above it.
std::int64_t used_instances(const Mapping& mapping, std::size_t s);
/// ∏ of all temporal factors: the cycles of the nest at full speed.
std::int64_t temporal_steps(const Mapping& mapping);

}  // namespace tileloom::cost::timeloop
