#pragma once
// What no mapping with imperfect factors can beat: best first over placements and numbers of
// positions, with the bounds that do not ask tiles to divide. docs/exact_mapper.md, section 6.

#include "tileloom/mapper/exact/product/terrain.hpp"
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper::product {

struct RaggedFloor {
  cost::Score lower_bound;  ///< of every mapping, or `known` if that is less; zero: not covered
  bool reached = false;     ///< nothing is better than `known`
  std::int64_t evaluations = 0;
};

/// `known`: the score of a mapping.
RaggedFloor ragged_floor(const Terrain& terrain, const cost::Objective& objective,
                         const Budget& budget, const cost::Score& known);

}  // namespace tileloom::mapper::product
