#pragma once
// Branch and bound over the level-structured space of mapper/mapspace, under any constraints.
// docs/mapping_search.md, section 3.

#include <optional>
#include <vector>

#include "tileloom/mapper/mapper.hpp"
#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper {

/// The answer in the level-structured space with perfect factors: all Stores of a memory together.
MapResult search_levels(const Problem& problem, const MapSpace& space, const Budget& budget,
                        const OnProgress& on_progress);

/// The same with imperfect factors. With `known`, the score
/// of a mapping found elsewhere, only better ones are sought: an answer without a tree that is
/// `infeasible` proves that there are none.
MapResult search_imperfect_levels(const Problem& problem, const MapSpace& space,
                                  const Budget& budget, const OnProgress& on_progress,
                                  const std::optional<cost::Score>& known);

/// A good mapping without a proof.
struct Descents {
  std::optional<cost::Score> score;
  std::vector<PathNode> path;
  std::int64_t evaluations = 0;
};

/// Descends from the most promising spatial choices (docs/mapping_search.md, section 4).
Descents descend_levels(const Problem& problem, const MapSpace& space, const Budget& budget);

/// One plain mapping, loops over time as far out as they may stand, for each of so many complete
/// outer nodes with imperfect factors, the most promising first; none need fit.
std::vector<std::vector<PathNode>> promising_levels(const Problem& problem, const MapSpace& space,
                                                    std::size_t count);

}  // namespace tileloom::mapper
