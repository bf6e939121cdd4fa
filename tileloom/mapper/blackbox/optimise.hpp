#pragma once
// The one file that knows pagmo2.

#include "tileloom/mapper/blackbox/blackbox.hpp"

namespace tileloom::mapper {

/// Runs the optimiser until the judge has spent its budget.
void optimise(const BlackboxOptions& options, const GenomeSpace& space, std::uint64_t seed,
              GenomeJudge& judge);

}  // namespace tileloom::mapper
