#pragma once
// Timeloop's cost model: an architecture, a problem and a mapping in, counts, cycles, energy out.

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/mapping.hpp"
#include "tileloom/cost/profiles/timeloop/problem.hpp"
#include "tileloom/cost/profiles/timeloop/stats.hpp"

namespace tileloom::cost::timeloop {

struct Options {
  bool link_transfers = true;  ///< neighbours pass words on
  bool extrapolate = true;  ///< steady state after one iteration of a loop; off: every one walked
};

/// Statistics of a mapping that check() found nothing wrong with.
/// Throws OverflowError if a count leaves 64 bits (or 2^53 where Timeloop's formula is fractional).
Stats evaluate(const Arch& arch, const Problem& problem, const Mapping& mapping,
               const Options& options = {});

}  // namespace tileloom::cost::timeloop
