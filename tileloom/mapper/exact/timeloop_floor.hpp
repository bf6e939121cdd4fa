#pragma once
// What no mapping can beat by Timeloop's conventions. docs/exact_mapper.md, section 9.

#include "tileloom/mapper/timeloop_scorer.hpp"

namespace tileloom::mapper {

/// The least over all placements of the score of (cycles, energy) that (T2) to (T5) leave.
cost::Score timeloop_floor(const MapSpace& space, const TimeloopNouns& nouns,
                           const cost::Objective& objective);

}  // namespace tileloom::mapper
