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
  /// If nothing is reached: one plain mapping for each of the most promising placements and numbers
  /// of positions, all loops over time outermost. It may not fit.
  std::vector<std::vector<PathNode>> promising;
};

/// `known`: the score of a mapping. Telling what is promising may take an eighth more than the
/// budget.
RaggedFloor ragged_floor(const Terrain& terrain, const cost::Objective& objective,
                         const Budget& budget, const cost::Score& known);

/// True if nothing is better than `score`.
bool reaches(const cost::Score& score, const RaggedFloor& floor, const cost::Objective& objective);

}  // namespace tileloom::mapper::product
