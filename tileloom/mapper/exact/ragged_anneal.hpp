#pragma once
// Simulated annealing over paths with imperfect factors: better answers, no proof.
// docs/exact_mapper.md, section 6.

#include <span>

#include "tileloom/mapper/exact/ragged_polish.hpp"

namespace tileloom::mapper {

/// Walks from `others`, which need not fit, and then from the best of these or `start`, a legal
/// mapping that fits, for the budget's evaluations; the best mapping seen, `start` included. The
/// same whatever the budget's seed and threads.
Polished anneal_ragged(const MapSpace& space, const cost::Objective& objective, Polished start,
                       std::span<const std::vector<PathNode>> others, const Budget& budget);

}  // namespace tileloom::mapper
