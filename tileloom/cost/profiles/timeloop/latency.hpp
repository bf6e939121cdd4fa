#pragma once
// Cycles under bandwidth limits, with everything overlapped (reference text 2.8).

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/stats.hpp"

namespace tileloom::cost::timeloop {

/// Sets cycles and slowdown of a level from its counts:
///     slowdown = min(1, read/demand_r, write/demand_w, shared/(demand_r + demand_w))
///     cycles   = ⌈compute / slowdown⌉
/// demand_r = Σ reads/compute, demand_w = Σ (fills + updates)/compute [words per cycle].
void throttle(LevelStats& stats, const Bandwidth& bandwidth, Cycles compute);

}  // namespace tileloom::cost::timeloop
